using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace RemixProxy.Contract;

/// <summary>The unified id <c>{native}:{provider}</c> of a video.</summary>
/// <param name="Native">The provider's id, unescaped.</param>
/// <param name="Provider">The configured name of the provider.</param>
internal readonly record struct VideoId(string Native, string Provider)
{
    /// <summary>The longest accepted id, in UTF-8 bytes.</summary>
    public const int MaxBytes = 512;

    private static readonly SearchValues<char> Plain = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The text that callers get. It never needs escaping in a path.</summary>
    public override string ToString() => EncodeNative(Native) + ":" + Provider;

    /// <summary>Splits at the last colon. A suffix that is there twice counts once. The provider need not exist.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out VideoId? id)
    {
        id = null;
        var colon = text.LastIndexOf(':');
        if (colon < 0) return false;
        var provider = text[(colon + 1)..];
        var suffix = text.AsSpan(colon);
        var native = text.AsSpan(0, colon);
        while (native.Length > suffix.Length && native.EndsWith(suffix, StringComparison.Ordinal)) native = native[..^suffix.Length];
        if (!TryDecodeNative(native.ToString(), out var decoded)) return false;
        id = new(decoded, provider);
        return true;
    }

    /// <summary>
    /// Whether a whole id from a caller is acceptable: not empty, not a dot segment, no control characters, and at most <see cref="MaxBytes"/> long.
    /// </summary>
    public static bool IsAcceptable(string text) =>
        text is not ("" or "." or "..") && !text.Any(char.IsControl) && Encoding.UTF8.GetByteCount(text) <= MaxBytes;

    /// <summary>Undoes <see cref="EncodeNative"/>. A text that doesn't begin with <c>~</c> stays as it is.</summary>
    public static bool TryDecodeNative(string text, [NotNullWhen(true)] out string? native)
    {
        native = text;
        if (!text.StartsWith('~')) return text.Length > 0;
        try
        {
            native = StrictUtf8.GetString(Base64Url.DecodeFromChars(text.AsSpan(1)));
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            native = null;
            return false;
        }

        return EncodeNative(native) == text;
    }

    /// <summary>The native id in the form that it has in a unified id.</summary>
    public static string EncodeNative(string native) =>
        native is "." or ".." || native.AsSpan().ContainsAnyExcept(Plain) ? "~" + Base64Url.EncodeToString(Encoding.UTF8.GetBytes(native)) : native;
}
