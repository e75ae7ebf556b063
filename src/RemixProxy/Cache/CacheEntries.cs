using RemixProxy.Contract;
using RemixProxy.Jobs;
using RemixProxy.Providers;
using RemixProxy.Resilience;

namespace RemixProxy.Cache;

/// <summary>Puts jobs into the cache and takes them out. If the cache is away, the caller is served all the same.</summary>
internal sealed class CacheEntries(ICacheEntryStore store, ISemanticIndex index, TimeProvider time) : IJobListener
{
    /// <summary>Stores the entry of a job that was just accepted, within a time budget.</summary>
    /// <param name="job">The job.</param>
    /// <param name="provider">The provider that makes the video.</param>
    /// <param name="miss">The outcome of the look-up, with the entry to store.</param>
    /// <param name="patience">The longest that storing may take.</param>
    /// <returns>The outcome, which now says whether the entry was stored.</returns>
    public async ValueTask<CacheOutcome> StoreAsync(VideoJob job, Provider provider, CacheOutcome.Missed miss, TimeSpan patience)
    {
        var wanted = miss.New;
        if (job.Video.Status == VideoStatus.Failed || Lifetime(provider, job, wanted) is not { } lifetime) return miss;
        var budget = new CacheBudget(patience, time);
        var (entry, scope) = wanted.Entry;
        try
        {
            await budget.SpendAsync(ct => store.StoreEntryAsync(job.Caller, entry, job.Id, lifetime, ct), CancellationToken.None);
            miss = miss with { Stored = true };
            // The vector comes after its entry, because a vector without an entry counts as dead.
            if (scope is not null)
                await budget.SpendAsync(ct => index.AddAsync(scope, entry, wanted.Vector, time.GetUtcNow() + lifetime, ct), CancellationToken.None);
            return miss;
        }
        catch (DependencyException)
        {
            return miss.WithStoreAway();
        }
    }

    /// <summary>Removes a job that failed, so that it answers no request.</summary>
    public async ValueTask EndedAsync(VideoJob job)
    {
        if (job.Video.Status == VideoStatus.Failed) await EvictAsync(job);
    }

    /// <summary>Removes the entry of a job, if it has one.</summary>
    public async ValueTask EvictAsync(VideoJob job)
    {
        if (job.Cached is { } cached) await RemoveAsync(job.Caller, cached, job.Id, CancellationToken.None);
    }

    /// <summary>Removes an entry and its vector, unless another video has replaced this one.</summary>
    public async ValueTask RemoveAsync(string caller, CacheEntry cached, VideoId video, CancellationToken cancellationToken)
    {
        try
        {
            if (await store.FindEntryAsync(caller, cached.Entry, cancellationToken) is { } present && present != video) return;
            await store.RemoveEntryAsync(caller, cached.Entry, video, cancellationToken);
            if (cached.Scope is { } scope) await index.RemoveAsync(scope, cached.Entry, cancellationToken);
        }
        catch (DependencyException)
        {
            // An entry that stays is checked before it answers a request.
        }
    }

    private TimeSpan? Lifetime(Provider provider, VideoJob job, NewEntry wanted)
    {
        // The bytes of an unfinished job live for their whole lifetime after its end, so counting from now is safe.
        var bytes = job.Video.ExpiresAt is { } at ? DateTimeOffset.FromUnixTimeSeconds(at) - time.GetUtcNow() : provider.Profile.BytesLifetime;
        var lifetime = bytes < wanted.Ttl ? bytes.Value : wanted.Ttl;
        return lifetime > TimeSpan.Zero ? lifetime : null;
    }
}
