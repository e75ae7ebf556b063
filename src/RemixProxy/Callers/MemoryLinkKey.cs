using System.Security.Cryptography;

namespace RemixProxy.Callers;

/// <summary>A key of this process.</summary>
internal sealed class MemoryLinkKey : ILinkKey
{
    public byte[]? Current { get; } = RandomNumberGenerator.GetBytes(HMACSHA256.HashSizeInBytes);
}
