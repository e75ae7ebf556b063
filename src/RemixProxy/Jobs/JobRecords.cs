using RemixProxy.Contract;
using RemixProxy.Resilience;

namespace RemixProxy.Jobs;

/// <summary>
/// The store as a poll uses it. While the store is away every replica is on its own: it may ask, remembers nothing, and what it learns is for this call alone.
/// </summary>
internal sealed class JobRecords(IJobStore store, JobEnds ends)
{
    /// <summary>The job as stored; null where it isn't known, or the store is away.</summary>
    public async Task<VideoJob?> FindAsync(VideoId id)
    {
        try
        {
            return await store.FindAsync(id, CancellationToken.None);
        }
        catch (DependencyException)
        {
            return null;
        }
    }

    /// <summary>Adds a job, or returns the one that is there.</summary>
    public async Task<VideoJob> AddAsync(VideoJob job)
    {
        try
        {
            return await store.AddAsync(job, CancellationToken.None);
        }
        catch (DependencyException)
        {
            return job;
        }
    }

    /// <summary>Changes a job. Of all replicas that see it end, the one whose change is kept reports the end.</summary>
    public async Task<VideoJob> ChangeAsync(VideoJob job, Func<VideoJob, VideoJob> change)
    {
        var isEnd = false;
        try
        {
            var stored = await store.UpdateAsync(
                job.Id,
                before =>
                {
                    var after = change(before);
                    isEnd = after.IsFinished && !before.IsFinished;
                    return after;
                },
                CancellationToken.None);
            if (stored is null) return change(job);
            if (isEnd) await ends.TellAsync(stored);
            return stored;
        }
        catch (DependencyException)
        {
            return change(job);
        }
    }

    /// <summary>Takes the right to ask the provider; false where another replica asks at this moment.</summary>
    public async Task<bool> BeginPollAsync(VideoId id)
    {
        try
        {
            return await store.BeginPollAsync(id, CancellationToken.None);
        }
        catch (DependencyException)
        {
            return true;
        }
    }

    /// <summary>Gives the right to ask back.</summary>
    public async Task EndPollAsync(VideoId id)
    {
        try
        {
            await store.EndPollAsync(id, CancellationToken.None);
        }
        catch (DependencyException)
        {
            // The right to poll expires by itself.
        }
    }
}
