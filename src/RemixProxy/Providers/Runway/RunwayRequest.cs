using System.Text.Json;
using System.Text.Json.Nodes;

namespace RemixProxy.Providers.Runway;

/// <summary>The body of <c>text_to_video</c>, <c>image_to_video</c> and <c>video_to_video</c>; what is null is left out.</summary>
internal sealed record RunwayRequest
{
    public required string Model { get; init; }

    public required string PromptText { get; init; }

    /// <summary>An https URL, a data URI or an upload.</summary>
    public string? PromptImage { get; init; }

    /// <summary>The source of Seedance and Hailuo models: an https URL or an upload.</summary>
    public string? PromptVideo { get; init; }

    /// <summary>The source of all other models.</summary>
    public string? VideoUri { get; init; }

    /// <summary><c>edit</c> or <c>extend</c>.</summary>
    public string? Mode { get; init; }

    /// <summary>Pixels <c>W:H</c>; of models that take <see cref="Resolution"/> a ratio such as <c>16:9</c>.</summary>
    public string? Ratio { get; init; }

    public string? Resolution { get; init; }

    /// <summary>Whole seconds, or <c>auto</c>.</summary>
    public JsonNode? Duration { get; init; }

    public long? Seed { get; init; }

    public bool? Audio { get; init; }

    public string? NegativePrompt { get; init; }

    public JsonElement? ContentModeration { get; init; }

    public JsonElement? Keyframes { get; init; }

    public string? TargetAspectRatio { get; init; }

    public string? OutputFormat { get; init; }
}

/// <summary>Asks for a place to upload a file to; it is gone by itself after some time.</summary>
/// <param name="Filename">File name with its extension.</param>
/// <param name="Type">Always <c>ephemeral</c>.</param>
internal sealed record RunwayUploadRequest(string Filename, string Type = "ephemeral");
