using RemixProxy.Contract;
using RemixProxy.Jobs;

namespace RemixProxy.Cache;

/// <summary>What the cache says to a submit.</summary>
/// <param name="Debug">For <c>extra_fields.cache_debug</c>.</param>
/// <param name="Status">For <c>Cache-Status</c>.</param>
internal sealed record CacheOutcome(CacheDebug Debug, CacheStatus Status)
{
    /// <summary>In metrics: nothing was looked up.</summary>
    public const string Bypass = "bypass";

    /// <summary>In metrics: no hit.</summary>
    public const string Miss = "miss";

    /// <summary>In metrics: the store or the embedder failed.</summary>
    public const string Failed = "error";

    /// <summary>In metrics: an identical submit under way was joined.</summary>
    public const string InFlight = "in_flight";

    /// <summary>In metrics: nobody answered.</summary>
    public const string None = "none";

    /// <summary>For metrics, in a word: <c>hit</c>, <c>miss</c>, <c>bypass</c>, or <c>error</c> where the store or the embedder failed.</summary>
    public string Result => this switch
    {
        { Hit: not null } => "hit",
        { Status.Forward: "bypass" or "request" } => Bypass,
        { Status.Detail: CacheStatus.StoreUnavailable or CacheStatus.EmbedderUnavailable } => Failed,
        _ => Miss,
    };

    /// <summary>For metrics: which part of the cache answered.</summary>
    public string Tier => Debug.HitType ?? None;

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
