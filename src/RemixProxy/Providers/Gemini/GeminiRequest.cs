using System.Text.Json.Nodes;

namespace RemixProxy.Providers.Gemini;

/// <summary>The body of <c>POST interactions</c>: in the background and stored, without which there is neither a poll nor a remix.</summary>
internal sealed record GeminiRequest
{
    public required string Model { get; init; }

    public string? PreviousInteractionId { get; init; }

    /// <summary>A text, or an array of <see cref="GeminiPart"/>.</summary>
    public required JsonNode Input { get; init; }

    public bool Background { get; init; } = true;

    public bool Store { get; init; } = true;

    public GeminiConfig? GenerationConfig { get; init; }

    public GeminiFormat ResponseFormat { get; init; } = new();
}

/// <summary>How it is to be made.</summary>
internal sealed record GeminiConfig
{
    public long? Seed { get; init; }

    public GeminiVideoConfig? VideoConfig { get; init; }
}

/// <summary>What is to be made of the input.</summary>
/// <param name="Task"><c>text_to_video</c>, <c>image_to_video</c>, <c>edit</c> or <c>extend</c>.</param>
internal sealed record GeminiVideoConfig(string Task);

/// <summary>How the video is to be.</summary>
internal sealed record GeminiFormat
{
    public string Type { get; init; } = "video";

    /// <summary>Always by URI: inline is for small clips only.</summary>
    public string Delivery { get; init; } = "uri";

    public string? AspectRatio { get; init; }

    public string? Resolution { get; init; }

    /// <summary>With its unit, e.g. <c>8s</c>; a bare number is refused.</summary>
    public string? Duration { get; init; }
}

/// <summary>A part of the input.</summary>
/// <param name="Type"><c>text</c>, <c>image</c> or <c>video</c>.</param>
internal sealed record GeminiPart(string Type)
{
    public string? Text { get; init; }

    public string? MimeType { get; init; }

    /// <summary>Base64.</summary>
    public string? Data { get; init; }

    public string? Uri { get; init; }
}

/// <summary>The body that begins a resumable upload to the Files API.</summary>
internal sealed record GeminiUploadRequest(GeminiUploadFile File);

/// <summary>What a file is called.</summary>
internal sealed record GeminiUploadFile(string DisplayName);
