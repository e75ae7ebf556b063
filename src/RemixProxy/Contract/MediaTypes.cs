using System.Net.Http.Headers;
using System.Text;

namespace RemixProxy.Contract;

/// <summary>Which media types count as videos and images, and which one replaces a type that says nothing.</summary>
internal static class MediaTypes
{
    public const string AnyBytes = "application/octet-stream";

    public const string Mp4 = "video/mp4";

    private const int LongestBeginning = 512;

    /// <summary>The media type that callers get for a source's type; null where bytes of that type may not be served.</summary>
    public static string? Served(string? type) => type?.ToLowerInvariant() switch
    {
        // Object stores name no type, or binary/octet-stream, if the uploader named none.
        null or "" or "binary/octet-stream" or AnyBytes => AnyBytes,
        "application/mp4" => Mp4,
        // A browser runs the scripts of SVG, and of anything else that is XML.
        var known when IsOf("image/svg", known) || known.EndsWith("+xml", StringComparison.Ordinal) => null,
        var known when IsOf("video/", known) || IsOf("image/", known) => type,
        _ => null,
    };

    /// <summary>The video type in a header's value, without its parameters; null where the value names no video type.</summary>
    public static string? Video(string? header) => MediaTypeHeaderValue.TryParse(header, out var parsed) && parsed.MediaType is { } type && IsOf("video/", type)
        ? type
        : null;

    /// <summary>
    /// The media type of a caller's file: the declared one, by its usual name; where it says nothing, the one that the first bytes show.
    /// </summary>
    /// <param name="declared">The declared type; null or empty where there is none.</param>
    /// <param name="bytes">The file, or its beginning.</param>
    public static string Of(string? declared, ReadOnlySpan<byte> bytes) => TypeOf(declared) switch
    {
        null or AnyBytes or "binary/octet-stream" or "application/binary" or "application/x-binary" or "*/*" or "image/*" or "video/*" or "audio/*"
            => OfBytes(bytes) ?? AnyBytes,
        "image/jpg" or "image/pjpeg" or "image/jfif" => "image/jpeg",
        "image/x-png" => "image/png",
        "video/mov" or "video/x-quicktime" => "video/quicktime",
        "video/x-mp4" or "video/mpeg4" or "application/mp4" => Mp4,
        "audio/mp3" or "audio/x-mp3" or "audio/x-mpeg" => "audio/mpeg",
        "audio/wave" or "audio/x-wav" or "audio/vnd.wave" => "audio/wav",
        "audio/m4a" or "audio/x-m4a" => "audio/mp4",
        var type => type,
    };

    /// <summary>The media type that a file's first bytes show; null where they show none that is known here.</summary>
    public static string? OfBytes(ReadOnlySpan<byte> bytes)
    {
        if (bytes.StartsWith<byte>([0x89, 0x50, 0x4E, 0x47])) return "image/png";
        if (bytes.StartsWith<byte>([0xFF, 0xD8, 0xFF])) return "image/jpeg";
        if (bytes.StartsWith("GIF8"u8)) return "image/gif";
        if (bytes.StartsWith("OggS"u8)) return "audio/ogg";
        if (bytes.StartsWith("fLaC"u8)) return "audio/flac";
        if (bytes.StartsWith("ID3"u8) || (bytes is [0xFF, var second, ..] && (second & 0xE6) == 0xE2)) return "audio/mpeg";
        if (bytes.StartsWith<byte>([0x00, 0x00, 0x01, 0xBA]) || bytes.StartsWith<byte>([0x00, 0x00, 0x01, 0xB3])) return "video/mpeg";
        if (bytes.StartsWith<byte>([0x1A, 0x45, 0xDF, 0xA3]))
            return bytes[..Math.Min(bytes.Length, 64)].IndexOf("matroska"u8) >= 0 ? "video/x-matroska" : "video/webm";
        if (bytes.Length < 12) return null;
        var box = bytes[4..8];
        var brand = bytes[8..12];
        if (bytes.StartsWith("RIFF"u8))
        {
            return brand.SequenceEqual("WEBP"u8) ? "image/webp"
                : brand.SequenceEqual("WAVE"u8) ? "audio/wav"
                : brand.SequenceEqual("AVI "u8) ? "video/x-msvideo"
                : null;
        }

        if (!box.SequenceEqual("ftyp"u8))
            return box.SequenceEqual("moov"u8) || box.SequenceEqual("mdat"u8) || box.SequenceEqual("wide"u8) ? "video/quicktime" : null;
        return Ascii.IsValid(brand) ? Encoding.ASCII.GetString(brand) switch
        {
            "avif" or "avis" => "image/avif",
            "heic" or "heix" or "mif1" or "msf1" => "image/heic",
            "M4A " or "M4B " => "audio/mp4",
            "qt  " => "video/quicktime",
            _ => Mp4,
        } : null;
    }

    /// <summary>Whether a file of no known type begins like a text.</summary>
    public static bool IsText(ReadOnlySpan<byte> bytes)
    {
        var beginning = bytes[..Math.Min(bytes.Length, LongestBeginning)];
        return beginning.IndexOfAnyInRange<byte>(0, 8) < 0 && beginning.IndexOfAnyInRange<byte>(14, 31) < 0;
    }

    /// <summary>Whether a media type is that of a video.</summary>
    public static bool IsVideo(string type) => IsOf("video/", type);

    /// <summary>Whether a media type is that of a sound.</summary>
    public static bool IsSound(string type) => IsOf("audio/", type);

    /// <summary>Whether all vendors read images of that type.</summary>
    public static bool IsImage(string type) => type is "image/jpeg" or "image/png" or "image/webp";

    private static string? TypeOf(string? header) =>
        MediaTypeHeaderValue.TryParse(header?.Split(';')[0], out var parsed) ? parsed.MediaType?.ToLowerInvariant() : null;

    private static bool IsOf(string kind, string type) => type.StartsWith(kind, StringComparison.OrdinalIgnoreCase);
}
