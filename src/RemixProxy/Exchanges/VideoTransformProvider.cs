using System.Buffers;
using System.IO.Compression;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using RemixProxy.Adapters;
using RemixProxy.Operations;
using RemixProxy.Pipeline;
using Yarp.ReverseProxy.Transforms;
using Yarp.ReverseProxy.Transforms.Builder;

namespace RemixProxy.Exchanges;

/// <summary>Puts the native exchange on the messages of our routes. Headers cross only where they are named.</summary>
internal sealed class VideoTransformProvider : ITransformProvider
{
    /// <summary>The longest native answer that is read whole, in bytes; inline clips are far below it.</summary>
    public const int MaxNativeBytes = 32 << 20;

    /// <summary>How much is read of an error in place of media, in bytes.</summary>
    private const int MaxErrorBytes = 16 << 10;

    public void ValidateRoute(TransformRouteValidationContext context)
    {
    }

    public void ValidateCluster(TransformClusterValidationContext context)
    {
    }

    public void Apply(TransformBuilderContext context)
    {
        if (context.Route.Metadata?.ContainsKey(RemixProxyConfigProvider.OperationKey) != true) return;
        context.CopyRequestHeaders = false;
        context.CopyResponseHeaders = false;
        context.CopyResponseTrailers = false;
        context.UseDefaultForwarders = false;
        context.AddRequestTransform(Request);
        context.AddResponseTransform(ResponseAsync);
    }

    private static ValueTask Request(RequestTransformContext context)
    {
        context.HttpContext.Features.GetRequiredFeature<VideoCall>().Exchange!.Prepare(context.ProxyRequest, context.DestinationPrefix);
        return ValueTask.CompletedTask;
    }

    private static async ValueTask ResponseAsync(ResponseTransformContext context)
    {
        if (context.ProxyResponse is not { } response) return;
        var exchange = context.HttpContext.Features.GetRequiredFeature<VideoCall>().Exchange!;
        if (exchange.Streams && ContentHeaders.TryCopy(response, context.HttpContext.Response))
        {
            exchange.Streamed = true;
            context.SuppressResponseBody = HttpMethods.IsHead(context.HttpContext.Request.Method);
            return;
        }

        context.SuppressResponseBody = true;
        if (exchange.Streams) await ReadRefusalAsync(exchange, response, context.CancellationToken);
        else await ReadAsync(exchange, response, context.CancellationToken);
    }

    /// <summary>
    /// Reads what a source without media says into its exchange: the status and the headers tell enough, but for a refused key, whose body is read a little way. It may be a page without end.
    /// </summary>
    public static async Task ReadRefusalAsync(OutboundExchange exchange, HttpResponseMessage response, CancellationToken cancellationToken) =>
        exchange.Response = new((int)response.StatusCode, HeadersOf(response), IsKeyRefused(exchange, response) ? await BeginningAsync(response, cancellationToken) : default);

    private static bool IsKeyRefused(OutboundExchange exchange, HttpResponseMessage response) => exchange.KeySent && (int)response.StatusCode is 401 or 402 or 403;

    private static async Task<ReadOnlyMemory<byte>> BeginningAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            var buffer = new byte[MaxErrorBytes];
            await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
            var read = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
            return buffer.AsMemory(0, read);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return default;
        }
    }

    /// <summary>Reads a response whole into its exchange; one that breaks off or is too long marks it broken.</summary>
    public static async Task ReadAsync(OutboundExchange exchange, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            var body = await ReadBodyAsync(response.Content, cancellationToken);
            exchange.Response = new((int)response.StatusCode, HeadersOf(response), body);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or InvalidDataException or OperationCanceledException)
        {
            exchange.Broken = true;
        }
    }

    private static Dictionary<string, string> HeadersOf(HttpResponseMessage response)
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, values) in response.Headers.NonValidated) headers[name] = values.ToString();
        foreach (var (name, values) in response.Content.Headers.NonValidated) headers[name] = values.ToString();
        return headers;
    }

    private static async Task<ReadOnlyMemory<byte>> ReadBodyAsync(HttpContent content, CancellationToken cancellationToken)
    {
        await using var raw = await content.ReadAsStreamAsync(cancellationToken);
        await using var stream = content.Headers.ContentEncoding.LastOrDefault() switch
        {
            "gzip" or "x-gzip" => new GZipStream(raw, CompressionMode.Decompress),
            "br" => new BrotliStream(raw, CompressionMode.Decompress),
            "deflate" => new ZLibStream(raw, CompressionMode.Decompress),
            _ => raw,
        };
        var buffer = new ArrayBufferWriter<byte>(4 * 1024);
        int read;
        while ((read = await stream.ReadAsync(buffer.GetMemory(), cancellationToken)) > 0)
        {
            buffer.Advance(read);
            if (buffer.WrittenCount > MaxNativeBytes) throw new InvalidDataException("The native response is too long.");
        }

        return buffer.WrittenMemory;
    }
}
