using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace RemixProxy.Contract;

/// <summary>The unified video object: what callers see of a job, whichever provider works on it.</summary>
/// <remarks>The first thirteen keys are those of the OpenAI Videos API and always present. The others are present only where they say something.</remarks>
public sealed record Video
{
    /// <summary><c>{native id}:{provider}</c>. It never needs escaping in a path.</summary>
    public required string Id { get; init; }

    /// <summary>Always <c>video</c>.</summary>
    public string Object { get; init; } = "video";

    /// <summary>The native model used; empty where unknown.</summary>
    public string Model { get; init; } = "";

    /// <summary>Where the job stands.</summary>
    public VideoStatus Status { get; init; }

    /// <summary>Percent, 0–100. It never falls, and is 100 when completed.</summary>
    public int Progress { get; init; }

    /// <summary>The caller's prompt.</summary>
    public string? Prompt { get; init; }

    /// <summary>The unified id of the video that this one was made from.</summary>
    public string? RemixedFromVideoId { get; init; }

    /// <summary>Length of the clip in seconds, as text; empty where unknown. The length of an extension is the stitched total.</summary>
    public string Seconds { get; init; } = "";

    /// <summary>Pixels as <c>WxH</c>; empty where unknown.</summary>
    public string Size { get; init; } = "";

    /// <summary>Unix seconds.</summary>
    public long CreatedAt { get; init; }

    /// <summary>Unix seconds.</summary>
    public long? CompletedAt { get; init; }

    /// <summary>Unix seconds at which the bytes are deleted; null where they stay or the provider doesn't say.</summary>
    public long? ExpiresAt { get; init; }

    /// <summary>Why the video failed; null where it did not.</summary>
    public VideoError? Error { get; init; }

    /// <summary>The outputs, one entry each, of a completed video.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<VideoEntry>? Videos { get; init; }

    /// <summary>How many outputs the provider held back, and why.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ContentFilter? ContentFilter { get; init; }

    /// <summary>What RemixProxy says about the call that it answers.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ExtraFields? ExtraFields { get; init; }
}

/// <summary>The four states of a video. Every state of every provider maps to one of them.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<VideoStatus>))]
public enum VideoStatus
{
    /// <summary>The provider accepted it and has not begun.</summary>
    [JsonStringEnumMemberName("queued")] Queued,

    /// <summary>The provider is making it.</summary>
    [JsonStringEnumMemberName("in_progress")] InProgress,

    /// <summary>The video exists.</summary>
    [JsonStringEnumMemberName("completed")] Completed,

    /// <summary>There will be no video.</summary>
    [JsonStringEnumMemberName("failed")] Failed,
}

/// <summary>Why a video failed.</summary>
/// <param name="Code"><c>moderation_blocked</c>, <c>cancelled</c>, <c>expired</c>, <c>aborted</c>, <c>no_output</c>, <c>provider_error</c>, or the provider's
/// own stable word.</param>
/// <param name="Message">A text for people, without hosts and credentials.</param>
public sealed record VideoError(string Code, string Message);

/// <summary>One output of a completed video.</summary>
public sealed record VideoEntry
{
    /// <summary><c>url</c> or <c>base64</c>.</summary>
    public required string Type { get; init; }

    /// <summary>The address of the bytes: the provider's own URL if anybody may fetch it, else this proxy's.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Url { get; init; }

    /// <summary>The bytes, for <c>?include=base64</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public byte[]? Base64 { get; init; }

    /// <summary>Media type of the bytes.</summary>
    public string ContentType { get; init; } = "video/mp4";
}

/// <summary>Outputs that the provider held back.</summary>
/// <param name="FilteredCount">The number of outputs.</param>
/// <param name="Reasons">The provider's reasons, in its own words.</param>
public sealed record ContentFilter(int FilteredCount, IReadOnlyList<string> Reasons);

/// <summary>A wish that was not met to the letter.</summary>
/// <param name="Param">The field.</param>
/// <param name="Requested">The value that the caller sent.</param>
/// <param name="Used">The value that was sent on; null where the field was left out.</param>
/// <param name="Reason">Why it differs.</param>
public sealed record Adjustment(string Param, string Requested, string? Used, string Reason);

/// <summary>A target of an alias that was tried before the one that made the video, and created nothing.</summary>
/// <param name="Provider">The configured name of the provider.</param>
/// <param name="Model">The model.</param>
/// <param name="Error">Why it did not make the video.</param>
public sealed record Attempt(string Provider, string Model, VideoError Error);

/// <summary>What RemixProxy says about a call beside the unified object.</summary>
public sealed record ExtraFields
{
    /// <summary>Which operation was answered, e.g. <c>video_remix</c>.</summary>
    public required string RequestType { get; init; }

    /// <summary>The configured name of the provider.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Provider { get; init; }

    /// <summary>The model as the caller named it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ModelRequested { get; init; }

    /// <summary>The native model that served it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ModelDeployment { get; init; }

    /// <summary>How long this call waited for the provider, in whole milliseconds.</summary>
    public long Latency { get; init; }

    /// <summary>Always 0, because a video is one piece.</summary>
    public int ChunkIndex { get; init; }

    /// <summary>Wishes that were not met to the letter.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<Adjustment>? Adjustments { get; init; }

    /// <summary>The targets that were tried before, in order; null where there were none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<Attempt>? Attempts { get; init; }

    /// <summary>What the cache did. It is on the answer of every submit and nowhere else.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public CacheDebug? CacheDebug { get; init; }

    /// <summary>The native requests of this call, on <c>x-remix-raw: true</c> where allowed.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JsonNode? RawRequest { get; init; }

    /// <summary>The native responses of this call, on <c>x-remix-raw: true</c> where allowed.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JsonNode? RawResponse { get; init; }
}

/// <summary>What the cache did for a submit.</summary>
public sealed record CacheDebug
{
    /// <summary>Whether a stored job, or a job that was being submitted, answered the submit.</summary>
    public required bool CacheHit { get; init; }

    /// <summary>The entry that was hit, or the entry that this request stores.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? CacheId { get; init; }

    /// <summary>The kind of a hit: <c>direct</c>, <c>in_flight</c> or <c>semantic</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? HitType { get; init; }

    /// <summary>The embedder of the prompt; <c>builtin</c> is the one in this process.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ProviderUsed { get; init; }

    /// <summary>The embedder's model.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ModelUsed { get; init; }

    /// <summary>How many tokens the embedder consumed.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? InputTokens { get; init; }

    /// <summary>The least similarity that would have been a hit.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Threshold { get; init; }

    /// <summary>Cosine, −1…1, of the nearest neighbour measured, on misses too.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Similarity { get; init; }
}
