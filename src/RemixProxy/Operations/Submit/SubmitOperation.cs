using Microsoft.Extensions.Logging;
using RemixProxy.Cache;
using RemixProxy.Contract;
using RemixProxy.Exchanges;
using RemixProxy.Jobs;
using RemixProxy.Jobs.Submissions;
using RemixProxy.Limits;
using RemixProxy.Telemetry;

namespace RemixProxy.Operations.Submit;

/// <summary>How an admitted submit ended.</summary>
internal abstract record SubmitEnd
{
    private SubmitEnd()
    {
    }

    /// <summary>It has a video: a new one, or a stored or shared one.</summary>
    /// <param name="Job">The job of the video.</param>
    /// <param name="Cached">What the cache did.</param>
    /// <param name="Adjustments">Where the request that was sent differs from the wish; empty if nothing was sent.</param>
    public sealed record Served(VideoJob Job, CacheOutcome Cached, IReadOnlyList<Adjustment> Adjustments) : SubmitEnd;

    /// <summary>It ended in an error.</summary>
    /// <param name="Error">The error to answer.</param>
    /// <param name="State">The state in which the record ends.</param>
    /// <param name="Pending">Where a repeat may ask for the submit again; null where nobody can be asked.</param>
    public sealed record NotServed(ApiError Error, SubmissionState State = SubmissionState.Refused, PendingSubmit? Pending = null) : SubmitEnd;
}

