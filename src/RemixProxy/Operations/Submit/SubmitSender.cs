using Microsoft.Extensions.Logging;
using RemixProxy.Adapters;
using RemixProxy.Cache;
using RemixProxy.Contract;
using RemixProxy.Exchanges;
using RemixProxy.Jobs;
using RemixProxy.Jobs.Submissions;
using RemixProxy.Providers;
using RemixProxy.Resilience;
using RemixProxy.Telemetry;

namespace RemixProxy.Operations.Submit;

/// <summary>A wish with everything looked up that decides who serves it.</summary>
/// <param name="Intent">As the caller wrote it.</param>
/// <param name="Operation">What is really done: an edit of a video by its id is a remix.</param>
/// <param name="Source">The source video, where it is named by id.</param>
/// <param name="Targets">Who is tried, in order.</param>
internal sealed record ResolvedSubmit(SubmitIntent Intent, VideoOperation Operation, SourceVideo? Source, IReadOnlyList<ModelTarget> Targets);

/// <summary>What a submit is answered with.</summary>
/// <param name="Job">The job.</param>
/// <param name="Adjustments">What of the wish was not met to the letter, where it was sent.</param>
/// <param name="Cache">What the cache did.</param>
internal sealed record SubmitAnswer(VideoJob Job, IReadOnlyList<Adjustment> Adjustments, CacheOutcome Cache);

