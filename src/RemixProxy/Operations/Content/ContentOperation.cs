using System.Globalization;
using Microsoft.AspNetCore.Http;
using RemixProxy.Cache;
using RemixProxy.Contract;
using RemixProxy.Exchanges;
using RemixProxy.Jobs;
using RemixProxy.Pipeline;
using RemixProxy.Providers;
using RemixProxy.Telemetry;
using Yarp.ReverseProxy.Forwarder;

namespace RemixProxy.Operations.Content;

/// <summary>The bytes of a video, streamed through YARP.</summary>
internal sealed class ContentOperation(VideoIdResolver ids, JobPolls polls, CacheEntries entries, ExchangeRunner runner, Drain drain, VideoMetrics metrics) : IVideoOperation
{
    private const string DefaultVariant = "video";

    private static readonly ApiError NoSuchRange = new(416, "invalid_value", "The video has no bytes in this range.", "Range");

    public VideoOperation Operations => VideoOperation.Content;

    public async Task AnswerAsync(VideoCall call)
    {
        using var underWay = drain.Enter();
        var (id, provider, known) = await ids.ResolveAsync(call, call.PathId ?? "", "video_id", call.CallerGone);
        var variant = Variant(call.Context.Request, provider, call);
        var index = Index(call.Context.Request);
        var job = await polls.FindAsync(call, provider, id, known);
        try
        {
            await ServeAsync(call, provider, job, index, variant);
        }
        catch (ApiException e) when (e.Error.Code == ApiError.VideoExpired.Code && variant == DefaultVariant)
        {
            await entries.EvictAsync(job);
            throw;
        }
    }

    private async Task ServeAsync(VideoCall call, Provider provider, VideoJob job, int index, string variant)
    {
        if (job.Video.Status == VideoStatus.Failed) throw new ApiException(ApiError.VideoFailed);
        if (job.Video.Status != VideoStatus.Completed) throw new ApiException(ApiError.NotReady);
        if (index >= job.Outputs.Count) throw new ApiException(ApiError.Invalid("index", $"The video has {job.Outputs.Count} outputs; 'index' counts from 0."));

        var exchange = await FetchAsync(call, provider, job, index, variant);
        if (exchange is { Response: not null, Streamed: false } && IsDead(exchange.Response.Status) && await polls.RefreshAsync(call, provider, job) is { } fresh)
            exchange = await FetchAsync(call, provider, fresh, index, variant);

        if (exchange is null || (exchange.Streamed && (call.Context.Response.HasStarted || call.Context.GetForwarderErrorFeature() is null))) return;
        throw Failure(call.Context, exchange);
    }

    private async Task<OutboundExchange?> FetchAsync(VideoCall call, Provider provider, VideoJob job, int index, string variant)
    {
        var output = index < job.Outputs.Count ? job.Outputs[index] : throw new ApiException(ApiError.VideoExpired);
        if (output.IsInline)
        {
            var (type, bytes) = await polls.InlineAsync(call, provider, job, output, call.CallerGone);
            await ServeAsync(call.Context, provider, ContentHeaders.Served(type), bytes);
            return null;
        }

        // A GET also for HEAD: a signed URL is often valid for one method only. Its body is then not read.
        var request = provider.Adapter.Content(job.Id.Native, output, variant);
        var exchange = new OutboundExchange(provider, request) { Streams = true, CallerHeaders = [.. HeadersFor(call.Context.Request)] };
        await runner.StreamAsync(call, exchange);
        return exchange;
    }

    private async Task ServeAsync(HttpContext context, Provider provider, string? type, byte[] bytes)
    {
        if (type is null) throw new ApiException(ContentSource.Unavailable(StatusCodes.Status200OK));
        context.Response.Headers.CacheControl = "private";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        await SentBytesStream.DuringAsync(context.Response, count => metrics.Sent(provider, count), () => TypedResults.Bytes(bytes, type, enableRangeProcessing: true).ExecuteAsync(context));
        if (context.Response.StatusCode == StatusCodes.Status416RangeNotSatisfiable) throw new ApiException(NoSuchRange);
    }

    // Of several ranges at once a source would make a multipart answer, which is no video: without them it sends the whole, as it may.
    private static IEnumerable<KeyValuePair<string, string>> HeadersFor(HttpRequest request) =>
        ContentHeaders.OfRange.Where(name => request.Headers.ContainsKey(name) && !(name is "Range" or "If-Range" && request.Headers.Range.ToString().Contains(',')))
            .Select(name => KeyValuePair.Create(name, request.Headers[name].ToString()));

    private ApiException Failure(HttpContext context, OutboundExchange exchange)
    {
        if (exchange.TimedOut) return new(Failures.TimedOut);
        if (exchange.Streamed) return new(Failures.Broken);
        if (exchange.Response is not { } response) return new(ContentSource.Unreachable(context.GetForwarderErrorFeature()?.Exception));
        if (response.Status != StatusCodes.Status416RangeNotSatisfiable)
            return new(ContentSource.Refused(exchange, response, runner.RetryAfter(response)));
        if (response.Headers.TryGetValue("Content-Range", out var range)) context.Response.Headers.ContentRange = range;
        return new(NoSuchRange);
    }

    private static bool IsDead(int status) => status is 401 or 403 or 404 or 410;

    private static string Variant(HttpRequest request, Provider provider, VideoCall call)
    {
        var variant = request.Query["variant"].ToString() is { Length: > 0 } text ? text : DefaultVariant;
        if (provider.Profile.Variants.Contains(variant)) return variant;
        var able = call.Providers.Providers.Where(p => p.Profile.Variants.Contains(variant)).Select(p => p.Name).ToArray();
        var who = able.Length > 0 ? $"These have it: {string.Join(", ", able)}." : $"It has: {string.Join(", ", provider.Profile.Variants)}.";
        throw new ApiException(new(400, "unsupported_variant", $"{provider.Name} has no such variant. {who}", "variant"));
    }

    private static int Index(HttpRequest request)
    {
        if (request.Query["index"].ToString() is not { Length: > 0 } text) return 0;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? index : throw new ApiException(ApiError.Invalid("index", "'index' must be a whole number from 0."));
    }
}
