namespace RemixProxy.Cache;

/// <summary>The cache policy of one request, from its headers and, where they say nothing, the operator's settings.</summary>
internal sealed record CachePolicy
{
    public required CacheMode Mode { get; init; }

    /// <summary>The least similarity of a hit, 0–1; null for the embedder's default.</summary>
    public double? Threshold { get; init; }

    /// <summary>The longest that the stored entry is valid.</summary>
    public required TimeSpan Ttl { get; init; }

    /// <summary>Whether the request skips the look-up and shares nothing. Its new video replaces the entry.</summary>
    public bool NoCache { get; init; }

    /// <summary>Whether nothing is looked up, shared or stored.</summary>
    public bool NoStore { get; init; }

    /// <summary>Whether the request is looked up exactly only because prompts, which a search by similarity compares, are not stored.</summary>
    public bool Promptless { get; init; }

    /// <summary>Why the cache is bypassed, in one word; null if it is not.</summary>
    public string? Bypass => Mode == CacheMode.Off ? "off" : NoStore ? "no-store" : null;

    /// <summary>This policy without the search by similarity: <see cref="CacheMode.Semantic"/> becomes <see cref="CacheMode.Exact"/>.</summary>
    public CachePolicy ExactOnly() => Mode == CacheMode.Semantic ? this with { Mode = CacheMode.Exact } : this;

    /// <summary>This policy where prompts are not stored.</summary>
    public CachePolicy WithoutPrompts() => Mode == CacheMode.Semantic ? ExactOnly() with { Promptless = true } : this;
}
