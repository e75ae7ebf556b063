using System.Globalization;
using System.Runtime.InteropServices;
using RemixProxy.Cache;
using StackExchange.Redis;

namespace RemixProxy.Redis;

/// <summary>Vectors in Redis' own vector sets, one set a scope. Needs Redis 8.</summary>
internal sealed class RedisVectorSets(RedisDatabase redis, TimeProvider time) : ISemanticIndex
{
    /// <summary>The most entries of one scope. Beyond it, a new entry replaces a random one.</summary>
    private const int MaxEntries = 250_000;

    /// <summary>A search looks at this many times the entries that are wanted, because about a third of a busy set has expired.</summary>
    private const int Further = 2;

    /// <summary>A cosine from which on a longer search is not worth its time.</summary>
    private const double AllButEqual = 0.97;

    /// <summary>
    /// Adds an entry, removes some that have expired (entries of a set don't expire by themselves), and keeps the set as long as its longest-lived entry.
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

    /// <summary>Says which entries are valid, and removes some that have expired.</summary>
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
    /// A narrow search finds what is all but equal, as most hits are. A miss costs a video, so before the index reports one, it searches as widely as Redis
    /// does by default.
    /// A filter on expiry reads the attributes of every entry that the search passes, which takes as long as the search itself. It is used only where more
    /// entries have expired than the search looked at.
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
        // With this effort, expired entries hide no valid one, however many are near. (An effort of 0 should mean that, but Redis 8.0 refuses it.)
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

    /// <summary>The results of a search that have not expired, and how many results it had in all.</summary>
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
