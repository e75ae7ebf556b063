using Microsoft.AspNetCore.Http;
using RemixProxy.Adapters;
using RemixProxy.Contract;
using RemixProxy.Exchanges;
using RemixProxy.Jobs;
using RemixProxy.Providers;

namespace RemixProxy.Operations;

/// <summary>Fetches the bytes of outputs for this proxy itself: to hand them to another provider, or to write a base64 entry.</summary>
/// <remarks>Each method returns bytes or an error. It throws <see cref="OperationCanceledException"/> when its deadline passes first.</remarks>
internal sealed class ContentSource(ExchangeSender sender, JobPolls polls, LateBytes late, TimeProvider time)
{
    private const string FileName = "video.mp4";

    /// <summary>The output as a file that streams from its source while it is sent. If its length is unknown, it is fetched first.</summary>
    /// <param name="call">The call that needs the bytes.</param>
    /// <param name="provider">The provider that has the output.</param>
    /// <param name="job">The job that the output belongs to.</param>
    /// <param name="output">The output.</param>
    /// <param name="limit">The largest output, in bytes; a larger one is an error.</param>
    /// <param name="lease">Counts the bytes that are held, and keeps the source open.</param>
    /// <param name="deadline">Cancels the fetch.</param>
    public async Task<Result<MediaFile>> HandOverAsync(
        CallContext call, Provider provider, VideoJob job, NativeOutput output, long limit, BodyBudget.Lease lease, CancellationToken deadline)
    {
        if (output.IsInline)
        {
            if (!(await InlineAsync(call, provider, job, output, lease, deadline)).TryGet(out var inline, out var missing)) return missing;
            if (MediaTypes.Served(inline.ContentType) is null) return ContentFailures.Unavailable(StatusCodes.Status200OK);
            return inline.Length <= limit ? inline with { ContentType = VideoType(inline.ContentType) } : TooLarge(limit);
        }

        if (!(await OpenAsync(call, provider, job, output, deadline)).TryGet(out var response, out var error)) return error;
        lease.Attach(response);
        // The media type comes from one provider and goes to another, so only a plain video type is passed on.
        var type = VideoType(output.ContentType);
        if (response.Content.Headers.ContentLength is { } length)
            return length <= limit ? new MediaFile(FileName, type, length, async ct => await response.Content.ReadAsStreamAsync(ct)) : TooLarge(limit);
        if (lease.Add(limit) is { } full) return full;
        var read = await ReadAsync(response, limit, deadline);
        return read.TryGet(out var bytes, out error) ? MediaFile.From(FileName, type, bytes) : error;
    }

