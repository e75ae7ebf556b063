namespace RemixProxy.Providers.Luma;

/// <summary>The body of <c>POST generations</c>.</summary>
internal sealed record LumaRequest
{
    public required string Model { get; init; }

    /// <summary><c>video</c> or <c>video_edit</c>.</summary>
    public required string Type { get; init; }

    public required string Prompt { get; init; }

    public string? AspectRatio { get; init; }

    /// <summary>What an edit works on.</summary>
    public LumaMedia? Source { get; init; }

    public required LumaVideo Video { get; init; }

    /// <summary>An opaque name of the end user, for the provider's trust and safety.</summary>
    public string? UserId { get; init; }
}

/// <summary>An image or a video: exactly one of id, URL and data.</summary>
internal sealed record LumaMedia
{
    public string? GenerationId { get; init; }

    public string? Url { get; init; }

    /// <summary>Base64.</summary>
    public string? Data { get; init; }

    /// <summary>Needed beside data, and beside the URL of a video.</summary>
    public string? MediaType { get; init; }
}

/// <summary>How the video is to be.</summary>
internal sealed record LumaVideo
{
    public string? Resolution { get; init; }

    /// <summary><c>5s</c> or <c>10s</c>.</summary>
    public string? Duration { get; init; }

    public bool? Loop { get; init; }

    public bool? Hdr { get; init; }

    public bool? ExrExport { get; init; }

    /// <summary>An image to begin with, or a generation to continue from.</summary>
    public LumaMedia? StartFrame { get; init; }

    public LumaMedia? EndFrame { get; init; }

    public LumaEdit? Edit { get; init; }
}

/// <summary>How much of the source an edit keeps.</summary>
internal sealed record LumaEdit
{
    public bool? AutoControls { get; init; }

    /// <summary><c>adhere_1</c>…<c>3</c>, <c>flex_1</c>…<c>3</c>, <c>reimagine_1</c>…<c>3</c>.</summary>
    public string? Strength { get; init; }

    public LumaControls? Controls { get; init; }
}
