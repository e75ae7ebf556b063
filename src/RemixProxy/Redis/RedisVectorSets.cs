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

    /// <summary>How many times as many are looked at as are wanted; about a third of a busy set has expired.</summary>
    private const int Further = 2;

    /// <summary>Nothing nearer is worth a longer search.</summary>
    private const double AllButEqual = 0.97;

    /// <summary>
    /// Adds an entry, takes out some that have expired (they have no life of their own), and keeps the set as long as its longest-lived entry.
    /// </summary>
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

    /// <summary>Tells which entries live, and takes out some of those that have expired.</summary>
    /// <remarks>KEYS: 1 the set. ARGV: 1 now, then the entries. Returns 1 or 0 for each.</remarks>
    private const string Sort =
        """
        local lives, removed = {}, 0
        for i = 2, #ARGV do
          local attributes = redis.call('VGETATTR', KEYS[1], ARGV[i])
          local over = not attributes or cjson.decode(attributes).e <= tonumber(ARGV[1])
          if over and removed < 16 then removed = removed + redis.call('VREM', KEYS[1], ARGV[i]) end
          lives[i - 1] = over and 0 or 1
        end
        return lives
        """;

    /// <remarks>
    /// What is all but equal, as most hits are, shows itself to a narrow search; before anything else is called a miss, which costs a video, the search is as
    /// wide as Redis' own default.
    /// A filter on expiry would have the attributes read of every entry that the search passes, as long as the search itself takes: it is for sets where more
    /// have expired than are looked at.
    /// </remarks>
    public async ValueTask<IReadOnlyList<Neighbour>> SearchAsync(string scope, ReadOnlyMemory<float> vector, int count, CancellationToken cancellationToken)
    {
        RedisKey key = redis.Keys.Vectors(scope);
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var looked = count * Further;
        var search = VectorSetSimilaritySearchRequest.ByVector(vector);
        (search.WithScores, search.Count, search.SearchExplorationFactor) = (true, looked, looked);
        var narrow = await LiveAsync(key, now, search, cancellationToken);
        var isAll = narrow.Found < looked;
        if (isAll || (narrow.Live.Count >= count && narrow.Live[0].Similarity >= AllButEqual)) return [.. narrow.Live.Take(count)];
        search.SearchExplorationFactor = null;
        var wide = await LiveAsync(key, now, search, cancellationToken);
        if (wide.Live.Count >= count) return [.. wide.Live.Take(count)];
        // However many expired ones are near, they hide nobody. (An effort of 0 should mean that; 8.0 refuses it.)
        (search.Count, search.FilterExpression, search.MaxFilteringEffort) = (count, string.Create(CultureInfo.InvariantCulture, $".e > {now}"), MaxEntries);
        return await SearchAsync(key, search, cancellationToken);
    }

    public async ValueTask AddAsync(string scope, string entry, ReadOnlyMemory<float> vector, DateTimeOffset expiresAt, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var attributes = string.Create(CultureInfo.InvariantCulture, $$"""{"e":{{expiresAt.ToUnixTimeMilliseconds()}}}""");
        var life = Math.Max(1, (long)(expiresAt - now).TotalMilliseconds);
        await redis.EvalAsync(
            Add, [redis.Keys.Vectors(scope)], [Bytes(vector), entry, attributes, life, now.ToUnixTimeMilliseconds(), MaxEntries], cancellationToken);
    }

    public async ValueTask RemoveAsync(string scope, string entry, CancellationToken cancellationToken) =>
        await redis.RunAsync(db => db.VectorSetRemoveAsync(redis.Keys.Vectors(scope), entry), cancellationToken);

    /// <summary>Those of a search's results that have not expired, and how many there were in all.</summary>
    private async ValueTask<(List<Neighbour> Live, int Found)> LiveAsync(
        RedisKey key, long now, VectorSetSimilaritySearchRequest search, CancellationToken cancellationToken)
    {
        var found = await SearchAsync(key, search, cancellationToken);
        if (found.Count == 0) return (found, 0);
        RedisValue[] values = [now, .. found.Select(n => (RedisValue)n.Entry)];
        var lives = (int[])(await redis.EvalAsync(Sort, [key], values, cancellationToken))!;
        return ([.. found.Where((_, i) => lives[i] == 1)], found.Count);
    }

    private async ValueTask<List<Neighbour>> SearchAsync(RedisKey key, VectorSetSimilaritySearchRequest search, CancellationToken cancellationToken)
    {
        using var found = await redis.RunAsync(db => db.VectorSetSimilaritySearchAsync(key, search), cancellationToken);
        if (found is null) return [];
        var neighbours = new List<Neighbour>(found.Length);
        // A score s stands for the cosine 2s − 1.
        foreach (var result in found.Span) neighbours.Add(new((string)result.Member!, Math.Clamp((2 * result.Score) - 1, -1, 1)));
        return neighbours;
    }

    private static byte[] Bytes(ReadOnlyMemory<float> vector) => MemoryMarshal.AsBytes(vector.Span).ToArray();
}
