using RemixProxy.Contract;
using RemixProxy.Jobs;
using RemixProxy.Resilience;

namespace RemixProxy.Redis;

/// <summary>Jobs shared by all replicas. This process keeps a job that was paid for while Redis is away, until Redis is back.</summary>
internal sealed class RedisJobStore(RedisDatabase redis, RedisJobs jobs, RedisBacklog backlog) : IJobStore
{
    public async ValueTask<VideoJob?> FindAsync(VideoId id, CancellationToken cancellationToken)
    {
        if ((backlog.Find(id) ?? await jobs.FindAsync(id, cancellationToken)) is { } job) return job;
        // What another replica accepted while Redis was away, it tells within a few beats. Until then nobody can say that there is no such video.
        return redis.Dependency.IsBackWithin(RedisSubmissions.Silence) ? throw new DependencyException(redis.Dependency.Name) : null;
    }

    public ValueTask<IReadOnlyList<VideoJob>> FindNativeAsync(string caller, string native, CancellationToken cancellationToken) =>
        jobs.FindNativeAsync(caller, native, cancellationToken);

    public async ValueTask<VideoJob> AddAsync(VideoJob job, CancellationToken cancellationToken)
    {
        // A job that was only read can be read again; a job that was paid for is kept.
        if (!job.Adopted && redis.Dependency.IsInDoubt) return backlog.Keep(job);
        try
        {
            return await jobs.AddAsync(job, cancellationToken);
        }
        catch (DependencyException) when (!job.Adopted)
        {
            return backlog.Keep(job);
        }
    }

    public async ValueTask<VideoJob?> UpdateAsync(VideoId id, Func<VideoJob, VideoJob> change, CancellationToken cancellationToken) =>
        backlog.Change(id, change) ?? await jobs.UpdateAsync(id, change, cancellationToken);

    public ValueTask<JobPage?> ListAsync(string caller, VideoId? after, int limit, bool ascending, CancellationToken cancellationToken) =>
        jobs.ListAsync(caller, after, limit, ascending, cancellationToken);

    public ValueTask<bool> BeginPollAsync(VideoId id, CancellationToken cancellationToken) => jobs.BeginPollAsync(id, cancellationToken);

    public ValueTask EndPollAsync(VideoId id, CancellationToken cancellationToken) => jobs.EndPollAsync(id, cancellationToken);
}
