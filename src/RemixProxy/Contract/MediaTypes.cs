using System.Net.Http.Headers;

namespace RemixProxy.Contract;

/// <summary>Which media types count as videos and images, and which one replaces a type that says nothing.</summary>
internal static class MediaTypes
{
    public const string AnyBytes = "application/octet-stream";

    public const string Mp4 = "video/mp4";

    /// <summary>The media type that callers get for a source's type; null where bytes of that type may not be served.</summary>
    public static string? Served(string? type) => type switch
    {
        // Object stores name no type, or binary/octet-stream, if the uploader named none.
        null or "" or "binary/octet-stream" or AnyBytes => AnyBytes,
        _ when IsOf("video/", type) || IsOf("image/", type) => type,
        _ => null,
    };

    /// <summary>The video type in a header's value, without its parameters; null where the value names no video type.</summary>
    public static string? Video(string? header) => MediaTypeHeaderValue.TryParse(header, out var parsed) && parsed.MediaType is { } type && IsOf("video/", type)
        ? type
        : null;

    /// <summary>Whether all vendors read images of that type.</summary>
    public static bool IsImage(string type) => type is "image/jpeg" or "image/png" or "image/webp";

    private static bool IsOf(string kind, string type) => type.StartsWith(kind, StringComparison.OrdinalIgnoreCase);
}
