using RemixProxy.Contract;
using RemixProxy.Resilience;

namespace RemixProxy.Jobs;

/// <summary>Where jobs are remembered. Any replica may answer any follow-up, so nothing else keeps them.</summary>
/// <remarks>Every method may throw <see cref="DependencyException"/>: the store can't be reached, and nothing is known.</remarks>
internal interface IJobStore
{
    /// <summary>The job of that id, of whichever caller, also a tombstone; null where it isn't known.</summary>
    ValueTask<VideoJob?> FindAsync(VideoId id, CancellationToken cancellationToken);

    /// <summary>The caller's jobs with that native id, at any provider, without tombstones.</summary>
    ValueTask<IReadOnlyList<VideoJob>> FindNativeAsync(string caller, string native, CancellationToken cancellationToken);

    /// <summary>Adds a job, or returns the one that is there.</summary>
    ValueTask<VideoJob> AddAsync(VideoJob job, CancellationToken cancellationToken);

    /// <summary>Replaces a job by a change of its present state; <paramref name="change"/> may run more than once. Null where it isn't known.</summary>
    ValueTask<VideoJob?> UpdateAsync(VideoId id, Func<VideoJob, VideoJob> change, CancellationToken cancellationToken);

    /// <summary>
    /// A page of the caller's jobs by creation. Positions are kept by tombstones and don't move when jobs arrive. Null where <paramref name="after"/> isn't the
    /// caller's.
    /// </summary>
    ValueTask<JobPage?> ListAsync(string caller, VideoId? after, int limit, bool ascending, CancellationToken cancellationToken);

    /// <summary>Takes the right to ask the provider for a video's state; false where another replica asks at this moment.</summary>
    ValueTask<bool> BeginPollAsync(VideoId id, CancellationToken cancellationToken);

    /// <summary>Gives the right to ask back.</summary>
    ValueTask EndPollAsync(VideoId id, CancellationToken cancellationToken);
}
