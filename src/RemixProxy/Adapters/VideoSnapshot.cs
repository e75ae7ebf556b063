using RemixProxy.Contract;

namespace RemixProxy.Adapters;

/// <summary>
/// The state of a video as one native response reports it. A null member means that the response does not say; the proxy then keeps what it knows.
/// </summary>
public sealed record VideoSnapshot
{
    /// <summary>The provider's id, unescaped. If the answer to a submit has none, the outcome of the submit is unknown.</summary>
    public string? Id { get; init; }

    /// <summary>The state. An unknown native word means in progress; a success without an output means failed.</summary>
    public required VideoStatus Status { get; init; }

    /// <summary>The provider's word for the state, where the adapter does not know it; operators are told of it. Null: it is known, or there is none.</summary>
    public string? UnknownWord { get; init; }

    /// <summary>The progress in percent, 0–100.</summary>
    public double? Progress { get; init; }

    /// <summary>The native model, where the response has it.</summary>
    public string? Model { get; init; }

    /// <summary>The prompt, where the response has it.</summary>
    public string? Prompt { get; init; }

    /// <summary>The size in pixels, <c>WxH</c>, where the response has it.</summary>
    public string? Size { get; init; }

    /// <summary>The length in seconds, where the response has it.</summary>
    public string? Seconds { get; init; }

    /// <summary>The provider's id of the source video, where the response has it.</summary>
    public string? RemixedFromId { get; init; }

    /// <summary>
    /// The submit's key (<see cref="SubmitRequest.SubmitKey"/>) as the answer to the submit echoes it; empty where it does not, but should. Operators are told
    /// of another key than the submit's, because a lost answer could not be looked for by it. Null: the provider does not echo it.
    /// </summary>
    public string? SubmitKey { get; init; }

    /// <summary>When the provider accepted the job.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>When the provider completed the video.</summary>
    public DateTimeOffset? CompletedAt { get; init; }

    /// <summary>When the provider deletes the bytes.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Why the video failed.</summary>
    public VideoError? Error { get; init; }

    /// <summary>The outputs of a completed video, in the provider's order.</summary>
    public IReadOnlyList<NativeOutput> Outputs { get; init; } = [];

    /// <summary>The outputs that the provider's content filter withheld.</summary>
    public ContentFilter? ContentFilter { get; init; }

    /// <summary>Makes the snapshot of a failed video.</summary>
    /// <param name="code">One of the codes of <see cref="VideoError"/>.</param>
    /// <param name="message">The reason, for people; null or empty becomes a general sentence.</param>
    /// <param name="id">The provider's id.</param>
    public static VideoSnapshot Failed(string code, string? message, string? id = null) =>
        new() { Id = id, Status = VideoStatus.Failed, Error = new(code, string.IsNullOrWhiteSpace(message) ? "The provider gave no reason." : message) };
}

/// <summary>Where the bytes of an output are.</summary>
/// <param name="Url">An absolute URL, or a target below the provider's base.</param>
public sealed record NativeOutput(string Url)
{
    /// <summary>
    /// Whether the URL is a <c>data:</c> URL that holds the bytes, as the answer has them: a mark stands for more than 32 KiB of base64. The proxy does not
    /// store such bytes; it polls again when a caller wants them.
    /// </summary>
    public bool IsInline => Url.StartsWith("data:", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether the URL is public. Any other URL needs the provider's credential, and callers never see it.</summary>
    /// <value>false</value>
    public bool Public { get; init; }

    /// <summary>The media type; null where unknown.</summary>
    public string? ContentType { get; init; }
}
