using RemixProxy.Routing;

namespace RemixProxy.Jobs;

/// <summary>Where jobs and submissions are remembered. Any replica may answer any follow-up, so nothing else keeps them.</summary>
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

    /// <summary>A page of the caller's jobs by creation. Positions are kept by tombstones and don't move when jobs arrive. Null where <paramref name="after"/> isn't the caller's.</summary>
    ValueTask<JobPage?> ListAsync(string caller, VideoId? after, int limit, bool ascending, CancellationToken cancellationToken);

    /// <summary>Records a submit, unless it repeats an earlier one.</summary>
    ValueTask<Admission> AdmitAsync(SubmitTicket ticket, CancellationToken cancellationToken);

    /// <summary>Moves a submission on; a state never goes back.</summary>
    ValueTask<Submission> MoveAsync(Submission submission, Func<Submission, Submission> change, CancellationToken cancellationToken);

    /// <summary>Waits until a submission has ended.</summary>
    ValueTask<Submission> WaitAsync(Submission submission, CancellationToken cancellationToken);
}

/// <summary>A page of jobs.</summary>
/// <param name="Jobs">The jobs, in order.</param>
/// <param name="HasMore">Whether there are more behind the last.</param>
internal sealed record JobPage(IReadOnlyList<VideoJob> Jobs, bool HasMore);
