namespace RemixProxy.Cache;

/// <summary>What one request wants of the cache: its headers, else the operator's settings.</summary>
internal sealed record CachePolicy
{
    public required CacheMode Mode { get; init; }

    /// <summary>The least similarity of a hit; null: the embedder's.</summary>
    public double? Threshold { get; init; }

    /// <summary>How long the entry is valid.</summary>
    public required TimeSpan Ttl { get; init; }

    /// <summary>Nothing is looked up or shared; the entry is replaced.</summary>
    public bool NoCache { get; init; }

    /// <summary>Nothing is looked up, shared or stored.</summary>
    public bool NoStore { get; init; }

    /// <summary>Why the request has nothing to do with the cache; null: it has.</summary>
    public string? Bypass => Mode == CacheMode.Off ? "off" : NoStore ? "no-store" : null;

    /// <summary>The policy of a wish that means one very video: it is matched exactly only.</summary>
    public CachePolicy ExactOnly() => Mode == CacheMode.Semantic ? this with { Mode = CacheMode.Exact } : this;
}
