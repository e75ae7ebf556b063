using RemixProxy.Contract;
using RemixProxy.Resilience;

namespace RemixProxy.Jobs;

/// <summary>Remembers jobs. It is the only place that does, because any replica may answer the next call about a job.</summary>
/// <remarks>Every method may throw <see cref="DependencyException"/>: the store can't be reached, and nothing is known.</remarks>
internal interface IJobStore
{
    /// <summary>The job of an id, whoever its caller is, also if it is a tombstone; null if the id isn't known.</summary>
    ValueTask<VideoJob?> FindAsync(VideoId id, CancellationToken cancellationToken);

    /// <summary>The caller's jobs with a native id, at any provider, without tombstones.</summary>
    ValueTask<IReadOnlyList<VideoJob>> FindNativeAsync(string caller, string native, CancellationToken cancellationToken);

    /// <summary>Adds a job. If its id is known, returns the stored job instead.</summary>
    ValueTask<VideoJob> AddAsync(VideoJob job, CancellationToken cancellationToken);

    /// <summary>Applies a change to the stored job; <paramref name="change"/> may run more than once. Null if the id isn't known.</summary>
    ValueTask<VideoJob?> UpdateAsync(VideoId id, Func<VideoJob, VideoJob> change, CancellationToken cancellationToken);

    /// <summary>
    /// A page of the caller's jobs in order of creation, without tombstones. A tombstone keeps its position, and positions don't move when jobs arrive. Null if
    /// <paramref name="after"/> isn't a job of the caller.
    /// </summary>
    ValueTask<JobPage?> ListAsync(string caller, VideoId? after, int limit, bool ascending, CancellationToken cancellationToken);

    /// <summary>Takes the right to ask the provider for a video's state; false if another replica is asking now.</summary>
    ValueTask<bool> BeginPollAsync(VideoId id, CancellationToken cancellationToken);

    /// <summary>Gives back the right to ask.</summary>
    ValueTask EndPollAsync(VideoId id, CancellationToken cancellationToken);
}
