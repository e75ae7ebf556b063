using System.Globalization;
using System.Runtime.InteropServices;
using RemixProxy.Cache;
using StackExchange.Redis;

namespace RemixProxy.Redis;

/// <summary>Vectors in Redis' own vector sets, one set a scope: Redis 8 and later.</summary>
internal sealed class RedisVectorSets(RedisDatabase redis, TimeProvider time) : ISemanticIndex
{
    /// <summary>Entries of one scope; beyond, any of them goes for a new one.</summary>
    private const int MaxEntries = 250_000;

    /// <summary>Adds an entry, takes out some that have expired (they have no life of their own), and keeps the set as long as its longest-lived entry.</summary>
    /// <remarks>KEYS: 1 the set. ARGV: 1 vector, 2 entry, 3 attributes, 4 life, 5 now, 6 most entries.</remarks>
    private const string Add =
        """
        redis.call('VADD', KEYS[1], 'FP32', ARGV[1], ARGV[2], 'NOQUANT', 'SETATTR', ARGV[3])
        if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[4]) then redis.call('PEXPIRE', KEYS[1], ARGV[4]) end
        local full = redis.call('VCARD', KEYS[1]) > tonumber(ARGV[6])
        for _, other in ipairs(redis.call('VRANDMEMBER', KEYS[1], 3)) do
          local attributes = redis.call('VGETATTR', KEYS[1], other)
          local over = not attributes or cjson.decode(attributes).e <= tonumber(ARGV[5])
          if other ~= ARGV[2] and (over or full) then
            redis.call('VREM', KEYS[1], other)
            full = false
          end
        end
        return 1
        """;

    public async ValueTask<IReadOnlyList<Neighbour>> SearchAsync(string scope, ReadOnlyMemory<float> vector, int count, CancellationToken cancellationToken)
    {
        RedisKey key = redis.Keys.Vectors(scope);
        var filter = string.Create(CultureInfo.InvariantCulture, $".e > {time.GetUtcNow().ToUnixTimeMilliseconds()}");
        // FILTER-EF: however many expired ones are near, they hide nobody. (0 should mean that; 8.0 refuses it.)
        var found = await redis.RunAsync(
            async db => (RedisResult[])(await db.ExecuteAsync("VSIM", key, "FP32", Bytes(vector), "WITHSCORES", "COUNT", count, "FILTER", filter, "FILTER-EF", MaxEntries))!,
            cancellationToken);
        var neighbours = new List<Neighbour>(found.Length / 2);
        // A score s stands for the cosine 2s − 1.
        for (var i = 0; i + 1 < found.Length; i += 2) neighbours.Add(new((string)found[i]!, Math.Clamp((2 * (double)found[i + 1]) - 1, -1, 1)));
        return neighbours;
    }

    public async ValueTask AddAsync(string scope, string entry, ReadOnlyMemory<float> vector, DateTimeOffset expiresAt, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var attributes = string.Create(CultureInfo.InvariantCulture, $$"""{"e":{{expiresAt.ToUnixTimeMilliseconds()}}}""");
        var life = Math.Max(1, (long)(expiresAt - now).TotalMilliseconds);
        await redis.EvalAsync(Add, [redis.Keys.Vectors(scope)], [Bytes(vector), entry, attributes, life, now.ToUnixTimeMilliseconds(), MaxEntries], cancellationToken);
    }

    public async ValueTask RemoveAsync(string scope, string entry, CancellationToken cancellationToken)
    {
        RedisKey key = redis.Keys.Vectors(scope);
        await redis.RunAsync(async db => await db.ExecuteAsync("VREM", key, entry), cancellationToken);
    }

    private static byte[] Bytes(ReadOnlyMemory<float> vector) => MemoryMarshal.AsBytes(vector.Span).ToArray();
}
