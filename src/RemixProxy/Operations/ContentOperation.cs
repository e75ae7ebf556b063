using System.Globalization;
using Microsoft.AspNetCore.Http;
using RemixProxy.Cache;
using RemixProxy.Contract;
using RemixProxy.Exchanges;
using RemixProxy.Jobs;
using RemixProxy.Providers;
using RemixProxy.Telemetry;

namespace RemixProxy.Operations;

/// <summary>The bytes of a video, streamed through YARP.</summary>
internal sealed class ContentOperation(
    VideoIdResolver ids, JobPolls polls, CacheEntries entries, ContentSource source, ExchangeSender sender, BodyBudget budget, VideoMetrics metrics)
    : IVideoOperation
{
    private const string DefaultVariant = "video";

    private static readonly ApiError NoSuchRange = new(416, "invalid_value", "The video has no bytes in this range.", "Range");

    public VideoOperation Operations => VideoOperation.Content;

    public async Task AnswerAsync(VideoCall call)
    {
        var (id, provider, known) = await ids.ResolveAsync(call, call.PathId ?? "", "video_id", call.CallerGone);
        var variant = Variant(call, provider);
        var index = Index(call.Http.Request);
        var job = await polls.FindAsync(call.Context, provider, id, known);
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

        var result = await FetchAsync(call, provider, job, index, variant);
        if (result is ExchangeResult.Answered { Response.Status: 401 or 403 or 404 or 410 }
            && await polls.RefreshAsync(call.Context, provider, job) is { } fresh)
            result = await FetchAsync(call, provider, fresh, index, variant);
        switch (result)
        {
            case null or ExchangeResult.Streamed { Cause: null }:
                return;
            // What broke off under way has been told by the broken connection.
            case ExchangeResult.Streamed when call.Http.Response.HasStarted:
                return;
            case ExchangeResult.Streamed { Cause: Interruption.TimedOut } or ExchangeResult.NoAnswer { Cause: Interruption.TimedOut }:
                throw new ApiException(Failures.TimedOut);
            case ExchangeResult.Streamed:
                throw new ApiException(Failures.Broken);
            case ExchangeResult.NoAnswer { Failure: var failure }:
                throw new ApiException(ContentFailures.Unreachable(failure));
            case ExchangeResult.Answered { Response: { Status: StatusCodes.Status416RangeNotSatisfiable } response }:
                if (response.Headers.TryGetValue("Content-Range", out var range)) call.Http.Response.Headers.ContentRange = range;
                throw new ApiException(NoSuchRange);
            case ExchangeResult.Answered answered:
                throw new ApiException(ContentFailures.Refused(answered, provider));
            default:
                throw new InvalidOperationException($"Unexpected result {result.GetType()}.");
        }
    }

    /// <returns>How it ended; null where the bytes were at hand.</returns>
    private async Task<ExchangeResult?> FetchAsync(VideoCall call, Provider provider, VideoJob job, int index, string variant)
    {
        var output = index < job.Outputs.Count ? job.Outputs[index] : throw new ApiException(ApiError.VideoExpired);
        if (output.IsInline)
        {
            using var lease = budget.Rent();
            var (type, bytes) = await source.InlineAsync(call.Context, provider, job, output, lease, call.CallerGone);
            await ServeAsync(call.Http, provider, MediaTypes.Served(type), bytes);
            return null;
        }

        // A GET also for HEAD: a signed URL is often valid for one method only. Its body is then not read.
        var request = provider.Adapter.Content(job.Id.Native, output, variant);
        var exchange = new OutboundExchange(provider, request) { Streams = true, CallerHeaders = [.. HeadersFor(call.Http.Request)] };
        return await sender.StreamAsync(call.Context, call.Http, exchange);
    }

    private async Task ServeAsync(HttpContext context, Provider provider, string? type, byte[] bytes)
    {
        if (type is null) throw new ApiException(ContentFailures.Unavailable(StatusCodes.Status200OK));
        context.Response.Headers.CacheControl = "private";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        using (SentBytesStream.Count(context.Response, count => metrics.Sent(provider.Name, count)))
            await TypedResults.Bytes(bytes, type, enableRangeProcessing: true).ExecuteAsync(context);
        if (context.Response.StatusCode == StatusCodes.Status416RangeNotSatisfiable) throw new ApiException(NoSuchRange);
    }

    // Of several ranges at once a source would make a multipart answer, which is no video: without them it sends the whole, as it may.
    private static IEnumerable<KeyValuePair<string, string>> HeadersFor(HttpRequest request) =>
        ContentHeaders.OfRange.Where(
            name => request.Headers.ContainsKey(name) && !(name is "Range" or "If-Range" && request.Headers.Range.ToString().Contains(',')))
            .Select(name => KeyValuePair.Create(name, request.Headers[name].ToString()));

    private static string Variant(VideoCall call, Provider provider)
    {
        var variant = call.Http.Request.Query["variant"].ToString() is { Length: > 0 } text ? text : DefaultVariant;
        if (provider.Profile.Variants.Contains(variant)) return variant;
        var who = call.Providers.WhoCan("have it", p => p.Profile.Variants.Contains(variant)) ?? $"It has: {string.Join(", ", provider.Profile.Variants)}.";
        throw new ApiException(new(400, "unsupported_variant", $"{provider.Name} has no such variant. {who}", "variant"));
    }

    private static int Index(HttpRequest request)
    {
        if (request.Query["index"].ToString() is not { Length: > 0 } text) return 0;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var index)
            ? index
            : throw new ApiException(ApiError.Invalid("index", "'index' must be a whole number from 0."));
    }
}
