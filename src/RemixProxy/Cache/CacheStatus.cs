using System.Text;

namespace RemixProxy.Cache;

/// <summary>The header <c>Cache-Status</c> (RFC 9211) of one answer. Its words are tokens and its key is hex, so nothing needs escaping.</summary>
internal sealed record CacheStatus
{
    public const string Header = "Cache-Status";

    public const string StoreUnavailable = "store-unavailable";

    public const string EmbedderUnavailable = "embedder-unavailable";

    public const string PromptsNotKept = "prompts-not-kept";

    /// <summary>The status of an answer to a repeat, which comes neither from the cache nor from a provider.</summary>
    public static CacheStatus Replayed { get; } = new() { Detail = "replayed" };

    public bool Hit { get; init; }

    /// <summary>Why the request was forwarded to a provider; null for a hit.</summary>
    public string? Forward { get; init; }

    /// <summary>Whether the request's new job was stored in the cache.</summary>
    public bool Stored { get; init; }

    /// <summary>Whether the request waited for an identical one and was not forwarded itself.</summary>
    public bool Collapsed { get; init; }

    /// <summary>The <c>cache_id</c>.</summary>
    public string? Key { get; init; }

    public string? Detail { get; init; }

    public override string ToString()
    {
        var text = new StringBuilder("RemixProxy");
        if (Hit) text.Append("; hit");
        if (Forward is not null) text.Append("; fwd=").Append(Forward);
        if (Stored) text.Append("; stored");
        if (Collapsed) text.Append("; collapsed");
        if (Key is not null) text.Append("; key=\"").Append(Key).Append('"');
        if (Detail is not null) text.Append("; detail=").Append(Detail);
        return text.ToString();
    }
}
