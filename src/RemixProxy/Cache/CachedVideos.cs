using Microsoft.AspNetCore.Http;
using RemixProxy.Contract;
using RemixProxy.Jobs;
using RemixProxy.Resilience;

namespace RemixProxy.Cache;

/// <summary>Checks whether a video that the cache names can still answer a request.</summary>
internal sealed class CachedVideos(IJobStore store, JobPolls polls, TimeProvider time)
{
    /// <summary>The least time that the bytes of a video must have left, so that the caller can fetch them.</summary>
    private static readonly TimeSpan LeastLife = TimeSpan.FromMinutes(10);

    /// <summary>The job that an entry names, without asking its provider; null if it can no longer answer a request.</summary>
    /// <exception cref="DependencyException">The store can't be reached, or the budget is spent.</exception>
    public async ValueTask<VideoJob?> FindAsync(CacheWish wish, string entry, VideoId id, CacheBudget budget, CancellationToken deadline)
    {
        if (await budget.SpendAsync(ct => store.FindAsync(id, ct), deadline) is not { } job) return null;
        // A server may give out an id a second time. The job under it is then another video.
        if (job.Caller != wish.Call.Caller || job.Cached?.Entry != entry || wish.Providers.Find(id.Provider) is null || !IsGood(job)) return null;
        var source = job.Video.RemixedFromVideoId is { } text && VideoId.TryParse(text, out var from)
            ? await budget.SpendAsync(ct => store.FindAsync(from.Value, ct), deadline)
            : null;
        return source is { Deleted: true } ? null : job;
    }

    /// <summary>The job in its present state. Asks its provider at most once. Null if the job can no longer answer a request.</summary>
    public async ValueTask<VideoJob?> PresentAsync(CacheWish wish, VideoJob job, CancellationToken deadline)
    {
        var provider = wish.Providers.Find(job.Id.Provider)!;
        try
        {
            var asked = await polls.AskIfDueAsync(wish.Call, provider, job, deadline);
            if (asked.TryGet(out var present, out var error)) return IsGood(present) ? present : null;
            // If the provider can't answer, the stored state stands. If it doesn't know the video, there are no bytes, and the video is no answer.
            return error.Status is StatusCodes.Status404NotFound or StatusCodes.Status410Gone ? null : job;
        }
        catch (OperationCanceledException)
        {
            return job;
        }
    }

    private bool IsGood(VideoJob job) =>
        !job.Deleted && job.Video.Status != VideoStatus.Failed
            && !(job.Video.ExpiresAt is { } at && DateTimeOffset.FromUnixTimeSeconds(at) - time.GetUtcNow() < LeastLife);
}
