namespace RemixProxy.Cache;

/// <summary>An entry near a prompt.</summary>
/// <param name="Entry">Its <c>cache_id</c>.</param>
/// <param name="Similarity">Cosine, −1…1.</param>
internal readonly record struct Neighbour(string Entry, double Similarity);
