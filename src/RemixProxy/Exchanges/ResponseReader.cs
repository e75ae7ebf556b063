using System.IO.Compression;
using RemixProxy.Adapters;
using RemixProxy.Contract;

namespace RemixProxy.Exchanges;

/// <summary>Reads native responses up to a size limit.</summary>
internal static class ResponseReader
{
    /// <summary>The longest native answer that the proxy reads, in bytes. Inline clips are far smaller.</summary>
    public const int MaxBytes = 32 << 20;

    /// <summary>How much the proxy reads of an error in place of media, in bytes.</summary>
    private const int MaxErrorBytes = 16 << 10;

    /// <summary>Reads a whole response.</summary>
    /// <exception cref="InvalidDataException">The response is too long, or does not match its content encoding.</exception>
    public static async Task<NativeResponse> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        await using var raw = await response.Content.ReadAsStreamAsync(cancellationToken);
        await using var stream = response.Content.Headers.ContentEncoding.LastOrDefault()?.ToLowerInvariant() switch
        {
            "gzip" or "x-gzip" => new GZipStream(raw, CompressionMode.Decompress),
            "br" => new BrotliStream(raw, CompressionMode.Decompress),
            "deflate" => new ZLibStream(raw, CompressionMode.Decompress),
            _ => raw,
        };
        try
        {
            var body = await BoundedRead.ToEndAsync(stream, MaxBytes, cancellationToken) ?? throw new InvalidDataException("The native response is too long.");
            return new((int)response.StatusCode, HeadersOf(response), body);
        }
        catch (InvalidOperationException e)
        {
            // So the Brotli stream, unlike the others, calls bytes that it can't decode.
            throw new InvalidDataException("The native response does not match its content encoding.", e);
        }
    }

    /// <summary>Reads a response's status and headers and, if <paramref name="withBody"/>, the beginning of its body.</summary>
    public static async Task<NativeResponse> ReadBeginningAsync(HttpResponseMessage response, bool withBody, CancellationToken cancellationToken) =>
        new((int)response.StatusCode, HeadersOf(response), withBody ? await BeginningAsync(response, cancellationToken) : default);

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

    private static Dictionary<string, string> HeadersOf(HttpResponseMessage response)
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, values) in response.Headers.NonValidated) headers[name] = values.ToString();
        foreach (var (name, values) in response.Content.Headers.NonValidated) headers[name] = values.ToString();
        return headers;
    }
}
