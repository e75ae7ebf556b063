using RemixProxy.Contract;
using RemixProxy.Jobs;
using RemixProxy.Jobs.Submissions;
using RemixProxy.Resilience;

namespace RemixProxy.Cache;

/// <summary>Answers submits by videos that are there, or on their way: of the same request, or of one whose prompt means the same.</summary>
internal sealed class SemanticCache(
    ICacheEntryStore store, ISubmissionStore submissions, IJobStore jobs, CacheEntries entries, CachedVideos videos, SimilarPrompts similar, TimeProvider time)
{
    /// <summary>How often a look-up begins anew because the entry was dead or its holder died; beyond, something is wrong.</summary>
    private const int MaxRounds = 32;

    /// <summary>Looks a submit up. A miss holds the claim: identical ones wait for it from then on, until its submission has ended.</summary>
    /// <param name="wish">What is looked for.</param>
    /// <param name="submission">Its record.</param>
    /// <param name="deadline">Of the submit, until which it waits for an identical one.</param>
    /// <exception cref="SharedFailureException">The identical one that it waited for failed, or did not end in time.</exception>
    /// <exception cref="ApiException">409: it began anew too often.</exception>
    public async Task<CacheOutcome> LookUpAsync(CacheWish wish, Submission submission, CancellationToken deadline)
    {
        if (wish.Policy.Bypass is { } reason) return CacheOutcome.Bypassed(reason);
        var budget = new CacheBudget(wish.Patience, time);
        var miss = Miss(wish);
        if (wish.Policy.NoCache) return await similar.MeasureAsync(wish, miss with { Status = new() { Forward = "request", Detail = "no-cache" } }, deadline);
        try
        {
            if (await ClaimAsync(wish, submission, budget, deadline) is { } hit) return hit;
        }
        catch (DependencyException)
        {
            // Alone from here on; the embedder would only cost more time.
            return miss with { Status = miss.Status with { Forward = "miss", Detail = CacheStatus.StoreUnavailable } };
        }

        return await similar.SearchAsync(wish, await similar.MeasureAsync(wish, miss, deadline), budget, deadline);
    }

    private static CacheOutcome Miss(CacheWish wish) => new(new() { CacheHit = false, CacheId = wish.Entry }, new() { Forward = "uri-miss", Key = wish.Entry })
    {
        New = new(new(wish.Entry, Scope: null), wish.Policy.Ttl, default),
    };

    private async Task<CacheOutcome?> ClaimAsync(CacheWish wish, Submission submission, CacheBudget budget, CancellationToken deadline)
    {
        for (var round = 0; round < MaxRounds; round++)
        {
            switch (await budget.SpendAsync(ct => store.ClaimAsync(submission, wish.Entry, ct), deadline))
            {
                case Claim.Stored { Video: var id }:
                    var stored = await videos.FindAsync(wish, wish.Entry, id, budget, deadline);
                    if (stored is not null && await videos.PresentAsync(wish, stored, deadline) is { } job) return Hit(wish, job, "direct");
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

        throw new ApiException(ApiError.SubmissionInProgress);
    }

    /// <summary>
    /// The job of an identical submit once it has one; null where it came to nothing before anything was sent, so that one of those who waited takes over.
    /// </summary>
    private async Task<CacheOutcome?> ShareAsync(CacheWish wish, Submission holder, CancellationToken deadline)
    {
        Submission ended;
        try
        {
            ended = await submissions.WaitAsync(holder, deadline);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            throw new SharedFailureException(holder with { State = SubmissionState.Refused, Error = ApiError.SubmissionInProgress });
        }

        if (ended.IsVoid) return null;
        if (ended.Video is not { } id) throw new SharedFailureException(ended);
        // As it was accepted: whatever becomes of it now, this caller shares it.
        if (await jobs.FindAsync(id, deadline) is not { } job)
            throw new SharedFailureException(ended with { State = SubmissionState.Unknown, Error = ApiError.SubmissionUnknown });
        return job.Deleted ? null : Hit(wish, job, CacheOutcome.InFlight);
    }

    private static CacheOutcome Hit(CacheWish wish, VideoJob job, string type) =>
        new(new() { CacheHit = true, CacheId = wish.Entry, HitType = type }, new() { Hit = true, Detail = type }) { Hit = job };
}
