using System.Security.Cryptography;
using RemixProxy.Callers;
using RemixProxy.Providers;

namespace RemixProxy.Redis;

/// <summary>
/// The key that signs content links, shared by all replicas. Requests never wait for it: it is read beside them, and kept in this process. So a Redis that has
/// lost it is told it again, and links outlive the loss.
/// </summary>
internal sealed class RedisLinkKey(RedisDatabase redis, ProviderRegistry registry, TimeProvider time) : ILinkKey
{
    /// <summary>How often a known key is read again: another replica may have made another one while this one had no connection.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    /// <summary>For how long Redis keeps the key that nobody reads. No link lives as long.</summary>
    private static readonly TimeSpan Life = TimeSpan.FromDays(1);

    private volatile byte[]? _current;
    private long _readAt;

    public byte[]? Current => _current;

    /// <summary>Reads the key if that is due, and makes it if there is none.</summary>
    public async Task RenewAsync(CancellationToken cancellationToken)
    {
        var current = registry.Current;
        if (current.Clients.IsOpen || current.Options.ContentUrls.Key is not null) return;
        if (_current is not null && time.GetElapsedTime(_readAt) < Interval) return;
        var mine = _current ?? RandomNumberGenerator.GetBytes(HMACSHA256.HashSizeInBytes);
        var there = await redis.EvalAsync(RedisScripts.Keep, [redis.Keys.Links], [mine, (long)Life.TotalMilliseconds], cancellationToken);
        (_current, _readAt) = ((byte[])there!, time.GetTimestamp());
    }
}
