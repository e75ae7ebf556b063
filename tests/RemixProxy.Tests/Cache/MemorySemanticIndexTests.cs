using RemixProxy.Cache;
using RemixProxy.TestKit;

namespace RemixProxy.Tests.Cache;

/// <summary>Vectors in this process: by scope, by life, within bounds.</summary>
public class MemorySemanticIndexTests
{
    private readonly ManualTimeProvider _time = new();

    private static CancellationToken Ct => CancellationToken.None;

    [Fact]
    public async Task Vectors_of_different_scopes_never_meet()
    {
        var index = new MemorySemanticIndex(_time);
        await AddAsync(index, "a", "e1", 1, 0);
        await AddAsync(index, "b", "e2", 1, 0, 0);
        Assert.Equal(["e1"], await SearchAsync(index, "a", 1, 0));
        Assert.Equal(["e2"], await SearchAsync(index, "b", 1, 0, 0));
        Assert.Empty(await SearchAsync(index, "c", 1, 0));
    }

    [Fact]
    public async Task The_nearest_come_first_with_their_cosine()
    {
        var index = new MemorySemanticIndex(_time);
        await AddAsync(index, "s", "far", -1, 0);
        await AddAsync(index, "s", "near", 1, 0);
        await AddAsync(index, "s", "between", 0, 1);
        var found = await index.SearchAsync("s", UnitVectors.Unit(3, 4), 2, Ct);
        Assert.Equal([("between", 0.8), ("near", 0.6)], found.Select(n => (n.Entry, Math.Round(n.Similarity, 6))));
    }

    [Fact]
    public async Task An_entry_can_be_replaced_and_removed()
    {
        var index = new MemorySemanticIndex(_time);
        await AddAsync(index, "s", "e", 1, 0);
        await AddAsync(index, "s", "e", 0, 1);
        Assert.Equal(1, Assert.Single(await index.SearchAsync("s", UnitVectors.Unit(0, 1), 5, Ct)).Similarity);
        await index.RemoveAsync("s", "other", Ct);
        await index.RemoveAsync("t", "e", Ct);
        Assert.Single(await SearchAsync(index, "s", 1, 0));
        await index.RemoveAsync("s", "e", Ct);
        Assert.Empty(await SearchAsync(index, "s", 1, 0));
        Assert.Equal(0, index.Bytes);
    }

    [Fact]
    public async Task An_expired_neighbour_hides_nobody_and_leaves_its_memory()
    {
        var index = new MemorySemanticIndex(_time);
        for (var i = 0; i < 50; i++) await AddAsync(index, "s", $"dead{i}", 1, 0);
        await index.AddAsync("s", "live", UnitVectors.Unit(1, 1), _time.GetUtcNow() + TimeSpan.FromDays(2), Ct);
        Assert.Equal("dead49", (await SearchAsync(index, "s", 1, 0))[0]);
        var before = index.Bytes;
        _time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(["live"], (await index.SearchAsync("s", UnitVectors.Unit(1, 0), 1, Ct)).Select(n => n.Entry));
        Assert.True(index.Bytes < before / 4);
        _time.Advance(TimeSpan.FromDays(1));
        Assert.Empty(await SearchAsync(index, "s", 1, 0));
        Assert.Equal(0, index.Bytes);
    }

    [Fact]
    public async Task A_scope_keeps_its_newest_vectors()
    {
        var index = new MemorySemanticIndex(_time);
        for (var i = 0; i < MemorySemanticIndex.MaxVectors + 10; i++) await AddAsync(index, "s", $"e{i}", 1, i);
        var all = await SearchAsync(index, "s", 1, 0);
        Assert.Equal(MemorySemanticIndex.MaxVectors, (await index.SearchAsync("s", UnitVectors.Unit(1, 0), int.MaxValue, Ct)).Count);
        Assert.Equal("e10", all[0]);
    }

    [Fact]
    public async Task Beyond_the_bound_the_scopes_go_that_were_used_longest_ago()
    {
        var index = new MemorySemanticIndex(_time, maxBytes: 100_000);
        for (var i = 0; i < 5; i++) await AddAsync(index, $"s{i}", "e", Vector(i));
        await index.SearchAsync("s0", Vector(0), 1, Ct);
        for (var i = 5; index.Bytes < 95_000; i++) await AddAsync(index, $"s{i}", "e", Vector(i));
        for (var i = 0; i < 2; i++) await AddAsync(index, $"t{i}", "e", Vector(i));
        Assert.InRange(index.Bytes, 80_000, 100_000);
        Assert.NotEmpty(await index.SearchAsync("s0", Vector(0), 1, Ct));
        Assert.Empty(await index.SearchAsync("s1", Vector(1), 1, Ct));
        Assert.NotEmpty(await index.SearchAsync("t1", Vector(1), 1, Ct));
    }

