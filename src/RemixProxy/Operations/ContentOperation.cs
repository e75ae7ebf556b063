using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.AspNetCore.Http;
using RemixProxy.Adapters;
using RemixProxy.Cache;
using RemixProxy.Contract;
using RemixProxy.Exchanges;
using RemixProxy.Jobs;
using RemixProxy.Providers;
using RemixProxy.Telemetry;

namespace RemixProxy.Operations;

/// <summary>Serves the bytes of a video, streamed through YARP.</summary>
internal sealed class ContentOperation(
    VideoIdResolver ids, JobPolls polls, CacheEntries entries, ContentSource source, LateBytes late, ExchangeSender sender, ClipBudget budget,
    VideoMetrics metrics)
    : IVideoOperation
{
    public const string DefaultVariant = "video";

    private static readonly ApiError NoSuchRange = new(416, "invalid_value", "The video has no bytes in this range.", "Range");

    public VideoOperation Operations => VideoOperation.Content;

    public async Task<ApiError?> AnswerAsync(VideoCall call)
    {
        if (!(await ids.ResolveAsync(call)).TryGet(out var found, out var error)) return error;
        var (id, provider, known) = found;
        if (ReadVariant(call, provider, out var variant) is { } noVariant) return noVariant;
        if (!IsIfRange(call.Http.Request)) return ApiError.Invalid("If-Range", "'If-Range' must be an entity tag or an HTTP date.");
        if (!TryReadIndex(call.Http.Request, out var index)) return ApiError.Invalid("index", "'index' must be a whole number from 0.");
        if (!(await polls.FindAsync(call.Context, provider, id, known)).TryGet(out var job, out error)) return error;
        error = await ServeAsync(call, provider, job, index, variant);
        if (error?.Code == ApiError.VideoExpired.Code && variant == DefaultVariant) await entries.EvictAsync(job);
        return error;
    }

    /// <summary>Reads which output a request for content means.</summary>
    public static bool TryReadIndex(HttpRequest request, out int index)
    {
        index = 0;
        return request.Query["index"].ToString() is not { Length: > 0 } text
            || int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out index);
    }

    private async Task<ApiError?> ServeAsync(VideoCall call, Provider provider, VideoJob job, int index, string variant)
    {
        if (job.Video.Status == VideoStatus.Failed) return ApiError.VideoFailed;
        if (job.Video.Status != VideoStatus.Completed) return ApiError.NotReady;
        if (index >= job.Outputs.Count) return ApiError.Invalid("index", $"The video has {job.Outputs.Count} outputs; 'index' counts from 0.");
        if (job.Outputs[index] is { IsInline: true } inline) return await ServeInlineAsync(call, provider, job, inline);

        var result = await StreamAsync(call, provider, job, job.Outputs[index], variant);
        // The URL may be dead: the provider is asked once for a fresh one.
        if (result is ExchangeResult.Answered { Response.Status: 401 or 403 or 404 or 410 }
            && await polls.RefreshAsync(call.Context, provider, job) is { } refreshed)
        {
            if (!refreshed.TryGet(out var fresh, out var error)) return error;
            if (index >= fresh.Outputs.Count) return ApiError.VideoExpired;
            if (fresh.Outputs[index] is { IsInline: true } now) return await ServeInlineAsync(call, provider, fresh, now);
            job = fresh;
            result = await StreamAsync(call, provider, job, job.Outputs[index], variant);
        }

        result = await late.AskAgainAsync(result, job, () => StreamAsync(call, provider, job, job.Outputs[index], variant), call.CallerGone);
        var refusal = ErrorOf(result, call, provider);
        return refusal == NoSuchRange || refusal == CallFailures.CallerGone ? refusal : refusal?.Because(ExchangeCause.Of(result, provider));
    }

    private static ApiError? ErrorOf(ExchangeResult result, VideoCall call, Provider provider)
    {
        switch (result)
        {
            case ExchangeResult.Streamed { Cause: null }:
                return null;
            case ExchangeResult.Streamed { Cause: Interruption.Cancelled } or ExchangeResult.NoAnswer { Cause: Interruption.Cancelled }:
                return CallFailures.CallerGone;
            // The answer has begun. The caller sees the broken connection.
            case ExchangeResult.Streamed when call.Http.Response.HasStarted:
                return null;
            case ExchangeResult.Streamed { Cause: Interruption.TimedOut } or ExchangeResult.NoAnswer { Cause: Interruption.TimedOut }:
                return Failures.TimedOut;
            case ExchangeResult.Streamed:
                return Failures.Broken;
            case ExchangeResult.NoAnswer { Cause: Interruption.Unsigned }:
                return Failures.NoCredential(provider);
            case ExchangeResult.NoAnswer { Failure: var failure }:
                return ContentFailures.Unreachable(failure);
            case ExchangeResult.Answered { Response: { Status: StatusCodes.Status416RangeNotSatisfiable } response }:
                if (response.Headers.TryGetValue("Content-Range", out var range) && ContentHeaders.LengthOf(range) is { } length)
                    call.Http.Response.Headers.ContentRange = length;
                return NoSuchRange;
            case ExchangeResult.Answered answered:
                return ContentFailures.Refused(answered, provider);
            default:
                throw new InvalidOperationException($"Unexpected result {result.GetType()}.");
        }
    }

    private Task<ExchangeResult> StreamAsync(VideoCall call, Provider provider, VideoJob job, NativeOutput output, string variant)
    {
        // A HEAD is sent as GET too, because a signed URL is often valid for one method only. The body is then not read.
        var request = provider.Adapter.Content(job.Id.Native, output, variant);
        var exchange = new OutboundExchange(provider, request) { Streams = true, CallerHeaders = [.. HeadersFor(call.Http.Request)] };
        return sender.StreamAsync(call.Context, call.Http, exchange);
    }

    private async Task<ApiError?> ServeInlineAsync(VideoCall call, Provider provider, VideoJob job, NativeOutput output)
    {
        using var lease = budget.Rent();
        var read = await source.InlineAsync(call.Context, provider, job, output, lease, call.CallerGone);
        if (!read.TryGet(out var content, out var error)) return error;
        if (MediaTypes.Served(content.ContentType) is not { } type) return ContentFailures.Unavailable(StatusCodes.Status200OK);
        await using var bytes = await content.Open(call.CallerGone);
        var (request, response) = (call.Http.Request, call.Http.Response);
        response.Headers.CacheControl = "private";
        response.Headers.XContentTypeOptions = "nosniff";
        try
        {
            using (SentBytesStream.Count(response, count => metrics.Sent(provider.Name, count)))
            {
                // The clip has no tag and no date that a condition could meet, so a conditional range is the whole.
                await TypedResults.Stream(bytes, type, enableRangeProcessing: request.Headers.IfRange.Count == 0).ExecuteAsync(call.Http);
            }
        }
        catch (Exception e) when (e is IOException or TimeoutException && !call.CallerGone.IsCancellationRequested)
        {
            await source.NoteBreakAsync(job, bytes);
            if (!response.HasStarted) return (e is TimeoutException ? Failures.TimedOut : Failures.Broken).Because(e.Message);
            // The answer has begun. The caller sees the broken connection.
            call.Http.Abort();
        }

        return response.StatusCode == StatusCodes.Status416RangeNotSatisfiable ? NoSuchRange : null;
    }

    // A source answers several ranges with a multipart body, which is no video. So these headers are left out, as are odd ones, and the source sends the whole
    // file.
    private static IEnumerable<KeyValuePair<string, string>> HeadersFor(HttpRequest request)
    {
        var isRange = RangeHeaderValue.TryParse(request.Headers.Range.ToString(), out var range) && range.Ranges.Count == 1;
        foreach (var name in ContentHeaders.OfRange)
        {
            var value = request.Headers[name].ToString();
            if (value.Length > 0 && Ascii.IsValid(value) && (isRange || name is not ("Range" or "If-Range"))) yield return new(name, value);
        }
    }

    // Without a range it says nothing, but a client that means one is better told.
    private static bool IsIfRange(HttpRequest request) =>
        request.Headers.IfRange.ToString() is not { Length: > 0 } text || (Ascii.IsValid(text) && RangeConditionHeaderValue.TryParse(text, out _));

    private static ApiError? ReadVariant(VideoCall call, Provider provider, out string variant)
    {
        var name = call.Http.Request.Query["variant"].ToString() is { Length: > 0 } text ? text : DefaultVariant;
        variant = name;
        if (provider.Profile.Variants.Contains(name)) return null;
        var who = call.Providers.WhoCan("have it", p => p.Profile.Variants.Contains(name)) ?? $"It has: {string.Join(", ", provider.Profile.Variants)}.";
        return new(400, "unsupported_variant", $"{provider.Name} has no such variant. {who}", "variant");
    }
}
