using RemixProxy.Contract;
using RemixProxy.Jobs;
using RemixProxy.Jobs.Submissions;
using RemixProxy.Resilience;

namespace RemixProxy.Cache;

/// <summary>Answers a submit with the video of an equal request, stored or under way, or with a stored video whose prompt means the same.</summary>
internal sealed class SemanticCache(
    ICacheEntryStore store, ISubmissionStore submissions, IJobStore jobs, CacheEntries entries, CachedVideos videos, SimilarPrompts similar, TimeProvider time)
{
    /// <summary>How often a look-up begins anew because the entry was dead or its holder died. It then gives up with "in progress".</summary>
    private const int MaxRounds = 32;

    /// <summary>Looks a submit up. After a miss the submit holds the claim: identical submits wait until its submission has ended.</summary>
    /// <param name="wish">The submit as the cache sees it.</param>
    /// <param name="submission">The record of the submit.</param>
    /// <param name="deadline">The deadline of the submit; until then it waits for an identical one.</param>
    public async Task<CacheOutcome> LookUpAsync(CacheWish wish, Submission submission, CancellationToken deadline)
    {
        if (wish.Policy.Bypass is { } reason) return new CacheOutcome.Bypassed(reason);
        var budget = new CacheBudget(wish.Patience, time);
        var miss = new CacheOutcome.Missed(new(new(wish.Entry, Scope: null), wish.Policy.Ttl, default))
        {
            NoCache = wish.Policy.NoCache,
            Promptless = wish.Policy.Promptless,
        };
        if (wish.Policy.NoCache) return await similar.MeasureAsync(wish, miss, deadline);
        try
        {
            if (await ClaimAsync(wish, submission, budget, deadline) is { } answer) return answer;
        }
        catch (DependencyException)
        {
            // Without the store nothing can be found, so the embedder would only cost time.
            return miss with { Fault = CacheFault.NotAsked };
        }

        return await similar.SearchAsync(wish, await similar.MeasureAsync(wish, miss, deadline), budget, deadline);
    }

    /// <returns>What answers the submit; null if the submit now holds the claim.</returns>
    private async Task<CacheOutcome?> ClaimAsync(CacheWish wish, Submission submission, CacheBudget budget, CancellationToken deadline)
    {
        for (var round = 0; round < MaxRounds; round++)
        {
            switch (await budget.SpendAsync(ct => store.ClaimAsync(submission, wish.Entry, ct), deadline))
            {
                case Claim.Stored { Video: var id }:
                    var stored = await videos.FindAsync(wish, wish.Entry, id, budget, deadline);
                    if (stored is not null && await videos.PresentAsync(wish, stored, deadline) is { } job)
                        return new CacheOutcome.Hit(job, wish.Entry, CacheOutcome.Tiers.Direct);
                    await budget.SpendAsync(
                        async ct => await entries.RemoveAsync(wish.Call.Caller, stored?.Cached ?? new(wish.Entry, Scope: null), id, ct), deadline);
                    break;
                case Claim.UnderWay { Holder: var holder }:
                    if (await ShareAsync(wish, holder, deadline) is { } shared) return shared;
                    break;
                default:
                    return null;
            }
        }

        return InProgress(wish, submission);
    }

    /// <returns>How the identical submit ended; null if it ended before anything was sent or its video was deleted, so that a waiting submit goes on.</returns>
    private async Task<CacheOutcome?> ShareAsync(CacheWish wish, Submission holder, CancellationToken deadline)
    {
        Submission end;
        try
        {
            end = await submissions.WaitAsync(holder, deadline);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            return InProgress(wish, holder);
        }

        if (end.IsVoid) return null;
        if (end.Video is not { } id) return new CacheOutcome.Shared(end, wish.Entry, Job: null);
        // The caller shares the video as it was accepted, whatever becomes of it a moment later.
        if (await jobs.FindAsync(id, deadline) is { } job) return job.Deleted ? null : new CacheOutcome.Shared(end, wish.Entry, job);
        var lost = end with { State = SubmissionState.Unknown, Error = ApiError.SubmissionUnknown };
        return new CacheOutcome.Shared(lost, wish.Entry, Job: null);
    }

    private static CacheOutcome.Shared InProgress(CacheWish wish, Submission holder) =>
        new(holder with { State = SubmissionState.Refused, Error = ApiError.SubmissionInProgress }, wish.Entry, Job: null);
}
