using System.Net.Http.Headers;
using Microsoft.AspNetCore.Http;
using RemixProxy.Adapters;
using RemixProxy.Contract;
using RemixProxy.Exchanges;
using RemixProxy.Jobs;
using RemixProxy.Providers;

namespace RemixProxy.Operations.Content;

/// <summary>Fetches the bytes of outputs for our own use: to hand them to another provider, or into a base64 entry.</summary>
internal sealed class ContentSource(ExchangeRunner runner, JobPolls polls, BodyBudget budget, TimeProvider time)
{
    /// <summary>The output as a file that streams from its source when it is sent; fetched before where its length is unknown.</summary>
    /// <exception cref="ApiException">It can't be fetched, or is larger than <paramref name="limit"/> bytes.</exception>
    public async Task<MediaFile> HandOverAsync(VideoCall call, Provider provider, VideoJob job, NativeOutput output, long limit, CancellationToken deadline)
    {
        var type = VideoType(output.ContentType);
        if (output.IsInline)
        {
            var (inlineType, inline) = await polls.InlineAsync(call, provider, job, output, deadline);
            if (ContentHeaders.Served(inlineType) is null) throw new ApiException(Unavailable(StatusCodes.Status200OK));
            return Within(inline.Length, limit) ? MediaFile.From("video.mp4", VideoType(inlineType), inline) : throw TooLarge(limit);
        }

        var response = await OpenAsync(call, provider, job, output, deadline);
        call.Context.Response.RegisterForDispose(response);
        if (response.Content.Headers.ContentLength is { } length)
            return Within(length, limit) ? new("video.mp4", type, length, async ct => await response.Content.ReadAsStreamAsync(ct)) : throw TooLarge(limit);
        var lease = budget.Rent();
        call.Context.Response.RegisterForDispose(lease);
        lease.Add(limit);
        return MediaFile.From("video.mp4", type, await ReadAsync(response, limit, deadline));
    }

    /// <summary>The bytes of an output.</summary>
    /// <exception cref="ApiException">They can't be fetched, or are more than <paramref name="limit"/>.</exception>
    public async Task<byte[]> ReadAsync(VideoCall call, Provider provider, VideoJob job, NativeOutput output, long limit, CancellationToken deadline)
    {
        if (output.IsInline)
        {
            var (_, inline) = await polls.InlineAsync(call, provider, job, output, deadline);
            return Within(inline.Length, limit) ? inline : throw TooLarge(limit);
        }

        using var timeout = new CancellationTokenSource(provider.Options.Timeout, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(deadline, timeout.Token);
        try
        {
            using var response = await OpenAsync(call, provider, job, output, linked.Token);
            return response.Content.Headers.ContentLength is { } length && !Within(length, limit) ? throw TooLarge(limit) : await ReadAsync(response, limit, linked.Token);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested)
        {
            throw new ApiException(Failures.TimedOut);
        }
    }

    private async Task<HttpResponseMessage> OpenAsync(VideoCall call, Provider provider, VideoJob job, NativeOutput output, CancellationToken deadline)
    {
        var exchange = new OutboundExchange(provider, provider.Adapter.Content(job.Id.Native, output, "video")) { Streams = true };
        using var timeout = new CancellationTokenSource(provider.Options.Timeout, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(deadline, timeout.Token);
        try
        {
            var response = await runner.FetchAsync(call, exchange, linked.Token);
            if (response.StatusCode == System.Net.HttpStatusCode.OK && ContentHeaders.IsMedia(response)) return response;
            using (response) await VideoTransformProvider.ReadRefusalAsync(exchange, response, linked.Token);
            throw new ApiException(Refused(exchange, exchange.Response!, runner.RetryAfter(exchange.Response!)));
        }
        catch (OperationCanceledException) when (!deadline.IsCancellationRequested)
        {
            // Connecting or the first answer took too long.
            throw new ApiException(Failures.TimedOut);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new ApiException(Unreachable(e));
        }
    }

    private static async Task<byte[]> ReadAsync(HttpResponseMessage response, long limit, CancellationToken deadline)
    {
        try
        {
            using var buffer = new MemoryStream();
            await using var stream = await response.Content.ReadAsStreamAsync(deadline);
            var chunk = new byte[64 * 1024];
            int read;
            while ((read = await stream.ReadAsync(chunk, deadline)) > 0)
            {
                if (buffer.Length + read > limit) throw TooLarge(limit);
                await buffer.WriteAsync(chunk.AsMemory(0, read), deadline);
            }

            return buffer.ToArray();
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new ApiException(Unreachable(e));
        }
    }

    /// <summary>What a source that answers without media means to callers.</summary>
    /// <param name="exchange">What it was asked.</param>
    /// <param name="response">Its answer.</param>
    /// <param name="wait">How long it asks to wait.</param>
    public static ApiError Refused(OutboundExchange exchange, NativeResponse response, TimeSpan? wait) =>
        IsAuthFailure(exchange, response) ? Failures.AuthFailed(exchange.Provider) : Unavailable(response.Status, wait);

    // It refused this proxy's key, not a URL whose time is over.
    private static bool IsAuthFailure(OutboundExchange exchange, NativeResponse response) =>
        exchange.KeySent && response.Status is 401 or 402 or 403 && exchange.Provider.Adapter.ReadError(response).Kind != ProviderErrorKind.Expired;

    /// <summary>What a source that can't be reached means to callers.</summary>
    public static ApiError Unreachable(Exception? failure) => MisdirectedException.IsIn(failure)
        ? new(502, "provider_invalid_response", "The provider's address of the bytes leads to where this proxy doesn't go. Its operator finds the host in the log; AssetHosts allows it.") { Retryable = false }
        : new(503, "provider_unavailable", "The video's bytes can't be reached. Try again later.");

    /// <summary>What a source that gave no media means, by its HTTP status alone.</summary>
    public static ApiError Unavailable(int status, TimeSpan? wait = null) => status switch
    {
        403 or 404 or 410 => ApiError.VideoExpired,
        429 => new(429, "rate_limit_exceeded", "The provider serves no more downloads now.") { RetryAfter = Failures.Seconds(wait), Retryable = true },
        >= 200 and < 300 => new(502, "provider_invalid_response", "The provider sent something that is no video. Try again later."),
        _ => new(502, "provider_error", "The provider could not serve the video's bytes. Try again later."),
    };

    // What a provider calls its clip goes to another provider: only a video's type, and nothing else with it.
    private static string VideoType(string? type) =>
        MediaTypeHeaderValue.TryParse(type, out var parsed) && parsed.MediaType is { } video && video.StartsWith("video/", StringComparison.OrdinalIgnoreCase) ? video : "video/mp4";

    private static bool Within(long length, long limit) => length <= limit;

    private static ApiException TooLarge(long limit) =>
        new(new(413, "request_too_large", Invariant($"The video is larger than the {limit} bytes that are carried this way.")));
}
