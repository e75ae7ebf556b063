using Microsoft.Extensions.Logging;
using RemixProxy.Cache;
using RemixProxy.Contract;
using RemixProxy.Jobs;
using RemixProxy.Jobs.Submissions;
using RemixProxy.Resilience;
using RemixProxy.Telemetry;

namespace RemixProxy.Operations.Submit;

/// <summary>Remembers the videos that providers accepted: in the log, as a job, in the cache and in the record of the submit.</summary>
internal sealed partial class AcceptedVideos(
    IJobStore jobs, JobEnds ends, CacheEntries entries, VideoMetrics metrics, TimeProvider time, ILogger<AcceptedVideos> logger)
{
    /// <summary>
    /// Remembers a video. If the store is away, the caller still gets the video that it paid for, and a repeat is answered that the outcome is unknown.
    /// </summary>
    public async Task<SubmitEnd.Served> RememberAsync(
        VideoCall call, ResolvedSubmit submit, Sent.Accepted sent, CacheOutcome cached, SubmitRecord record)
    {
        var job = JobOf(call, submit, sent) with { Cached = (cached as CacheOutcome.Missed)?.New.Entry };
        // The log line comes first. Whatever happens to the stores now, the operator can find the paid video.
        SubmitLog.Served(logger, call, SubmitLog.Accepted, job);
        metrics.Submitted(call.Operation, sent.Provider.Name, SubmitLog.Accepted);
        if (job.IsFinished) await ends.TellAsync(job);
        try
        {
            // Only the answer to the submit itself shows a prompt that is not to be kept.
            var kept = call.Context.KeepsPrompts ? job : job.WithoutPrompt();
            var stored = await StoreAsync(call, kept, sent.WasFound);
            if (!ReferenceEquals(stored, kept)) job = stored;
            // The entry is written before the record ends and frees the claim. So an identical request finds either the claim or the entry.
            if (cached is CacheOutcome.Missed missed) cached = await entries.StoreAsync(job, sent.Provider, missed, call.Providers.Options.Redis.Timeout);
            await record.MoveAsync(s => s with { State = SubmissionState.Accepted, Video = job.Id });
        }
        catch (DependencyException)
        {
            Log.NotRemembered(logger, call.Operation.RequestType(), job.Video.Id, call.RequestId);
            cached = cached.WithStoreAway();
        }

        return new(job, cached, sent.Adjustments);
    }

    private VideoJob JobOf(VideoCall call, ResolvedSubmit submit, Sent.Accepted sent)
    {
        var (provider, plan, id, snapshot, _, reservation, attempts, wasFound) = sent;
        var source = submit.Source?.Job;
        var known = new Video
        {
            Id = id.ToString(),
            Prompt = submit.Intent.Prompt,
            Model = plan.Model,
            Size = plan.Size ?? "",
            Seconds = plan.Seconds ?? "",
            RemixedFromVideoId = source?.Video.Id,
        };
        var job = VideoJob.First(id, call.Caller, known, snapshot, provider.Profile, provider.Options.JobTimeout, time.GetUtcNow());
        return job with
        {
            // A job that is found completed may have been so for long.
            CompletedSeenAt = wasFound ? null : job.CompletedSeenAt,
            ModelRequested = submit.Intent.Model ?? (source is null ? call.Providers.Options.DefaultModel : source.ModelRequested),
            Attempts = attempts.Count > 0 ? attempts : null,
            Reservation = reservation.IsEmpty ? null : reservation,
        };
    }

    private async Task<VideoJob> StoreAsync(VideoCall call, VideoJob job, bool wasFound)
    {
        var stored = await jobs.AddAsync(job, CancellationToken.None);
        if (ReferenceEquals(stored, job)) return job;
        // A restarted server may give out an id a second time. The caller's own old video is replaced; another caller's never is.
        if (stored.Caller != call.Caller) throw new InvalidOperationException("The provider gave out another caller's id.");
        // Another repeat found the same job.
        if (wasFound && !stored.Adopted) return stored;
        await jobs.UpdateAsync(job.Id, _ => job, CancellationToken.None);
        return job;
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.VideoNotRemembered, LogLevel.Error, "{Operation} accepted as {VideoId}, but it could not be remembered; {RequestId}")]
        public static partial void NotRemembered(ILogger logger, string operation, string videoId, string requestId);
    }
}
