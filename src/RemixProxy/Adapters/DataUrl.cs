namespace RemixProxy.Adapters;

/// <summary>Decodes base64 data URLs (RFC 2397): <c>data:{type};base64,{bytes}</c>.</summary>
internal static class DataUrl
{
    public static bool TryRead(string url, out string mediaType, out ReadOnlyMemory<byte> bytes)
    {
        mediaType = "";
        bytes = default;
        var comma = url.IndexOf(',');
        if (!url.StartsWith("data:", StringComparison.OrdinalIgnoreCase) || comma < 0) return false;
        if (!url.AsSpan(5, comma - 5).EndsWith(";base64", StringComparison.OrdinalIgnoreCase)) return false;
        mediaType = MediaTypeOf(url);
        var encoded = url.AsSpan(comma + 1);
        var decoded = new byte[((encoded.Length / 4) + 1) * 3];
        if (!Convert.TryFromBase64Chars(encoded, decoded, out var length)) return false;
        bytes = decoded.AsMemory(0, length);
        return true;
    }

    /// <summary>The media type in a data URL, in small letters; empty where it names none.</summary>
    public static string MediaTypeOf(string url)
    {
        var head = url.AsSpan(5);
        return head[..Math.Max(head.IndexOfAny(',', ';'), 0)].Trim().ToString().ToLowerInvariant();
    }

    /// <summary>The URL with its bytes in the standard alphabet and padded, if they are in the URL-safe one.</summary>
    public static string Standard(string url)
    {
        var comma = url.IndexOf(',') + 1;
        var encoded = url[comma..].Replace('-', '+').Replace('_', '/').Replace("\r", "", StringComparison.Ordinal).Replace("\n", "", StringComparison.Ordinal);
        return string.Concat(url.AsSpan(0, comma), encoded, encoded.EndsWith('=') ? "" : new('=', -encoded.Length & 3));
    }
}
