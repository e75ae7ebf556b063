using RemixProxy.Adapters;
using RemixProxy.Cache;
using RemixProxy.Contract;
using RemixProxy.Exchanges;
using RemixProxy.Jobs;
using RemixProxy.Limits;
using RemixProxy.Providers;

namespace RemixProxy.Operations;

/// <summary>Deletes or cancels a video at its provider, where the provider can, and leaves a tombstone.</summary>
internal sealed class DeleteOperation(
    IJobStore store, CacheEntries entries, VideoIdResolver ids, JobPolls polls, ExchangeRunner runner, JobReservations reservations, TimeProvider time)
    : IVideoOperation
{
    public VideoOperation Operations => VideoOperation.Delete;

    public async Task<ApiError?> AnswerAsync(VideoCall call)
    {
        if (!(await ids.ResolveAsync(call)).TryGet(out var found, out var error)) return error;
        var (id, provider, job) = found;
        // A tombstone hides a video from all callers, so one that the store doesn't know has to be there for this one.
        if (job is null && call.Providers.HasCallersKeys && !(await polls.FindAsync(call.Context, provider, id, null)).TryGet(out job, out error)) return error;
        if (await DeleteUpstreamAsync(call, provider, id, job?.Video.Status ?? VideoStatus.Completed) is { } refusal) return refusal;
        await RememberAsync(call, id, provider);
        if (job is not null) await entries.EvictAsync(job);
        // Nobody will see how it ends, so it counts as made.
        if (job is { IsFinished: false, Reservation: { } held }) await reservations.EndAsync(job.Caller, provider.Name, held, used: null);
        await Answers.WriteAsync(call, new DeletedVideo(id.ToString()), VideoJsonContext.Answer.DeletedVideo);
        return null;
    }

    private async Task<ApiError?> DeleteUpstreamAsync(VideoCall call, Provider provider, VideoId id, VideoStatus status)
    {
        if (provider.Adapter.Delete(id.Native, status) is not { } step) return null;
        var outcome = await runner.AskAsync(call.Context, provider, step, CancellationToken.None);
        // The job may have finished since the last poll. Then only a plain delete is needed.
        if (outcome is Outcome.Refused { Forwarded: false } && status is VideoStatus.Queued or VideoStatus.InProgress
            && provider.Adapter.Delete(id.Native, VideoStatus.Completed) is { } plain)
            outcome = await runner.AskAsync(call.Context, provider, plain, CancellationToken.None);
        return outcome is Outcome.Told || Failures.IsGone(outcome) ? null : Failures.OfDelete(outcome, provider);
    }

    private async Task RememberAsync(VideoCall call, VideoId id, Provider provider)
    {
        var now = time.GetUtcNow();
        var tombstone = VideoJob.First(
            id, call.Caller, new Video { Id = id.ToString() }, VideoSnapshot.Failed("cancelled", "Deleted."), provider.Profile, provider.Options.JobTimeout,
                now);
        await store.AddAsync(tombstone with { Deleted = true }, CancellationToken.None);
        // The tombstone starts a new retention. If it went earlier, a provider that can't delete would hand out the video again.
        await store.UpdateAsync(
            id, job =>
                job.WithoutPrompt() with { Deleted = true, SeenAt = now, Outputs = [], Cached = null }, CancellationToken.None);
    }
}