    /// <summary>The bytes of an output.</summary>
    /// <inheritdoc cref="HandOverAsync"/>
    public async Task<Result<ReadOnlyMemory<byte>>> ReadAsync(
        CallContext call, Provider provider, VideoJob job, NativeOutput output, long limit, BodyBudget.Lease lease, CancellationToken deadline)
    {
        using var timeout = new CancellationTokenSource(provider.Options.Timeout, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(deadline, timeout.Token);
        try
        {
            if (output.IsInline) return await ReadInlineAsync(call, provider, job, output, limit, lease, linked.Token);
            if (!(await OpenAsync(call, provider, job, output, linked.Token)).TryGet(out var response, out var error)) return error;
            using (response) return await ReadAsync(response, limit, linked.Token);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested)
        {
            return Failures.TimedOut;
        }
    }

    /// <summary>
    /// An output that stands in the provider's answer itself, under the type that the answer names. It streams out of the answer; a short one is held. 410 if
    /// the answer no longer has it.
    /// </summary>
    /// <inheritdoc cref="HandOverAsync"/>
    public async Task<Result<MediaFile>> InlineAsync(
        CallContext call, Provider provider, VideoJob job, NativeOutput output, BodyBudget.Lease lease, CancellationToken deadline)
    {
        var (url, index) = (output.Url, job.Outputs.ToList().IndexOf(output));
        while (true)
        {
            var wanted = ClipMark.Of(url);
            var outcome = await polls.OpenAsync(call, provider, job.Id, wanted, deadline);
            if (outcome is Outcome.Opened { Clip: var clip })
            {
                lease.Attach(clip);
                return new MediaFile(FileName, DataUrl.MediaTypeOf(url), clip.Length, _ => new(clip));
            }

            if (outcome is not Outcome.Told { Snapshot: var told }) return Failures.OfRead(outcome, provider);
            var snapshot = told.Bounded();
            if (index < 0 || index >= snapshot.Outputs.Count) return ApiError.VideoExpired;
            var (before, isFirst) = (url, url == output.Url);
            url = snapshot.Outputs[index].Url;
            if (ClipMark.Of(url) is not { } mark) return Held(url, lease);
            if (mark.Length == 0) return ContentFailures.Unavailable(StatusCodes.Status200OK);
            // The answer is another one than it was when the job was stored. It is asked for once more.
            if (!isFirst || url == before) return ApiError.VideoExpired;
            await polls.LearnMarksAsync(provider, job, snapshot);
        }
    }

    /// <summary>Notes that a clip could not be read to its end. If it isn't what it was, the next call looks for it anew.</summary>
    public Task NoteBreakAsync(VideoJob job, Stream bytes) =>
        bytes is ClipStream { IsChanged: true } ? polls.ForgetMarksAsync(job) : Task.CompletedTask;

    private static Result<MediaFile> Held(string url, BodyBudget.Lease lease)
    {
        if (!DataUrl.TryRead(DataUrl.Standard(url), out var type, out var bytes)) return ApiError.VideoExpired;
        return lease.Add(bytes.Length) is { } full ? full : MediaFile.From(FileName, type, bytes);
    }

    private async Task<Result<ReadOnlyMemory<byte>>> ReadInlineAsync(
        CallContext call, Provider provider, VideoJob job, NativeOutput output, long limit, BodyBudget.Lease lease, CancellationToken deadline)
    {
        if (!(await InlineAsync(call, provider, job, output, lease, deadline)).TryGet(out var file, out var error)) return error;
        if (file.Length > limit) return TooLarge(limit);
        await using var stream = await file.Open(deadline);
        try
        {
            return await BoundedRead.ToEndAsync(stream, limit, deadline) is { } bytes ? bytes : TooLarge(limit);
        }
        catch (TimeoutException)
        {
            return Failures.TimedOut;
        }
        catch (IOException e)
        {
            await NoteBreakAsync(job, stream);
            return ContentFailures.Unreachable(e);
        }
    }

    private async Task<Result<HttpResponseMessage>> OpenAsync(
        CallContext call, Provider provider, VideoJob job, NativeOutput output, CancellationToken deadline)
    {
        var result = await late.AskAgainAsync(await AskAsync(), job, AskAsync, deadline);
        var cause = ExchangeCause.Of(result, provider);
        switch (result)
        {
            case ExchangeResult.Opened { Response: var response }:
                return response;
            case ExchangeResult.Answered answered:
                return ContentFailures.Refused(answered, provider).Because(cause);
            case ExchangeResult.NoAnswer { Cause: Interruption.TimedOut or Interruption.Cancelled }:
                deadline.ThrowIfCancellationRequested();
                // The connection or the response headers took too long.
                return Failures.TimedOut.Because(cause);
            case ExchangeResult.NoAnswer { Cause: Interruption.Unsigned }:
                return Failures.NoCredential(provider).Because(cause);
            case ExchangeResult.NoAnswer { Failure: var failure }:
                return ContentFailures.Unreachable(failure).Because(cause);
            case var other:
                throw new InvalidOperationException($"Unexpected result {other.GetType()}.");
        }

        async Task<ExchangeResult> AskAsync()
        {
            using var timeout = new CancellationTokenSource(provider.Options.Timeout, time);
            using var linked = CancellationTokenSource.CreateLinkedTokenSource(deadline, timeout.Token);
            return await sender.OpenAsync(call, new(provider, provider.Adapter.Content(job.Id.Native, output, "video")) { Streams = true }, linked.Token);
        }
    }

    private static async Task<Result<ReadOnlyMemory<byte>>> ReadAsync(HttpResponseMessage response, long limit, CancellationToken deadline)
    {
        if (response.Content.Headers.ContentLength > limit) return TooLarge(limit);
        try
        {
            await using var stream = await response.Content.ReadAsStreamAsync(deadline);
            return await BoundedRead.ToEndAsync(stream, limit, deadline) is { } bytes ? bytes : TooLarge(limit);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return ContentFailures.Unreachable(e);
        }
    }

    private static string VideoType(string? type) => MediaTypes.Video(type) ?? MediaTypes.Mp4;

    private static ApiError TooLarge(long limit) =>
        new(413, "request_too_large", Invariant($"The video is larger than the {limit} bytes that are carried this way."));
}
