using RemixProxy.Contract;
using RemixProxy.Resilience;

namespace RemixProxy.Jobs;

/// <summary>
/// The job store for polls, whose methods don't fail. While the store is away, each replica may ask the provider on its own, and uses what it learns for this
/// call only.
/// </summary>
internal sealed class JobRecords(IJobStore store, JobEnds ends)
{
    /// <summary>The job as stored; null if it isn't known or the store is away.</summary>
    public Task<VideoJob?> FindAsync(VideoId id) => OrElseAsync(() => store.FindAsync(id, CancellationToken.None), null);

    /// <summary>Adds a job. If its id is known, returns the stored job instead.</summary>
    public Task<VideoJob> AddAsync(VideoJob job) => OrElseAsync(() => store.AddAsync(job, CancellationToken.None), job);

    /// <summary>Changes a job. If several replicas see it end, only the one that stores the end reports it.</summary>
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

    /// <summary>Takes the right to ask the provider; false if another replica is asking now.</summary>
    public Task<bool> BeginPollAsync(VideoId id) => OrElseAsync(() => store.BeginPollAsync(id, CancellationToken.None), true);

    /// <summary>Gives back the right to ask.</summary>
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

    private static async Task<T> OrElseAsync<T>(Func<ValueTask<T>> ask, T whileAway)
    {
        try
        {
            return await ask();
        }
        catch (DependencyException)
        {
            return whileAway;
        }
    }
}
