using RemixProxy.FunctionalTests.Kit;
using RemixProxy.FunctionalTests.Submits;
using static RemixProxy.FunctionalTests.Cache.CacheReplies;

namespace RemixProxy.FunctionalTests.Cache;

/// <summary>Who has to do with the cache at all, and what its headers do.</summary>
public class CacheModeTests
{
    [Fact]
    public async Task It_is_off_unless_asked_for()
    {
        await using var app = await ProxyApp.StartAsync();
        var replies = new[] { await app.CreateAsync(Model, "x"), await app.CreateAsync(Model, "x"), await app.CreateAsync(Model, "x", Exact),
            await app.CreateAsync(Model, "x") };
        Assert.Equal(4, replies.Select(r => r.Id).Distinct().Count());
        foreach (var off in new[] { replies[0], replies[1], replies[3] })
        {
            Assert.Equal("""{"cache_hit":false}""", off.Debug().ToJsonString());
            Assert.Equal("RemixProxy; fwd=bypass; detail=off", off.CacheStatus());
        }

        replies[2].AssertMiss();
        Assert.Equal(4, app.SubmitsSeen());
    }

    [Theory]
    [InlineData("Exact")]
    [InlineData("Semantic")]
    public async Task The_operator_turns_it_on_and_a_request_off(string mode)
    {
        await using var app = await ProxyApp.StartAsync(new() { Settings = { ["RemixProxy:Cache:Mode"] = mode } });
        var first = await app.CreateAsync(Model, "x");
        Assert.Equal(first.Id, (await app.CreateAsync(Model, "x")).Id);
        var off = await app.CreateAsync(Model, "x", ("x-remix-cache", "off"));
        Assert.NotEqual(first.Id, off.Id);
        Assert.Equal("RemixProxy; fwd=bypass; detail=off", off.CacheStatus());
        // It did not take the first one's place either.
        Assert.Equal(first.Id, (await app.CreateAsync(Model, "x")).Id);
        Assert.Equal(2, app.SubmitsSeen());
    }

    [Fact]
    public async Task No_store_neither_finds_nor_leaves_anything()
    {
        await using var app = await ProxyApp.StartAsync();
        var unseen = await app.CreateAsync(Model, "x", Exact, ("Cache-Control", "max-age=0, no-store"));
        Assert.Equal("""{"cache_hit":false}""", unseen.Debug().ToJsonString());
        Assert.Equal("RemixProxy; fwd=bypass; detail=no-store", unseen.CacheStatus());
        var first = await app.CreateAsync(Model, "x", Exact);
        first.AssertMiss();
        Assert.NotEqual(first.Id, (await app.CreateAsync(Model, "x", Exact, ("Cache-Control", "no-store, no-cache"))).Id);
        (await app.CreateAsync(Model, "x", Exact)).AssertHit(first);
    }

    [Fact]
    public async Task No_cache_makes_a_new_video_that_takes_the_entry_s_place()
    {
        await using var app = await ProxyApp.StartAsync();
        var first = await app.CreateAsync(Model, "x", Exact);
        var second = await app.CreateAsync(Model, "x", Exact, ("Cache-Control", "max-age=0"), NoCache);
        Assert.NotEqual(first.Id, second.Id);
        Assert.Equal($$"""{"cache_hit":false,"cache_id":"{{first.CacheId()}}"}""", second.Debug().ToJsonString());
        Assert.Equal("RemixProxy; fwd=request; stored; detail=no-cache", second.CacheStatus());
        (await app.CreateAsync(Model, "x", Exact)).AssertHit(second);

        // The entry no longer holds the first video, so the end of that video is not the end of the entry.
        (await app.CallAsync("DELETE", "v1/videos/" + first.Id)).Ok();
        (await app.CreateAsync(Model, "x", Exact)).AssertHit(second);
    }

    [Fact]
    public async Task A_malformed_cache_control_says_nothing()
    {
        await using var app = await ProxyApp.StartAsync();
        var first = await app.CreateAsync(Model, "x", Exact);
        (await app.CreateAsync(Model, "x", Exact, ("Cache-Control", "no-cache, =,\""))).AssertHit(first);
    }

    [Fact]
    public async Task An_entry_is_valid_as_long_as_its_request_said()
    {
        await using var app = await ProxyApp.StartAsync();
        var first = await app.CreateAsync(Model, "x", Exact, ("x-remix-cache-ttl", "60"));
        app.Time.Advance(TimeSpan.FromSeconds(59));
        (await app.CreateAsync(Model, "x", Exact, ("x-remix-cache-ttl", "1"))).AssertHit(first);
        app.Time.Advance(TimeSpan.FromSeconds(1));
        (await app.CreateAsync(Model, "x", Exact)).AssertMiss();
    }

    [Fact]
    public async Task An_entry_is_valid_for_the_operator_s_time()
    {
        await using var app = await ProxyApp.StartAsync(new() { Settings = { ["RemixProxy:Cache:Ttl"] = "01:00:00" } });
        var first = await app.CreateAsync(Model, "x", Exact);
        app.Time.Advance(TimeSpan.FromMinutes(59));
        (await app.CreateAsync(Model, "x", Exact)).AssertHit(first);
        app.Time.Advance(TimeSpan.FromMinutes(1));
        (await app.CreateAsync(Model, "x", Exact)).AssertMiss();
    }

    [Theory]
    [InlineData("x-remix-cache", "")]
    [InlineData("x-remix-cache", "always")]
    [InlineData("x-remix-cache-threshold", "")]
    [InlineData("x-remix-cache-threshold", "1.1")]
    [InlineData("x-remix-cache-ttl", "")]
    [InlineData("x-remix-cache-ttl", "0")]
    public async Task A_header_that_can_t_be_read_is_refused_before_anything_is_recorded_or_sent(string name, string value)
    {
        var store = new WatchedStores();
        await using var app = await ProxyApp.StartAsync(new() { Proxy = store.Install });
        (await app.CreateAsync(Model, "x", (name, value))).Error(400, "invalid_value", name);
        Assert.Empty(store.Keys);
        Assert.Equal(0, app.SubmitsSeen());
    }

    [Fact]
    public async Task Other_operations_say_nothing_of_the_cache()
    {
        await using var app = await ProxyApp.StartAsync();
        var id = (await app.CreateAsync(Model, "x", Exact)).Id;
        var others = new[]
        {
            await app.CallAsync("GET", "v1/videos/" + id, null, Exact), await app.CallAsync("GET", "v1/videos", null, Exact), await app.CallAsync(
                "GET", "v1/models", null, Exact),
            await app.CallAsync("DELETE", "v1/videos/" + id, null, Exact),
        };
        Assert.All(others, reply =>
        {
            _ = reply.Ok();
            Assert.DoesNotContain("cache", reply.Text, StringComparison.Ordinal);
            Assert.Null(reply.CacheStatus());
        });
    }
}
