namespace RemixProxy.Jobs;

/// <summary>Where a job stands in the cache, so that it can leave it.</summary>
/// <param name="Entry">The <c>cache_id</c>.</param>
/// <param name="Scope">The vector's scope; null where only the exact request is answered by it.</param>
internal sealed record CacheEntry(string Entry, string? Scope);
