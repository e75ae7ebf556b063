using System.Buffers.Text;
using System.Text;

namespace RemixProxy.Adapters;

/// <summary>Decodes base64 data URLs (RFC 2397): <c>data:{type};base64,{bytes}</c>.</summary>
internal static class DataUrl
{
    public static bool TryRead(string url, out string mediaType, out byte[] bytes)
    {
        mediaType = "";
        bytes = [];
        var comma = url.IndexOf(',');
        if (!url.StartsWith("data:", StringComparison.OrdinalIgnoreCase) || comma < 0) return false;
        var head = url[5..comma];
        if (!head.EndsWith(";base64", StringComparison.OrdinalIgnoreCase)) return false;
        mediaType = head[..^7].Split(';')[0].Trim().ToLowerInvariant();
        var encoded = Encoding.ASCII.GetBytes(url[(comma + 1)..]);
        if (Base64.DecodeFromUtf8InPlace(encoded, out var length) != System.Buffers.OperationStatus.Done) return false;
        bytes = encoded[..length];
        return true;
    }
}
