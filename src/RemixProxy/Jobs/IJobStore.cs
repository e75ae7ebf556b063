using RemixProxy.Cache;
using RemixProxy.Contract;
using RemixProxy.Jobs.Submissions;
using RemixProxy.Resilience;

namespace RemixProxy.Jobs;

/// <summary>Where jobs and submissions are remembered. Any replica may answer any follow-up, so nothing else keeps them.</summary>
/// <remarks>Every method may throw <see cref="DependencyException"/>: the store can't be reached, and nothing is known. Where money depends on it (a submit with a key) that ends the call before anything is sent.</remarks>
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

    /// <summary>Waits until a submission has ended. One whose holder died while sending ends as unknown by that. One that is still claimed on return lost its holder before anything was sent: whoever waited may begin anew.</summary>
    /// <exception cref="DependencyException">The store has been away for a while.</exception>
    ValueTask<Submission> WaitAsync(Submission submission, CancellationToken cancellationToken);

    /// <summary>Looks up a cache entry, joins an identical submit under way, or makes it this submit's to send; in one step, across replicas.</summary>
    /// <param name="submission">Who asks; it must be recorded.</param>
    /// <param name="entry">The <c>cache_id</c>.</param>
    /// <param name="cancellationToken">Ends the look-up.</param>
    ValueTask<Claim> ClaimAsync(Submission submission, string entry, CancellationToken cancellationToken);

    /// <summary>The video of a caller's cache entry; null where there is none.</summary>
    ValueTask<VideoId?> FindEntryAsync(string caller, string entry, CancellationToken cancellationToken);

    /// <summary>Stores a cache entry, or replaces it.</summary>
    ValueTask StoreEntryAsync(string caller, string entry, VideoId video, TimeSpan lifetime, CancellationToken cancellationToken);

    /// <summary>Removes a cache entry where it still names that video.</summary>
    ValueTask RemoveEntryAsync(string caller, string entry, VideoId video, CancellationToken cancellationToken);

    /// <summary>Takes the right to ask the provider for a video's state; false where another replica asks at this moment.</summary>
    ValueTask<bool> BeginPollAsync(VideoId id, CancellationToken cancellationToken);

    /// <summary>Gives the right to ask back.</summary>
    ValueTask EndPollAsync(VideoId id, CancellationToken cancellationToken);
}

/// <summary>A page of jobs.</summary>
/// <param name="Jobs">The jobs, in order.</param>
/// <param name="HasMore">Whether there are more behind the last.</param>
internal sealed record JobPage(IReadOnlyList<VideoJob> Jobs, bool HasMore);
