namespace RemixProxy.Jobs;

/// <summary>The cache entry of a job, so that the job can be removed from the cache.</summary>
/// <param name="Entry">The <c>cache_id</c>.</param>
/// <param name="Scope">The scope of the entry's vector; null if the entry answers only the exact request.</param>
internal sealed record CacheEntry(string Entry, string? Scope);