/// <summary>
/// Create, remix, edit and extend: the calls that cost money. A submit is recorded before it is sent, is sent once, and outlives its caller.
/// Its stages, in this order: read, admit, resolve, look up, send, remember, answer.
/// </summary>
internal sealed partial class SubmitOperation(
    SubmitAdmission admission, SourceVideos sources, SemanticCache cache, CacheEntries entries, SubmitSender sender, AcceptedVideos accepted,
    BodyBudget budget, SubmitPlaces places, SubmitSlots slots, VideoMetrics metrics, TimeProvider time, ILogger<SubmitOperation> logger)
    : IVideoOperation
{
    /// <summary>How long a submit may take before its exchanges and waits are cut, so that it is answered before its SDK would send it again.</summary>
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(55);

    // Not 5xx: after that an SDK would send the submit again.
    private static readonly ApiError NotHandedOn = ApiError.SubmissionUnknown with
    {
        Message = "The provider took the request, but its answer could not be handed on. Send the same request again to get the video.",
    };

    public VideoOperation Operations => VideoOperation.Submit;

    public async Task<ApiError?> AnswerAsync(VideoCall call)
    {
        try
        {
            if (await ReadAndAdmitAsync(call) is not { } error) return null;
            SubmitLog.NotServed(logger, call, error);
            // Edit and extend name their source in the body. Records keep the common name, because a remix may share them.
            var isInBody = call.Operation is VideoOperation.Edit or VideoOperation.Extend && error.Param == "video_id";
            return isInBody ? error with { Param = "video.id" } : error;
        }
        catch (Exception e)
        {
            SubmitLog.NotServed(logger, call, CallFailures.Of(e, call.CallerGone));
            throw;
        }
    }

    private async Task<ApiError?> ReadAndAdmitAsync(VideoCall call)
    {
        // Read. A stopping process takes no new submit. Reading the body may take long, so this is checked before and after.
        if (call.Stopping.IsCancellationRequested) return ApiError.Stopping;
        var arrived = time.GetTimestamp();
        if (!(await places.TakeAsync(call.Client, call.CallerGone)).TryGet(out var taken, out var full)) return full;
        await using var place = taken;
        var waited = time.GetElapsedTime(arrived);
        using var lease = budget.Rent();
        var input = await SubmitInput.ReadAsync(call, lease, time);
        if (call.Stopping.IsCancellationRequested) return ApiError.Stopping;
        if (!slots.Take(SubmitPlanner.AskedFirst(call, input.Intent), lease.Bytes).TryGet(out var slot, out full)) return full;
        using var held = slot;
        using var deadline = new CancellationTokenSource(Deadline - waited, time);

        // Admit.
        switch (await admission.AdmitAsync(call, input, deadline.Token))
        {
            case Admitted.New admitted:
                return await ServeAsync(call, input, admitted, new(lease, slot), deadline.Token);
            case Admitted.Repeat { Job: var job }:
                SubmitLog.Served(logger, call, SubmitLog.Replayed, job);
                await WriteAsync(call, job, new() { CacheHit = false }, []);
                return null;
            case Admitted.Refused { Error: var error }:
                return error;
            case var other:
                throw new InvalidOperationException($"Unknown admission {other.GetType()}.");
        }
    }

    private async Task<ApiError?> ServeAsync(
        VideoCall call, SubmitInput input, Admitted.New admitted, SubmitRoom room, CancellationToken deadline)
    {
        var record = admitted.Record;
        // If the caller hangs up before the answer is fully written, the next identical request counts as a repeat.
        await using var gone = call.CallerGone.Register(() => _ = record.TryMoveAsync(s => s with { CallerGone = true }).AsTask());
        try
        {
            switch (await FindOrMakeAsync(call, input.Intent, input.Policy, admitted, room, deadline))
            {
                case SubmitEnd.NotServed end:
                    // The store decides what counts: a late "unknown" must reach a record that another replica has given up.
                    var kept = call.Context.KeepsPrompts ? end.Error : WithoutQuotes(end.Error, input.Intent);
                    await record.TryMoveAsync(s => s with { State = end.State, Error = kept, Pending = end.Pending });
                    return end.Error;

                // Answer.
                case SubmitEnd.Served(var job, var cached, var adjustments):
                    call.Report.NoteCache(cached);
                    await WriteAsync(call, job, cached.Debug, adjustments);
                    await call.Http.Response.CompleteAsync();
                    // The caller has its answer now; hanging up changes nothing any more.
                    await gone.DisposeAsync();
                    await record.TryMoveAsync(s => s with { Answered = true });
                    return null;

                case var other:
                    throw new InvalidOperationException($"Unknown end {other.GetType()}.");
            }
        }
        catch (Exception e)
        {
            var error = await BreakOffAsync(call, record, e, deadline);
            if (call.Http.Response.HasStarted) throw;
            return error;
        }
    }

    private async Task<SubmitEnd> FindOrMakeAsync(
        VideoCall call, SubmitIntent intent, CachePolicy policy, Admitted.New admitted, SubmitRoom room, CancellationToken deadline)
    {
        // Resolve.
        var (record, fingerprint) = admitted;
        if (!(await ResolveAsync(call, intent, deadline)).TryGet(out var submit, out var error)) return new SubmitEnd.NotServed(error);

        // Look up. What another RemixProxy is still at was looked up before.
        var scope = CacheScope.Of(call.Caller, submit.Operation, submit.Targets, submit.Source?.Job.Id, fingerprint.Parameters(name => submit.Sends(name)));
        var wish = new CacheWish(call.Context, call.Providers, policy, scope, CacheScope.EntryOf(scope, fingerprint.Prompt), intent.Prompt);
        var cached = record.Pending is null ? await LookUpAsync(call, wish, record, deadline) : new CacheOutcome.Bypassed("repeat");
        if (cached is CacheOutcome.Hit { Job: var hit }) return await AnswerFromCacheAsync(call, record, hit, cached);
        if (cached is CacheOutcome.Shared { Job: { } shared }) return await AnswerFromCacheAsync(call, record, shared, cached);
        if (cached is CacheOutcome.Shared { End: var end }) return new SubmitEnd.NotServed(end.Error ?? ApiError.SubmissionUnknown, end.State, end.Pending);

        // Send.
        switch (await sender.SendAsync(call, submit, record, room, deadline))
        {
            // Remember.
            case Sent.Accepted sent:
                return await accepted.RememberAsync(call, submit, sent, cached, record);
            case Sent.NotAccepted not:
                if (not.Error.Code == ApiError.VideoExpired.Code && submit.Source is { } source) await entries.EvictAsync(source.Job);
                return new SubmitEnd.NotServed(not.Error, not.State, not.Pending);
            case var other:
                throw new InvalidOperationException($"Unknown end {other.GetType()}.");
        }
    }

    private async Task<Result<ResolvedSubmit>> ResolveAsync(VideoCall call, SubmitIntent intent, CancellationToken deadline)
    {
        SourceVideo? source = null;
        if (intent.SourceId is { } id && !(await sources.FindAsync(call, id, deadline)).TryGet(out source, out var error))
            return error.Because(call.Report.WithoutQuotes(error.Cause));
        // An edit of a video by its id is a remix.
        var operation = call.Operation == VideoOperation.Edit && source is not null ? VideoOperation.Remix : call.Operation;
        return SubmitPlanner.Targets(call, intent, operation, source).TryGet(out var targets, out error)
            ? new ResolvedSubmit(intent, operation, source, targets)
            : error;
    }

    private async Task<CacheOutcome> LookUpAsync(VideoCall call, CacheWish wish, SubmitRecord record, CancellationToken deadline)
    {
        var started = time.GetTimestamp();
        using var activity = wish.Policy.Bypass is null ? VideoActivities.Lookup() : null;
        try
        {
            var outcome = await cache.LookUpAsync(wish, record.Submission, deadline);
            call.Report.NoteCache(outcome);
            var (result, tier, similarity) = (outcome.Result, outcome.Tier, outcome.Debug.Similarity);
            metrics.LookedUp(call.Operation, result, tier, result == CacheOutcome.Results.Bypass ? null : time.GetElapsedTime(started), similarity);
            activity?.LookedUp(result, tier, similarity);
            return outcome;
        }
        catch (Exception e)
        {
            call.Report.NoteCacheFailure();
            metrics.LookedUp(call.Operation, CacheOutcome.Results.Error, CacheOutcome.Tiers.None, time.GetElapsedTime(started), similarity: null);
            activity?.Failed(e);
            throw;
        }
    }

    /// <summary>
    /// Binds the submit to an existing video as if it had been sent. Repeats, by key or not, and submits that wait for this one then get that video.
    /// </summary>
    private async Task<SubmitEnd.Served> AnswerFromCacheAsync(VideoCall call, SubmitRecord record, VideoJob job, CacheOutcome cached)
    {
        if (call.Providers.Find(job.Id.Provider) is { } provider) call.Report.NoteProvider(provider);
        await record.MoveAsync(s => s with { State = SubmissionState.Accepted, Video = job.Id });
        metrics.Saved(job.Id.Provider, job.Video.Seconds);
        SubmitLog.Served(logger, call, SubmitLog.Cached, job);
        return new(job, cached, []);
    }

    /// <summary>
    /// Ends the record of a submit that failed by a defect of this proxy, by a store that is away, or by the deadline. If a byte may have left for the
    /// provider, the record ends as unknown, else as refused.
    /// </summary>
    private async Task<ApiError> BreakOffAsync(VideoCall call, SubmitRecord record, Exception failure, CancellationToken deadline)
    {
        var error = CallFailures.Of(failure, deadline: deadline);
        var ended = await record.TryMoveAsync(s => s.State switch
        {
            SubmissionState.Claimed or SubmissionState.Sending when !record.HasBegun => s with { State = SubmissionState.Refused, Error = error },
            SubmissionState.Claimed or SubmissionState.Sending => s with { State = SubmissionState.Unknown, Error = ApiError.SubmissionUnknown },
            // The video exists, but its answer was not fully written. The record says that the caller is gone, so the same request gets the video.
            _ => s with { CallerGone = true },
        });
        if (error == ApiError.Internal)
            Log.Failed(logger, failure, call.Operation.RequestType(), call.Report.Provider?.Name, ended.State, call.RequestId);
        return ended.Error ?? NotHandedOn;
    }

    // The record answers repeats, also after the prompt is forgotten.
    private static ApiError WithoutQuotes(ApiError error, SubmitIntent intent) =>
        error with { Message = ProviderText.WithoutQuotes(error.Message, intent.OwnTexts), Cause = null };

    private static Task WriteAsync(VideoCall call, VideoJob job, CacheDebug debug, IReadOnlyList<Adjustment> adjustments)
    {
        var extras = Answers.Extras(call, job) with { Adjustments = adjustments.Count > 0 ? adjustments : null, CacheDebug = debug };
        return Answers.WriteAsync(call, Answers.Present(call, job) with { ExtraFields = extras }, VideoJsonContext.Answer.Video);
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.SubmitFailed, LogLevel.Error, "{Operation} failed at {Provider}: {State}; {RequestId}")]
        public static partial void Failed(ILogger logger, Exception exception, string operation, string? provider, SubmissionState state, string requestId);
    }
}