/// <summary>Sends submits, each target of an alias at most once, and remembers what was accepted.</summary>
internal sealed partial class SubmitSender(
    IJobStore jobs, JobEnds ends, SourceVideos sources, CacheEntries entries, ExchangeRunner runner, VideoMetrics metrics, TimeProvider time,
        ILogger<SubmitSender> logger)
{
    private const string Refused = "refused";
    private const string Unknown = "unknown";

    /// <summary>Sends a submit.</summary>
    /// <param name="call">The call.</param>
    /// <param name="submit">What is sent.</param>
    /// <param name="record">Its record, moved on before the first byte and at the end.</param>
    /// <param name="miss">What the cache said, and where the job will stand in it.</param>
    /// <param name="lease">Holds what is carried from another provider.</param>
    /// <param name="deadline">Cuts it.</param>
    /// <exception cref="ApiException">It was not accepted.</exception>
    public async Task<SubmitAnswer> SendAsync(
        VideoCall call, ResolvedSubmit submit, SubmitRecord record, CacheOutcome miss, BodyBudget.Lease lease, CancellationToken deadline)
    {
        var targets = submit.Targets;
        ApiException? before = null;
        for (var i = 0; ; i++)
        {
            var (provider, model) = targets[i];
            if (before is null) SetTarget(call, provider, model);
            SubmitRequest request;
            SubmitPlan plan;
            try
            {
                request = await RequestAsync(call, submit, record, targets[i], lease, deadline);
                plan = Plan(provider, request);
            }
            catch (ApiException) when (before is not null)
            {
                // What a later target can't express is no answer to what the first one said.
                if (i + 1 < targets.Count) continue;
                throw before;
            }

            SetTarget(call, provider, model);
            var outcome = await AskAsync(call, provider, plan, record, deadline);
            if (outcome is Outcome.Told { Snapshot: { Id: { } native } snapshot } && IsUsable(native, provider))
            {
                var (job, cache) = await AcceptAsync(call, submit, record, miss, provider, plan, new(native, provider.Name), snapshot);
                return new(job, [.. ModelAdjustments(submit, provider, model), .. plan.Adjustments], cache);
            }

            if (outcome is Outcome.Told { Snapshot.Id: { Length: > 0 } lost })
                Log.UnusableId(logger, call.Operation.RequestType(), provider.Name, ProviderText.Clean(lost, provider), call.RequestId);
            var failure = Failures.OfSubmit(outcome, provider, hasSource: request.Source is NativeIdSource);
            var state = failure.Unknown ? SubmissionState.Unknown : SubmissionState.Refused;
            metrics.Submitted(call.Operation, provider.Name, failure.Unknown ? Unknown : Refused);
            if (failure.TryNext && i + 1 < targets.Count)
            {
                before ??= new ApiException(failure.Error);
                record.BeginAnew();
                Log.TriesNext(logger, call.Operation.RequestType(), provider.Name, failure.Error.Code, targets[i + 1].Provider.Name);
                continue;
            }

            await record.TryMoveAsync(s => s with { State = state, Error = failure.Error });
            throw new ApiException(failure.Error);
        }
    }

    private static void SetTarget(VideoCall call, Provider provider, string model) =>
        (call.Provider, call.Model) = (provider, call.Providers.IsKnown(provider, model) ? model : null);

    private async Task<Outcome> AskAsync(VideoCall call, Provider provider, SubmitPlan plan, SubmitRecord record, CancellationToken deadline)
    {
        try
        {
            return await runner.SubmitAsync(call.Context with { Model = call.Model }, provider, plan.First, record, deadline);
        }
        catch (Exception) when (record.HasBegun)
        {
            metrics.Submitted(call.Operation, provider.Name, Unknown);
            throw;
        }
    }

    private async Task<SubmitRequest> RequestAsync(
        VideoCall call, ResolvedSubmit submit, SubmitRecord record, ModelTarget target, BodyBudget.Lease lease, CancellationToken deadline)
    {
        var (intent, operation, source, _) = submit;
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
            Source = source is not null
                ? await sources.OfferAsync(call, source, provider, forms, lease, deadline)
                : intent.SourceFile is { } file ? new FileSource(file) : null,
            SourceSize = source?.Job.Video.Size is { Length: > 0 } size ? size : null,
            SourceSeconds = source?.Job.Video.Seconds is { Length: > 0 } seconds ? seconds : null,
            Fields = intent.Fields,
            SubmitKey = record.Id,
            BaseUrl = provider.BaseUrl,
            Provider = provider.Name,
        };
    }

    // An id that no later call could name is as good as none.
    private static bool IsUsable(string native, Provider provider) =>
        native is not ("" or "." or "..") && VideoId.IsAcceptable(new VideoId(native, provider.Name).ToString());

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

    private async Task<(VideoJob Job, CacheOutcome Cache)> AcceptAsync(
        VideoCall call, ResolvedSubmit submit, SubmitRecord record, CacheOutcome miss, Provider provider, SubmitPlan plan, VideoId id, VideoSnapshot snapshot)
    {
        var (intent, _, source, _) = submit;
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
            Cached = miss.New?.Entry,
        };
        // The log first: whatever happens to the stores now, the paid video can be found.
        SubmitLog.Served(logger, call, SubmitLog.Accepted, job);
        metrics.Submitted(call.Operation, provider.Name, SubmitLog.Accepted);
        if (job.IsFinished) await ends.TellAsync(job);
        try
        {
            await RememberAsync(call, job);
            // Before the record ends and gives the claim free: who comes next finds the one or the other.
            var cache = await entries.StoreAsync(job, provider, miss, call.Providers.Options.Redis.Timeout);
            await record.MoveAsync(s => s with { State = SubmissionState.Accepted, Video = id });
            return (job, cache);
        }
        catch (DependencyException)
        {
            // The caller gets what it paid for; a repeat is told that the outcome is unknown.
            Log.NotRemembered(logger, call.Operation.RequestType(), job.Video.Id, call.RequestId);
            return (job, miss with { Status = miss.Status with { Detail = CacheStatus.StoreUnavailable } });
        }
        catch (ApiException e)
        {
            // No verdict on the submit: the provider took it.
            throw new InvalidOperationException("The accepted video could not be stored.", e);
        }
    }

    private async Task RememberAsync(VideoCall call, VideoJob job)
    {
        var stored = await jobs.AddAsync(job, CancellationToken.None);
        if (ReferenceEquals(stored, job)) return;
        // A server that begins to count anew gives out ids a second time. Never another caller's; one's own old one is replaced.
        if (stored.Caller != call.Caller) throw new InvalidOperationException("The provider gave out another caller's id.");
        await jobs.UpdateAsync(job.Id, _ => job, CancellationToken.None);
    }

    // Some providers edit with the source's model and no other: a wish for one is not dropped in silence.
    private static IEnumerable<Adjustment> ModelAdjustments(ResolvedSubmit submit, Provider provider, string used)
    {
        if (submit.Intent.Model is { } wish && submit.Source?.Provider == provider && SubmitPlanner.EditModel(provider, submit.Operation) is null
            && wish != used && wish != $"{provider.Name}/{used}")
            yield return new("model", wish, used, "the source's model");
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.UnusableVideoId, LogLevel.Warning,
            "{Operation} accepted by {Provider} under an id that can't be used: {NativeId}; {RequestId}")]
        public static partial void UnusableId(ILogger logger, string operation, string provider, string nativeId, string requestId);

        [LoggerMessage(EventIds.NextTargetTried, LogLevel.Information, "{Operation} created nothing at {Provider} ({Code}); {NextProvider} is tried next")]
        public static partial void TriesNext(ILogger logger, string operation, string provider, string code, string nextProvider);

        [LoggerMessage(EventIds.VideoNotRemembered, LogLevel.Error, "{Operation} accepted as {VideoId}, but it could not be remembered; {RequestId}")]
        public static partial void NotRemembered(ILogger logger, string operation, string videoId, string requestId);
    }
}
