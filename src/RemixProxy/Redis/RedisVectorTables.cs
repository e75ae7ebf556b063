using System.Buffers.Binary;
using System.Runtime.InteropServices;
using RemixProxy.Cache;
using StackExchange.Redis;

namespace RemixProxy.Redis;

/// <summary>
/// Vectors in plain hashes of any Redis, searched exactly in this process: the newest 2,000 of a scope. The process keeps what it has read of a scope and
/// asks only for later changes.
/// </summary>
internal sealed class RedisVectorTables(RedisDatabase redis, TimeProvider time) : ISemanticIndex
{
    private const int MaxEntries = 2_000;
    private const int ReadAtOnce = 200;
    private const long MaxBytes = 64L << 20;

    /// <summary>Roughly how many bytes a scope takes beside its vectors.</summary>
    private const int ScopeOverhead = 1024;

    /// <summary>
    /// Writes an entry as the scope's latest change; an empty entry stands for a removal. The scope's version starts at the time of its first entry and counts
    /// up from there, so that a scope that was lost and began anew has a higher version.
    /// </summary>
    /// <remarks>KEYS: 1 the table, 2 its order. ARGV: 1 entry, 2 expiry and vector, 3 life, 4 now, 5 most entries.</remarks>
    private const string Write =
        """
        redis.call('HSETNX', KEYS[1], '~', ARGV[4])
        local version = redis.call('HINCRBY', KEYS[1], '~', 1)
        redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
        redis.call('ZADD', KEYS[2], version, ARGV[1])
        local over = redis.call('ZCARD', KEYS[2]) - tonumber(ARGV[5])
        if over > 0 then
          for _, old in ipairs(redis.call('ZRANGE', KEYS[2], 0, over - 1)) do
            redis.call('HDEL', KEYS[1], old)
            redis.call('ZREM', KEYS[2], old)
          end
        end
        for i = 1, 2 do
          if redis.call('PTTL', KEYS[i]) < tonumber(ARGV[3]) then redis.call('PEXPIRE', KEYS[i], ARGV[3]) end
        end
        return 1
        """;

    /// <summary>Reads what has changed since a version, oldest change first.</summary>
    /// <remarks>KEYS: 1 the table, 2 its order. ARGV: 1 version seen, 2 most. Returns the present version, then entry, version and value of each.</remarks>
    private const string Read =
        """
        local result = {redis.call('HGET', KEYS[1], '~') or '0'}
        if result[1] == ARGV[1] then return result end
        local since = tonumber(result[1]) < tonumber(ARGV[1]) and '-inf' or '(' .. ARGV[1]
        local changes = redis.call('ZRANGEBYSCORE', KEYS[2], since, '+inf', 'WITHSCORES', 'LIMIT', 0, ARGV[2])
        for i = 1, #changes, 2 do
          result[#result + 1] = changes[i]
          result[#result + 1] = changes[i + 1]
          result[#result + 1] = redis.call('HGET', KEYS[1], changes[i]) or ''
        end
        return result
        """;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Mirror> _mirrors = new(StringComparer.Ordinal);
    private readonly LinkedList<Mirror> _byUse = new();
    private long _bytes;

    public async ValueTask<IReadOnlyList<Neighbour>> SearchAsync(string scope, ReadOnlyMemory<float> vector, int count, CancellationToken cancellationToken)
    {
        var mirror = Use(scope, vector.Length);
        await mirror.Gate.WaitAsync(cancellationToken);
        try
        {
            await CatchUpAsync(scope, mirror, cancellationToken);
            var best = new Neighbour[Math.Min(count, MaxEntries)];
            var (found, _) = mirror.Table.Search(vector.Span, time.GetUtcNow(), best);
            return best[..found];
        }
        finally
        {
            mirror.Gate.Release();
        }
    }

    public ValueTask AddAsync(string scope, string entry, ReadOnlyMemory<float> vector, DateTimeOffset expiresAt, CancellationToken cancellationToken)
    {
        var value = new byte[sizeof(long) + (vector.Length * sizeof(float))];
        BinaryPrimitives.WriteInt64LittleEndian(value, expiresAt.ToUnixTimeMilliseconds());
        MemoryMarshal.AsBytes(vector.Span).CopyTo(value.AsSpan(sizeof(long)));
        return WriteAsync(scope, entry, value, expiresAt - time.GetUtcNow(), cancellationToken);
    }

