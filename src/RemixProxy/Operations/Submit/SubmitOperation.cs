using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using RemixProxy.Cache;
using RemixProxy.Contract;
using RemixProxy.Exchanges;
using RemixProxy.Jobs.Submissions;
using RemixProxy.Resilience;
using RemixProxy.Telemetry;

namespace RemixProxy.Operations.Submit;

/// <summary>
/// Create, remix, edit and extend: the calls that cost money. Recorded before they are sent, sent once, and they outlive their callers. Key, repeat and cache
/// may answer them before.
/// </summary>
internal sealed partial class SubmitOperation(
    ISubmissionStore submissions, SourceVideos sources, SubmitRepeats repeats, SemanticCache cache, CacheEntries entries, SubmitSender sender,
    BodyBudget budget, SubmitSlots slots,
    VideoMetrics metrics, TimeProvider time, ILogger<SubmitOperation> logger)
    : IVideoOperation
{
    /// <summary>When an exchange of a submit is cut, so that every submit is answered before its SDK would send it again.</summary>
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(55);

    /// <summary>How often a repeat may find that the one before it came to nothing.</summary>
    private const int MaxAdmissions = 16;

    private static readonly ApiError KeyIsTaken = new(
        422, "idempotency_key_reused", "This Idempotency-Key was used for another request. Use a new key.", "Idempotency-Key");

    // No 5xx: SDKs would send the submit again.
    private static readonly ApiError NotHandedOn = ApiError.SubmissionUnknown
        with
    { Message = "The provider took the request, but its answer could not be handed on. Send the same request again to get the video." };

    public VideoOperation Operations => VideoOperation.Submit;

    public async Task AnswerAsync(VideoCall call)
    {
        try
        {
            await AdmitAsync(call);
        }
        catch (Exception e)
        {
            if (!call.IsServed) SubmitLog.NotServed(logger, call, e);
            throw;
        }
    }

    private async Task AdmitAsync(VideoCall call)
    {
        call.RefuseIfStopping();
        using var lease = budget.Rent();
        var request = call.Http.Request;
        var key = SubmitHeaders.ReadKey(request);
        var policy = CacheHeaders.Read(request, call.Providers.Options.Cache);
        var body = await RequestBody.ReadAsync(request, call.Providers.Options.Limits, lease, call.CallerGone);
        var intent = SubmitIntent.Read(call.Operation, body, call.PathId);
        // Its body may have taken so long that the end would cut what is claimed now.
        call.RefuseIfStopping();
        using var slot = slots.Take();
        using var deadline = new CancellationTokenSource(Deadline, time);

        var fingerprint = await Fingerprint.OfAsync(call.Operation, intent.SourceId, body, call.CallerGone);
        var ticket = new SubmitTicket(
            call.Caller, call.Operation, fingerprint.Request, key is null ? null : HashOf(key), SubmitHeaders.IsRetry(request), policy.NoCache);
        for (var i = 0; i < MaxAdmissions; i++)
        {
            switch (await submissions.AdmitAsync(ticket, deadline.Token))
            {
                case Admission.Granted { Submission: var submission }:
                    await SubmitAsync(call, intent, fingerprint, intent.PolicyOf(policy), new(submissions, submission), lease, deadline.Token);
                    return;
                case Admission.Repeated { Earlier: var earlier }:
                    if (await RepeatAsync(call, earlier, deadline.Token)) return;
                    break;
                default:
                    throw new ApiException(KeyIsTaken);
            }
        }

        throw new ApiException(ApiError.SubmissionInProgress);
    }

    // Callers' keys may name people or orders: the store never sees them.
    private static string HashOf(string key) => Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(key)));

    private async Task SubmitAsync(
        VideoCall call, SubmitIntent intent, Fingerprint fingerprint, CachePolicy policy, SubmitRecord record, BodyBudget.Lease lease,
            CancellationToken deadline)
    {
        // While the answer is not fully written, a caller that hangs up makes the next identical request a repeat.
        await using var gone = call.CallerGone.Register(() => _ = record.TryMoveAsync(s => s with { CallerGone = true }).AsTask());
        try
        {
            await WriteAsync(call, await RunAsync(call, intent, fingerprint, policy, record, lease, deadline));
            await call.Http.Response.CompleteAsync();
            // From here on a caller that leaves has its answer.
            await gone.DisposeAsync();
            await record.TryMoveAsync(s => s with { Answered = true });
        }
        catch (ApiException e)
        {
            // Edit and extend name their source in the body.
            var error = call.Operation is VideoOperation.Edit or VideoOperation.Extend && e.Error.Param == "video_id"
                ? e.Error with { Param = "video.id" }
                : e.Error;
            await record.TryMoveAsync(s => s.IsEnded ? s : s with { State = SubmissionState.Refused, Error = error });
            throw new ApiException(error);
        }
        catch (Exception e) when (e is not ApiException)
        {
            // A defect of ours, no store, or time ran out before sending: whether something may have left decides.
            var timedOut = e is OperationCanceledException && deadline.IsCancellationRequested;
            var refusal = timedOut ? Failures.TimedOut : e is DependencyException ? ApiError.StoreUnavailable : ApiError.Internal;
            var ended = await record.TryMoveAsync(s => s.State switch
            {
                SubmissionState.Claimed or SubmissionState.Sending when !record.HasBegun => s with { State = SubmissionState.Refused, Error = refusal },
                SubmissionState.Claimed or SubmissionState.Sending => s with { State = SubmissionState.Unknown, Error = ApiError.SubmissionUnknown },
                // The video is there, but its answer was not fully written: as if the caller had gone, the same request gets it.
                _ => s with { CallerGone = true },
            });
            if (!timedOut && e is not DependencyException)
                Log.Failed(logger, e, call.Operation.RequestType(), call.Provider?.Name, ended.State, call.RequestId);
            if (call.Http.Response.HasStarted) throw;
            throw new ApiException(ended.Error ?? NotHandedOn);
        }
    }

    private async Task<SubmitAnswer> RunAsync(
        VideoCall call, SubmitIntent intent, Fingerprint fingerprint, CachePolicy policy, SubmitRecord record, BodyBudget.Lease lease,
            CancellationToken deadline)
    {
        var source = intent.SourceId is { } id ? await sources.FindAsync(call, id, deadline) : null;
        // An edit of a video by its id is a remix.
        var operation = call.Operation == VideoOperation.Edit && source is not null ? VideoOperation.Remix : call.Operation;
        var submit = new ResolvedSubmit(intent, operation, source, SubmitPlanner.Targets(call, intent, operation, source));
        var scope = CacheScope.Of(call.Caller, operation, submit.Targets, source?.Job.Id, fingerprint.Parameters);
        var wish = new CacheWish(call.Context, call.Providers, policy, scope, CacheScope.EntryOf(scope, fingerprint.Prompt), intent.Prompt);
        try
        {
            var outcome = await LookUpAsync(call, wish, record, deadline);
            call.CacheStatus = outcome.Status;
            if (outcome.Hit is null) return await sender.SendAsync(call, submit, record, outcome, lease, deadline);
            call.Provider = call.Providers.Find(outcome.Hit.Id.Provider) ?? call.Provider;
            // Bound to the video like one that was sent: a key, a repeat and those who wait get it.
            await record.MoveAsync(s => s with { State = SubmissionState.Accepted, Video = outcome.Hit.Id });
            SubmitLog.Served(logger, call, SubmitLog.Cached, outcome.Hit);
            return new(outcome.Hit, [], outcome);
        }
        catch (SharedFailureException e)
        {
            call.CacheStatus = new() { Forward = "uri-miss", Collapsed = true, Key = wish.Entry, Detail = CacheOutcome.InFlight };
            await record.TryMoveAsync(s => s with { State = e.Holder.State, Error = e.Holder.Error });
            throw new ApiException(e.Holder.Error ?? ApiError.SubmissionUnknown);
        }
        catch (ApiException e) when (e.Error.Code == ApiError.VideoExpired.Code && source is not null)
        {
            await entries.EvictAsync(source.Job);
            throw;
        }
    }

    private async Task<CacheOutcome> LookUpAsync(VideoCall call, CacheWish wish, SubmitRecord record, CancellationToken deadline)
    {
        var started = time.GetTimestamp();
        using var activity = wish.Policy.Bypass is null ? VideoActivities.Lookup() : null;
        try
        {
            var outcome = await cache.LookUpAsync(wish, record.Submission, deadline);
            call.CacheWord = outcome.Hit is null ? outcome.Result : outcome.Tier;
            metrics.LookedUp(call.Operation, outcome.Result, outcome.Tier, wish.Policy.Bypass is null && outcome.Result != CacheOutcome.Bypass
                ? time.GetElapsedTime(started) : null, outcome.Debug.Similarity);
            if (outcome.Hit is { } hit) metrics.Saved(hit.Id.Provider, hit.Video.Seconds);
            activity?.LookedUp(outcome.Result, outcome.Tier, outcome.Debug.Similarity);
            return outcome;
        }
        catch (Exception e)
        {
            // Whom it joined came to nothing; anything else is a fault of ours.
            var (result, tier) = e is SharedFailureException ? (CacheOutcome.Miss, CacheOutcome.InFlight) : (CacheOutcome.Failed, CacheOutcome.None);
            call.CacheWord = e is SharedFailureException ? tier : result;
            metrics.LookedUp(call.Operation, result, tier, time.GetElapsedTime(started), similarity: null);
            activity?.Failed(e);
            throw;
        }
    }

    /// <returns>False: the earlier one came to nothing, and this one may be the first.</returns>
    private async Task<bool> RepeatAsync(VideoCall call, Submission earlier, CancellationToken deadline)
    {
        try
        {
            if (await repeats.FindAsync(call, earlier, deadline) is not { } job) return false;
            MarkReplayed(call);
            SubmitLog.Served(logger, call, SubmitLog.Replayed, job);
            await WriteAsync(call, new(job, [], new(new() { CacheHit = false }, CacheStatus.Replayed)));
            return true;
        }
        catch (ApiException e) when (e.Error != ApiError.SubmissionInProgress)
        {
            MarkReplayed(call);
            throw;
        }
    }

    private static void MarkReplayed(VideoCall call)
    {
        call.CacheStatus = CacheStatus.Replayed;
        call.Http.Response.OnStarting(() =>
        {
            call.Http.Response.Headers[Answers.ReplayedHeader] = "true";
            return Task.CompletedTask;
        });
    }

    private static Task WriteAsync(VideoCall call, SubmitAnswer answer)
    {
        call.CacheStatus = answer.Cache.Status;
        var extras = Answers.Extras(call, answer.Job)
            with
        { Adjustments = answer.Adjustments.Count > 0 ? answer.Adjustments : null, CacheDebug = answer.Cache.Debug };
        return Answers.WriteAsync(call, Answers.Present(call, answer.Job) with { ExtraFields = extras }, VideoJsonContext.Answer.Video);
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.SubmitFailed, LogLevel.Error, "{Operation} failed at {Provider}: {State}; {RequestId}")]
        public static partial void Failed(ILogger logger, Exception exception, string operation, string? provider, SubmissionState state, string requestId);
    }
}
