using RemixProxy.Adapters;
using RemixProxy.Cache;
using RemixProxy.Contract;
using RemixProxy.Exchanges;
using RemixProxy.Jobs;
using RemixProxy.Providers;

namespace RemixProxy.Operations;

/// <summary>Removes or cancels a video upstream where the provider can, and remembers that it is gone.</summary>
internal sealed class DeleteOperation(IJobStore store, CacheEntries entries, VideoIdResolver ids, ExchangeRunner runner, TimeProvider time) : IVideoOperation
{
    public VideoOperation Operations => VideoOperation.Delete;

    public async Task AnswerAsync(VideoCall call)
    {
        var (id, provider, job) = await ids.ResolveAsync(call, call.PathId ?? "", "video_id", call.CallerGone);
        await DeleteUpstreamAsync(call, provider, id, job?.Video.Status ?? VideoStatus.Completed);
        await RememberAsync(call, id, provider);
        if (job is not null) await entries.EvictAsync(job);
        await Answers.WriteAsync(call, new DeletedVideo(id.ToString()), VideoJsonContext.Answer.DeletedVideo);
    }

    private async Task DeleteUpstreamAsync(VideoCall call, Provider provider, VideoId id, VideoStatus status)
    {
        if (provider.Adapter.Delete(id.Native, status) is not { } step) return;
        var outcome = await runner.AskAsync(call.Context, provider, step, CancellationToken.None);
        // It may have been finished since we last asked: then there is nothing to cancel first.
        if (outcome is Outcome.Refused { Forwarded: false } && status is VideoStatus.Queued or VideoStatus.InProgress
            && provider.Adapter.Delete(id.Native, VideoStatus.Completed) is { } plain)
            outcome = await runner.AskAsync(call.Context, provider, plain, CancellationToken.None);
        if (outcome is Outcome.Told || Failures.IsGone(outcome)) return;
        throw new ApiException(Failures.OfDelete(outcome, provider));
    }

    private async Task RememberAsync(VideoCall call, VideoId id, Provider provider)
    {
        var now = time.GetUtcNow();
        var tombstone = VideoJob.First(
            id, call.Caller, new Video { Id = id.ToString() }, VideoSnapshot.Failed("cancelled", "Deleted."), provider.Profile, provider.Options.JobTimeout,
                now);
        await store.AddAsync(tombstone with { Deleted = true }, CancellationToken.None);
        // Retention counts anew: forgotten earlier, a provider without delete would hand the video out again.
        await store.UpdateAsync(
            id, job =>
                job with { Deleted = true, SeenAt = now, Outputs = [], Cached = null, Video = job.Video with { Prompt = null } }, CancellationToken.None);
    }
}
