using Microsoft.Extensions.Logging;
using RemixProxy.Contract;
using RemixProxy.Jobs;
using RemixProxy.Routing;
using RemixProxy.Transforms;

namespace RemixProxy.Submit;

/// <summary>Create, remix, edit and extend: the calls that cost money. Recorded before they are sent, sent once, and they outlive their callers.</summary>
internal sealed partial class SubmitOperation(
    IJobStore store, SourceVideos sources, VideoIdResolver ids, JobPolls polls, ExchangeRunner runner, BodyBudget budget, SubmitSlots slots, TimeProvider time, ILogger<SubmitOperation> logger)
    : IVideoOperation
{
    /// <summary>When an exchange of a submit is cut, so that every submit is answered before its SDK would send it again.</summary>
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(55);

    private static readonly ApiError InProgress = new(409, "submission_in_progress", "The same request is still being submitted. Ask again shortly.") { RetryAfter = 2, Retryable = true };

    private static readonly ApiError KeyIsTaken = new(422, "idempotency_key_reused", "This Idempotency-Key was used for another request. Use a new key.", "Idempotency-Key");

    // No 5xx: SDKs would send the submit again.
    private static readonly ApiError NotHandedOn = ApiError.SubmissionUnknown with { Message = "The provider took the request, but its answer could not be handed on. Send the same request again to get the video." };

    public VideoOperation Operations => VideoOperation.Submit;

    public async Task AnswerAsync(VideoCall call)
    {
        using var lease = budget.Rent();
        var key = SubmitHeaders.ReadKey(call.Context.Request);
        var body = await RequestBody.ReadAsync(call.Context.Request, call.Providers.Options.Limits, lease, call.CallerGone);
        var intent = SubmitIntent.Read(call.Operation, body, call.PathId);
        using var slot = slots.Take();
        using var deadline = new CancellationTokenSource(Deadline, time);

        var fingerprint = await Fingerprint.OfAsync(call.Operation, intent.SourceId, body, call.CallerGone);
        var request = call.Context.Request;
        var ticket = new SubmitTicket(call.Caller, call.Operation, fingerprint, key, SubmitHeaders.IsRetry(request), SubmitHeaders.AsksForNew(request));
        switch (await store.AdmitAsync(ticket, deadline.Token))
        {
            case Granted { Submission: var submission }:
                await SubmitAsync(call, intent, submission, deadline.Token);
                break;
            case Repeated { Earlier: var earlier }:
                await RepeatAsync(call, earlier, deadline.Token);
                break;
            default:
                throw new ApiException(KeyIsTaken);
        }
    }

    private async Task SubmitAsync(VideoCall call, SubmitIntent intent, Submission submission, CancellationToken deadline)
    {
        // While the answer is not fully written, a caller that hangs up makes the next identical request a repeat.
        await using var gone = call.CallerGone.Register(() => _ = MoveAsync(submission, s => s with { CallerGone = true }).AsTask());
        try
        {
            var (job, adjustments) = await RunAsync(call, intent, submission, deadline);
            await WriteAsync(call, job, adjustments);
            await call.Context.Response.CompleteAsync();
        }
        catch (ApiException e)
        {
            // Edit and extend name their source in the body.
            var error = call.Operation is VideoOperation.Edit or VideoOperation.Extend && e.Error.Param == "video_id" ? e.Error with { Param = "video.id" } : e.Error;
            var ended = await MoveAsync(submission, s => s.IsEnded ? s : s with { State = SubmissionState.Refused, Error = error });
            Log.NotAccepted(logger, call.RequestType, call.Provider?.Name, ended.State, error.Code, call.RequestId);
            throw new ApiException(error);
        }
        catch (Exception e) when (e is not ApiException)
        {
            // A defect of ours, or time ran out before sending: whether something may have left decides.
            var timedOut = e is OperationCanceledException && deadline.IsCancellationRequested;
            var ended = await MoveAsync(submission, s => s.State switch
            {
                SubmissionState.Claimed => s with { State = SubmissionState.Refused, Error = timedOut ? Failures.TimedOut : ApiError.Internal },
                SubmissionState.Sending => s with { State = SubmissionState.Unknown, Error = ApiError.SubmissionUnknown },
                // The video is there, but its answer was not fully written: as if the caller had gone, the same request gets it.
                _ => s with { CallerGone = true },
            });
            if (!timedOut) Log.Failed(logger, e, call.RequestType, call.Provider?.Name, ended.State, call.RequestId);
            if (call.Context.Response.HasStarted) throw;
            throw new ApiException(ended.Error ?? NotHandedOn);
        }
    }

    private async Task<(VideoJob Job, IReadOnlyList<Adjustment> Adjustments)> RunAsync(VideoCall call, SubmitIntent intent, Submission submission, CancellationToken deadline)
    {
        var source = intent.SourceId is { } id ? await sources.FindAsync(call, id, deadline) : null;
        // An edit of a video by its id is a remix.
        var operation = call.Operation == VideoOperation.Edit && source is not null ? VideoOperation.Remix : call.Operation;
        var targets = SubmitPlanner.Targets(call, intent, operation, source);
        ApiException? before = null;
        for (var i = 0; ; i++)
        {
            var (provider, model) = targets[i];
            if (before is null) call.Provider = provider;
            SubmitRequest request;
            SubmitPlan plan;
            try
            {
                request = await RequestAsync(call, intent, operation, submission, source, targets[i], deadline);
                plan = Plan(provider, request);
            }
            catch (ApiException) when (before is not null)
            {
                // What a later target can't express is no answer to what the first one said.
                if (i + 1 < targets.Count) continue;
                throw before;
            }

            call.Provider = provider;
            var outcome = await runner.RunAsync(call, provider, plan.First, () => BeginSendingAsync(submission), deadline);
            if (outcome is Answered { Snapshot: { Id: { } native } snapshot } && IsUsable(native, provider))
            {
                var job = await AcceptAsync(call, intent, submission, source, provider, plan, new(native, provider.Name), snapshot);
                return (job, [.. ModelAdjustments(intent, provider, source, operation, model), .. plan.Adjustments]);
            }

            if (outcome is Answered { Snapshot.Id: { Length: > 0 } lost }) Log.UnusableId(logger, call.RequestType, provider.Name, ProviderText.Clean(lost, provider), call.RequestId);
            var failure = Failures.OfSubmit(outcome, provider, hasSource: request.Source is NativeIdSource);
            if (failure.TryNext && i + 1 < targets.Count)
            {
                before ??= new ApiException(failure.Error);
                Log.TriesNext(logger, call.RequestType, provider.Name, failure.Error.Code, targets[i + 1].Provider.Name);
                continue;
            }

            var state = failure.Unknown ? SubmissionState.Unknown : SubmissionState.Refused;
            await MoveAsync(submission, s => s with { State = state, Error = failure.Error });
            throw new ApiException(failure.Error);
        }
    }

    private async Task<SubmitRequest> RequestAsync(
        VideoCall call, SubmitIntent intent, VideoOperation operation, Submission submission, SourceVideo? source, ModelTarget target, CancellationToken deadline)
    {
        var (provider, model) = target;
        var forms = SubmitPlanner.Forms(provider.Profile, operation);
        return new()
        {
            Operation = operation,
            Model = model,
            Prompt = intent.Prompt,
            Size = intent.Size,
            Seconds = intent.Seconds,
            InputReference = intent.InputReference,
            Source = source is not null ? await sources.OfferAsync(call, source, provider, forms, deadline) : intent.SourceFile is { } file ? new FileSource(file) : null,
            SourceSize = source?.Job.Video.Size is { Length: > 0 } size ? size : null,
            SourceSeconds = source?.Job.Video.Seconds is { Length: > 0 } seconds ? seconds : null,
            Fields = intent.Fields,
            SubmitKey = submission.Id,
            BaseUrl = provider.BaseUrl,
            Provider = provider.Name,
        };
    }

    // An id that no later call could name is as good as none.
    private static bool IsUsable(string native, Provider provider) => native is not ("" or "." or "..") && VideoId.IsAcceptable(new VideoId(native, provider.Name).ToString());

    private static SubmitPlan Plan(Provider provider, SubmitRequest request)
    {
        try
        {
            return provider.Adapter.Submit(request);
        }
        catch (VideoRequestException e)
        {
            throw new ApiException(new(400, e.Code, e.Message, e.Param));
        }
    }

    private async Task<VideoJob> AcceptAsync(
        VideoCall call, SubmitIntent intent, Submission submission, SourceVideo? source, Provider provider, SubmitPlan plan, VideoId id, VideoSnapshot snapshot)
    {
        var known = new Video
        {
            Id = id.ToString(),
            Prompt = intent.Prompt,
            Model = plan.Model,
            Size = plan.Size ?? source?.Job.Video.Size ?? "",
            Seconds = plan.Seconds ?? source?.Job.Video.Seconds ?? "",
            RemixedFromVideoId = source?.Job.Video.Id,
        };
        var job = VideoJob.First(id, call.Caller, known, snapshot, provider.Profile, provider.Options.JobTimeout, time.GetUtcNow()) with
        {
            ModelRequested = intent.Model ?? (source is null ? call.Providers.Options.DefaultModel : source.Job.ModelRequested),
        };
        // The log first: whatever happens to the stores now, the paid video can be found.
        Log.Accepted(logger, call.RequestType, provider.Name, job.Video.Model, job.Video.Id, (long)call.UpstreamTime.TotalMilliseconds);
        try
        {
            var stored = await store.AddAsync(job, CancellationToken.None);
            if (!ReferenceEquals(stored, job))
            {
                // A server that begins to count anew gives out ids a second time. Never another caller's; one's own old one is replaced.
                if (stored.Caller != call.Caller) throw new InvalidOperationException("The provider gave out another caller's id.");
                await store.UpdateAsync(id, _ => job, CancellationToken.None);
            }

            await MoveAsync(submission, s => s with { State = SubmissionState.Accepted, Video = id });
        }
        catch (ApiException e)
        {
            // No verdict on the submit: the provider took it.
            throw new InvalidOperationException("The accepted video could not be stored.", e);
        }

        return job;
    }

    private async ValueTask BeginSendingAsync(Submission submission)
    {
        var moved = await MoveAsync(submission, s => s with { State = SubmissionState.Sending });
        if (moved.State != SubmissionState.Sending) throw new ApiException(ApiError.SubmissionUnknown);
    }

    // Some providers edit with the source's model and no other: a wish for one is not dropped in silence.
    private static IEnumerable<Adjustment> ModelAdjustments(SubmitIntent intent, Provider provider, SourceVideo? source, VideoOperation operation, string used)
    {
        if (intent.Model is { } wish && source?.Provider == provider && SubmitPlanner.EditModel(provider, operation) is null && wish != used && wish != $"{provider.Name}/{used}")
            yield return new("model", wish, used, "the source's model");
    }

    private async Task RepeatAsync(VideoCall call, Submission earlier, CancellationToken deadline)
    {
        Submission ended;
        using (var wait = CancellationTokenSource.CreateLinkedTokenSource(deadline, call.CallerGone))
        {
            try
            {
                ended = await store.WaitAsync(earlier, wait.Token);
            }
            catch (OperationCanceledException) when (deadline.IsCancellationRequested)
            {
                throw new ApiException(InProgress);
            }
        }

        call.Context.Response.OnStarting(() =>
        {
            call.Context.Response.Headers[Answers.ReplayedHeader] = "true";
            return Task.CompletedTask;
        });
        if (ended.Video is not { } id) throw new ApiException(ended.Error ?? ApiError.SubmissionUnknown);
        var (_, provider, job) = await ids.ResolveAsync(call, id.ToString(), "video_id", call.CallerGone);
        if (job is null) throw new ApiException(ApiError.VideoNotFound);
        await WriteAsync(call, await PresentAsync(call, provider, job, deadline), []);
    }

    private async Task<VideoJob> PresentAsync(VideoCall call, Provider provider, VideoJob job, CancellationToken deadline)
    {
        try
        {
            return await polls.PresentAsync(call, provider, job, deadline);
        }
        catch (Exception e) when (e is ApiException or OperationCanceledException)
        {
            // The video exists, whatever its provider says of it now; an error here would be read as the submit's.
            return job;
        }
    }

    private static Task WriteAsync(VideoCall call, VideoJob job, IReadOnlyList<Adjustment> adjustments)
    {
        var extras = Answers.Extras(call, job) with { Adjustments = adjustments.Count > 0 ? adjustments : null, CacheDebug = new() { CacheHit = false } };
        return Answers.WriteAsync(call, Answers.Present(call, job) with { ExtraFields = extras }, VideoJsonContext.Answer.Video);
    }

    private ValueTask<Submission> MoveAsync(Submission submission, Func<Submission, Submission> change) => store.MoveAsync(submission, change, CancellationToken.None);

    private static partial class Log
    {
        [LoggerMessage(10, LogLevel.Information, "{Operation} accepted by {Provider}: {Model}, {VideoId}, {Milliseconds} ms")]
        public static partial void Accepted(ILogger logger, string operation, string provider, string model, string videoId, long milliseconds);

        [LoggerMessage(11, LogLevel.Warning, "{Operation} not accepted by {Provider}: {State}, {Code}; {RequestId}")]
        public static partial void NotAccepted(ILogger logger, string operation, string? provider, SubmissionState state, string code, string requestId);

        [LoggerMessage(12, LogLevel.Error, "{Operation} failed at {Provider}: {State}; {RequestId}")]
        public static partial void Failed(ILogger logger, Exception exception, string operation, string? provider, SubmissionState state, string requestId);

        [LoggerMessage(14, LogLevel.Warning, "{Operation} accepted by {Provider} under an id that can't be used: {NativeId}; {RequestId}")]
        public static partial void UnusableId(ILogger logger, string operation, string provider, string nativeId, string requestId);

        [LoggerMessage(13, LogLevel.Information, "{Operation} created nothing at {Provider} ({Code}); {NextProvider} is tried next")]
        public static partial void TriesNext(ILogger logger, string operation, string provider, string code, string nextProvider);
    }
}
