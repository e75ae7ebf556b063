using RemixProxy.Contract;

namespace RemixProxy.Adapters;

/// <summary>What one native response says of a video. Null means that it says nothing: the proxy then keeps what it knows.</summary>
public sealed record VideoSnapshot
{
    /// <summary>The provider's id, unescaped. A submit whose answer has none is of unknown outcome.</summary>
    public string? Id { get; init; }

    /// <summary>The state; an unknown native word counts as in progress, success without an output as failed.</summary>
    public required VideoStatus Status { get; init; }

    /// <summary>Percent, 0–100.</summary>
    public double? Progress { get; init; }

    /// <summary>The native model, where echoed.</summary>
    public string? Model { get; init; }

    /// <summary>The prompt, where echoed.</summary>
    public string? Prompt { get; init; }

    /// <summary>Pixels <c>WxH</c>, where echoed.</summary>
    public string? Size { get; init; }

    /// <summary>Length in seconds, where echoed.</summary>
    public string? Seconds { get; init; }

    /// <summary>The provider's id of the source, where echoed.</summary>
    public string? RemixedFromId { get; init; }

    /// <summary>When the provider took the job.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>When it was completed.</summary>
    public DateTimeOffset? CompletedAt { get; init; }

    /// <summary>When the bytes go.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Why it failed.</summary>
    public VideoError? Error { get; init; }

    /// <summary>The outputs of a completed video, in the provider's order.</summary>
    public IReadOnlyList<NativeOutput> Outputs { get; init; } = [];

    /// <summary>Outputs that the provider held back.</summary>
    public ContentFilter? ContentFilter { get; init; }

    /// <summary>A failed state.</summary>
    /// <param name="code">One of the codes of <see cref="VideoError"/>.</param>
    /// <param name="message">For people; null or empty becomes a plain sentence.</param>
    /// <param name="id">The provider's id.</param>
    public static VideoSnapshot Failed(string code, string? message, string? id = null) =>
        new() { Id = id, Status = VideoStatus.Failed, Error = new(code, string.IsNullOrWhiteSpace(message) ? "The provider gave no reason." : message) };
}

/// <summary>Where the bytes of an output are.</summary>
/// <param name="Url">An absolute URL, or a target below the provider's base.</param>
public sealed record NativeOutput(string Url)
{
    /// <summary>Whether the URL is a <c>data:</c> URL that holds the bytes; they are asked for again when they are wanted, not remembered.</summary>
    public bool IsInline => Url.StartsWith("data:", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether anybody may fetch the URL; else it needs the provider's credential and is never shown.</summary>
    public bool Public { get; init; }

    /// <summary>Media type, where known.</summary>
    public string? ContentType { get; init; }
}
