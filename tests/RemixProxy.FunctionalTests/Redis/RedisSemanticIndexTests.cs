using System.Numerics.Tensors;
using RemixProxy.Cache;
using RemixProxy.Redis;
using RemixProxy.TestKit.Redis;

namespace RemixProxy.FunctionalTests.Redis;

/// <summary>Vectors through a real Redis 8, by its vector sets, and a real Redis 7, by the exact scan.</summary>
public abstract class RedisSemanticIndexTests(RedisVersion version) : TwoStoresTests(version)
{
    private const int Dimensions = 64;

    private RedisSemanticIndex A => One.Get<RedisSemanticIndex>();

    private RedisSemanticIndex B => Other.Get<RedisSemanticIndex>();

    private DateTimeOffset Tomorrow => Time.GetUtcNow() + TimeSpan.FromDays(1);

    [Fact]
    public async Task The_nearest_come_first_with_their_exact_cosine_for_every_replica()
    {
        var vectors = Enumerable.Range(0, 50).Select(Vector).ToArray();
        for (var i = 0; i < vectors.Length; i++) await (i % 2 == 0 ? A : B).AddAsync("s", "e" + i, vectors[i], Tomorrow, Ct);
        var asked = Vector(1000);
        var expected = vectors.Select(
            (v, i) => (Entry: "e" + i, Similarity: (double)TensorPrimitives.Dot(v, asked))).OrderByDescending(n => n.Similarity).Take(5).ToArray();
        foreach (var index in new[] { A, B })
        {
            var found = await index.SearchAsync("s", asked, 5, Ct);
            Assert.Equal(expected.Select(n => n.Entry), found.Select(n => n.Entry));
            foreach (var (theirs, ours) in found.Zip(expected)) Assert.Equal(ours.Similarity, theirs.Similarity, 1e-6);
        }
    }

    [Fact]
    public async Task Opposite_and_orthogonal_vectors_have_their_cosine_too()
    {
        float[] x = [1, .. new float[Dimensions - 1]];
        float[] y = [0, 1, .. new float[Dimensions - 2]];
        float[] back = [-1, .. new float[Dimensions - 1]];
        await A.AddAsync("s", "same", x, Tomorrow, Ct);
        await A.AddAsync("s", "across", y, Tomorrow, Ct);
        await A.AddAsync("s", "against", back, Tomorrow, Ct);
        var found = await B.SearchAsync("s", x, 3, Ct);
        Assert.Equal(["same", "across", "against"], found.Select(n => n.Entry));
        Assert.Equal([1.0, 0.0, -1.0], found.Select(n => Math.Round(n.Similarity, 6)));
    }

    [Fact]
    public async Task Scopes_never_meet() => Assert.Empty(await SearchAfterAsync(() => A.AddAsync("s", "e", Vector(1), Tomorrow, Ct).AsTask(), "other"));

    [Fact]
    public async Task However_many_expired_ones_are_nearer_the_live_one_is_found()
    {
        var asked = Vector(1);
        for (var i = 0; i < 300; i++) await A.AddAsync("s", "dead" + i, asked, Time.GetUtcNow() + TimeSpan.FromMinutes(1), Ct);
        await A.AddAsync("s", "live", Vector(2), Tomorrow, Ct);
        Time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(["live"], (await B.SearchAsync("s", asked, 3, Ct)).Select(n => n.Entry));
    }

    [Fact]
    public async Task What_is_removed_or_replaced_is_so_for_every_replica()
    {
        await A.AddAsync("s", "e", Vector(1), Tomorrow, Ct);
        await A.AddAsync("s", "f", Vector(2), Tomorrow, Ct);
        Assert.Equal(2, (await B.SearchAsync("s", Vector(1), 5, Ct)).Count);
        await A.RemoveAsync("s", "f", Ct);
        await A.AddAsync("s", "e", Vector(3), Tomorrow, Ct);
        var found = Assert.Single(await B.SearchAsync("s", Vector(3), 5, Ct));
        Assert.Equal(("e", 1.0), (found.Entry, Math.Round(found.Similarity, 5)));
        await A.RemoveAsync("s", "unknown", Ct);
        await A.RemoveAsync("none", "unknown", Ct);
    }

    [Fact]
    public async Task A_Redis_that_comes_back_empty_has_no_neighbours_and_takes_new_ones()
    {
        await A.AddAsync("s", "e", Vector(1), Tomorrow, Ct);
        Assert.Single(await B.SearchAsync("s", Vector(1), 5, Ct));
        await Server.CommandAsync("FLUSHALL");
        Assert.Empty(await B.SearchAsync("s", Vector(1), 5, Ct));
        Time.Advance(TimeSpan.FromSeconds(1));
        await A.AddAsync("s", "new", Vector(2), Tomorrow, Ct);
        Assert.Equal(["new"], (await B.SearchAsync("s", Vector(1), 5, Ct)).Select(n => n.Entry));
    }

    [Fact]
    public async Task What_has_expired_goes_with_time_and_the_whole_has_a_life()
    {
        for (var i = 0; i < 100; i++) await A.AddAsync("s", "dead" + i, Vector(i), Time.GetUtcNow() + TimeSpan.FromMinutes(1), Ct);
        Time.Advance(TimeSpan.FromMinutes(2));
        for (var i = 0; i < 300; i++) await A.AddAsync("s", "live" + i, Vector(1000 + i), Tomorrow, Ct);
        foreach (var key in (await Server.CommandAsync("KEYS", "*")).Split('\n').Where(k => k != One.Redis.Keys.Memory))
            Assert.InRange(long.Parse(await Server.CommandAsync("PTTL", key)), 80_000_000, 86_400_000);
        if (Version == RedisVersion.Eight) Assert.InRange(int.Parse(await Server.CommandAsync("VCARD", One.Redis.Keys.Vectors("s"))), 300, 330);
    }

    [Fact]
    public async Task The_way_is_chosen_by_the_server_at_hand_and_said_once()
    {
        await A.AddAsync("s", "e", Vector(1), Tomorrow, Ct);
        await A.SearchAsync("s", Vector(1), 1, Ct);
        var word = Version == RedisVersion.Eight ? "vector sets" : "exact scan";
        Assert.Single(One.Log, l => l.Contains("Prompts are compared by", StringComparison.Ordinal) && l.Contains(word, StringComparison.Ordinal));
        var type = await Server.CommandAsync("TYPE", Version == RedisVersion.Eight ? One.Redis.Keys.Vectors("s") : One.Redis.Keys.Table("s"));
        Assert.Equal(Version == RedisVersion.Eight ? "vectorset" : "hash", type);
    }

    private static float[] Vector(int seed)
    {
        var random = new Random(seed);
        float[] values = [.. Enumerable.Range(0, Dimensions).Select(_ => random.NextSingle() - 0.3f)];
        TensorPrimitives.Divide(values, TensorPrimitives.Norm(values), values);
        return values;
    }

    private async Task<IReadOnlyList<Neighbour>> SearchAfterAsync(Func<Task> act, string scope)
    {
        await act();
        return await B.SearchAsync(scope, Vector(1), 5, Ct);
    }
}

/// <summary>On Redis 8.</summary>
public sealed class Redis8SemanticIndexTests() : RedisSemanticIndexTests(RedisVersion.Eight);

/// <summary>On Redis 7: the newest 2,000 of a scope.</summary>
public sealed class Redis7SemanticIndexTests() : RedisSemanticIndexTests(RedisVersion.Seven);
