using RemixProxy.Jobs;

namespace RemixProxy.Cache;

/// <summary>What the cache says to a submit.</summary>
/// <param name="Hit">The job that answers it, in its present state; null: it is to be sent.</param>
/// <param name="Debug">For <c>extra_fields.cache_debug</c>.</param>
/// <param name="Status">For <c>Cache-Status</c>, RFC 9211.</param>
/// <param name="Stored">Where the job that is to be sent will stand; null where it is not stored.</param>
internal sealed record CacheOutcome(VideoJob? Hit, CacheDebug Debug, string Status, CacheEntry? Stored);