    [Fact]
    public async Task One_large_scope_stays_within_the_bound_and_keeps_its_newest()
    {
        var index = new MemorySemanticIndex(_time, maxBytes: 100_000);
        for (var i = 0; i < 200; i++)
        {
            await AddAsync(index, "s", $"e{i}", Vector(i));
            Assert.InRange(index.Bytes, 1, 100_000);
        }

        Assert.Equal("e199", Assert.Single(await index.SearchAsync("s", Vector(199), 1, Ct)).Entry);
        Assert.InRange((await index.SearchAsync("s", Vector(1), 500, Ct)).Count, 10, 24);
    }

    [Fact]
    public async Task A_caller_who_is_gone_is_told_so()
    {
        var index = new MemorySemanticIndex(_time);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await index.SearchAsync("s", UnitVectors.Unit(1, 0), 1, new(canceled: true)));
    }

    [Fact]
    public async Task A_scope_that_was_overtaken_while_it_grew_holds_back_no_other()
    {
        const long Max = 100_000;
        var time = new OvertakingTime();
        var index = new MemorySemanticIndex(time, Max);
        var count = 0;
        for (; index.Bytes < Max - 6_000; count++) await AddAsync(index, $"s{count}", "e", Vector(count));
        // While the first one adds its second vector all others are used, so that it is the one used longest ago when its growth is booked.
        time.Asked = () =>
        {
            for (var i = 1; i < count; i++) _ = index.SearchAsync($"s{i}", Vector(i), 1, Ct).AsTask();
        };

        await AddAsync(index, "s0", "f", Vector(100));
        await AddAsync(index, "s0", "g", Vector(101));

        Assert.InRange(index.Bytes, 1, Max);
        Assert.Equal(3, (await index.SearchAsync("s0", Vector(0), 5, Ct)).Count);
    }

    [Fact]
    public async Task Its_books_are_right_after_many_threads()
    {
        var index = new MemorySemanticIndex(_time, maxBytes: 300_000);
        await Parallel.ForAsync(0, 4, async (worker, ct) =>
        {
            var random = new Random(worker);
            for (var i = 0; i < 3000; i++)
            {
                var (scope, entry) = ($"s{random.Next(40)}", $"e{random.Next(8)}");
                if (i % 3 == 0) await index.RemoveAsync(scope, entry, ct);
                else if (i % 3 == 1) await AddAsync(index, scope, entry, Vector(i));
                else Assert.All(await index.SearchAsync(scope, Vector(i), 3, ct), n => Assert.InRange(n.Similarity, -1, 1));
                Assert.InRange(index.Bytes, 0, 300_000);
            }
        });
        for (var s = 0; s < 40; s++)
        {
            for (var e = 0; e < 8; e++) await index.RemoveAsync($"s{s}", $"e{e}", Ct);
        }

        Assert.Equal(0, index.Bytes);
    }

    /// <summary>A clock that lets something happen when it is asked, where a test has said so.</summary>
    private sealed class OvertakingTime : TimeProvider
    {
        private bool _isAsked;

        public Action? Asked { get; set; }

        public override DateTimeOffset GetUtcNow()
        {
            if (!_isAsked && Asked is { } asked)
            {
                _isAsked = true;
                asked();
                _isAsked = false;
            }

            return DateTimeOffset.UnixEpoch;
        }
    }

    private static float[] Vector(int seed) => UnitVectors.Next(new(seed), 1024);

    private ValueTask AddAsync(MemorySemanticIndex index, string scope, string entry, params float[] vector) =>
        index.AddAsync(scope, entry, UnitVectors.Unit(vector), _time.GetUtcNow() + TimeSpan.FromDays(1), Ct);

    private static async Task<IReadOnlyList<string>> SearchAsync(MemorySemanticIndex index, string scope, params float[] vector) =>
        [.. (await index.SearchAsync(scope, UnitVectors.Unit(vector), 3, Ct)).Select(n => n.Entry)];
}
