using System.Net.Http.Headers;

namespace RemixProxy.Contract;

/// <summary>Which media types are videos and images here, and what stands in for those that say nothing.</summary>
internal static class MediaTypes
{
    public const string AnyBytes = "application/octet-stream";

    public const string Mp4 = "video/mp4";

    /// <summary>The media type that callers get for a source's; null: its bytes are nothing that may be served.</summary>
    public static string? Served(string? type) => type switch
    {
        // Object stores say nothing or binary/octet-stream where the uploader named no type.
        null or "" or "binary/octet-stream" or AnyBytes => AnyBytes,
        _ when IsOf("video/", type) || IsOf("image/", type) => type,
        _ => null,
    };

    /// <summary>A header's value with a video's type, without anything else in it; null: it is none.</summary>
    public static string? Video(string? header) => MediaTypeHeaderValue.TryParse(header, out var parsed) && parsed.MediaType is { } type && IsOf("video/", type)
        ? type
        : null;

    /// <summary>Whether every vendor reads images of that type.</summary>
    public static bool IsImage(string type) => type is "image/jpeg" or "image/png" or "image/webp";

    private static bool IsOf(string kind, string type) => type.StartsWith(kind, StringComparison.OrdinalIgnoreCase);
}
