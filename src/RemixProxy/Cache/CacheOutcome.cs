using RemixProxy.Jobs;

namespace RemixProxy.Cache;

/// <summary>What the cache says to a submit.</summary>
/// <param name="Debug">For <c>extra_fields.cache_debug</c>.</param>
/// <param name="Status">For <c>Cache-Status</c>.</param>
internal sealed record CacheOutcome(CacheDebug Debug, CacheStatus Status)
{
    /// <summary>The job that answers it, in its present state; null: it is to be sent.</summary>
    public VideoJob? Hit { get; init; }

    /// <summary>Where the job that is to be sent will stand; null where it is not stored.</summary>
    public NewEntry? New { get; init; }

    /// <summary>A request that has nothing to do with the cache.</summary>
    public static CacheOutcome Bypassed(string reason) => new(new() { CacheHit = false }, new() { Forward = "bypass", Detail = reason });
}

/// <summary>An entry to be.</summary>
/// <param name="Entry">Where it will stand.</param>
/// <param name="Ttl">How long at most.</param>
/// <param name="Vector">The prompt's, where the entry has a scope for it.</param>
internal sealed record NewEntry(CacheEntry Entry, TimeSpan Ttl, ReadOnlyMemory<float> Vector);
