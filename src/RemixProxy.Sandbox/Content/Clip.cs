using System.Security.Cryptography;

namespace RemixProxy.Sandbox.Content;

/// <summary>A small real MP4.</summary>
internal sealed class Clip(ClipLook look, ClipShape shape, byte[] bytes)
{
    public ClipLook Look => look;
    public ClipShape Shape => shape;
    public byte[] Bytes => bytes;

    /// <summary>A strong entity tag, quotes included.</summary>
    public string ETag { get; } = $"\"{Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 16))}\"";
}