    public ValueTask RemoveAsync(string scope, string entry, CancellationToken cancellationToken) =>
        WriteAsync(scope, entry, [], TimeSpan.FromMinutes(1), cancellationToken);

    private async ValueTask WriteAsync(string scope, string entry, byte[] value, TimeSpan life, CancellationToken cancellationToken) =>
        await redis.EvalAsync(
            Write, Keys(scope), [entry, value, Math.Max(1, (long)life.TotalMilliseconds), time.GetUtcNow().ToUnixTimeMilliseconds(), MaxEntries],
                cancellationToken);

    private async ValueTask CatchUpAsync(string scope, Mirror mirror, CancellationToken cancellationToken)
    {
        while (true)
        {
            var changes = (RedisResult[])(await redis.EvalAsync(Read, Keys(scope), [mirror.Version, ReadAtOnce], cancellationToken))!;
            var version = (long)changes[0];
            if (version == mirror.Version) return;
            // Redis has lost the scope; it may have begun anew.
            if (version < mirror.Version) mirror.Clear();
            for (var i = 1; i + 2 < changes.Length; i += 3) Apply(mirror, (string)changes[i]!, (long)changes[i + 1], (byte[])changes[i + 2]!);
            if (changes.Length <= 3 * ReadAtOnce) mirror.Version = version;
            Bound(mirror);
        }
    }

    private void Apply(Mirror mirror, string entry, long version, byte[] value)
    {
        mirror.Version = version;
        if (value.Length == sizeof(long) + (mirror.Table.Dimensions * sizeof(float)))
        {
            var expiresAt = DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64LittleEndian(value));
            mirror.Table.Set(entry, MemoryMarshal.Cast<byte, float>(value.AsSpan(sizeof(long))), expiresAt, time.GetUtcNow());
        }
        else
        {
            mirror.Table.Remove(entry);
        }
    }

    private RedisKey[] Keys(string scope) => [redis.Keys.Table(scope), redis.Keys.TableOrder(scope)];

    private Mirror Use(string scope, int dimensions)
    {
        lock (_lock)
        {
            if (_mirrors.TryGetValue(scope, out var mirror))
            {
                _byUse.Remove(mirror.Node);
                _byUse.AddFirst(mirror.Node);
                return mirror;
            }

            _mirrors.Add(scope, mirror = new(scope, dimensions));
            _byUse.AddFirst(mirror.Node);
            Bound(mirror);
            return mirror;
        }
    }

    // Drops the scopes used longest ago; a search reads them again.
    private void Bound(Mirror mirror)
    {
        lock (_lock)
        {
            // Another search may have dropped this scope since; then it no longer counts.
            if (mirror.Node.List is null) return;
            _bytes -= mirror.Bytes;
            mirror.Bytes = ScopeOverhead + mirror.Table.Bytes;
            _bytes += mirror.Bytes;
            // Other scopes may have been used since, so this one need not be the most recent. It is skipped, and older scopes behind it are still dropped.
            for (var (node, next) = (_byUse.Last, _byUse.Last?.Previous); _bytes > MaxBytes && node is not null; (node, next) = (next, next?.Previous))
            {
                if (node.Value is var other && other == mirror) continue;
                _bytes -= other.Bytes;
                _byUse.Remove(node);
                _mirrors.Remove(other.Scope);
            }
        }
    }

    private sealed class Mirror
    {
        public Mirror(string scope, int dimensions)
        {
            Scope = scope;
            Table = new(dimensions, MaxEntries);
            Node = new(this);
        }

        public string Scope { get; }

        public VectorTable Table { get; private set; }

        public LinkedListNode<Mirror> Node { get; }

        public SemaphoreSlim Gate { get; } = new(1);

        public long Version { get; set; }

        public long Bytes { get; set; }

        public void Clear() => (Table, Version) = (new(Table.Dimensions, MaxEntries), 0);
    }
}
