namespace RemixProxy.Cache;

/// <summary>A cache entry whose prompt is near another.</summary>
/// <param name="Entry">The <c>cache_id</c>.</param>
/// <param name="Similarity">The cosine of the two vectors, −1…1.</param>
internal readonly record struct Neighbour(string Entry, double Similarity);
