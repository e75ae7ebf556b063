using RemixProxy.FunctionalTests.Cache;
using RemixProxy.FunctionalTests.Kit;
using RemixProxy.FunctionalTests.Submits;
using static RemixProxy.FunctionalTests.Cache.CacheReplies;

namespace RemixProxy.FunctionalTests.Telemetry;

/// <summary>What the cache said, how long it took, how near the nearest prompt was, and what was spared.</summary>
public class CacheMetricsTests
{
    private readonly AngleEmbedder _embedder = new();
    private readonly WatchedStores _store = new();
    private readonly Upstream _upstream = new();
    private readonly Gate _gate = new();

    [Fact]
    public async Task Misses_and_hits_count_by_who_answered()
    {
        await using var app = await StartAsync();
        using var measured = new Instruments(app);
        var first = await app.CreateAsync(Model, "x", Exact);
        (await app.CreateAsync(Model, "x", Exact)).AssertHit(first);
        (await app.CreateAsync(Model, "x", Exact)).AssertHit(first);
        Assert.Equal(["create hit direct 2", "create miss none 1"], measured.Sums("cache.lookups"));
        Assert.Equal(["direct 2", "none 1"], measured.Counts("cache.lookup.duration"));
        Assert.Empty(measured.Counts("cache.similarity"));
    }

    [Fact]
    public async Task Those_who_joined_one_under_way_count_as_in_flight()
    {
        await using var app = await StartAsync();
        using var measured = new Instruments(app);
        _upstream.OnSubmit("openai", _gate.HoldAsync);
        var first = app.CreateAsync(Model, "x", Exact);
        await _gate.Arrived;
        var second = app.CreateAsync(Model, "x", Exact);
        await _store.WaitersAsync(1);
        app.Time.Advance(TimeSpan.FromSeconds(2.5));
        _gate.Open();
        (await second).AssertHit(await first, "in_flight");
        Assert.Equal(["create hit in_flight 1", "create miss none 1"], measured.Sums("cache.lookups"));
        Assert.Equal([2.5], measured.Values("cache.lookup.duration", "in_flight"));
        Assert.Equal([0], measured.Values("cache.lookup.duration", "none"));
    }

    [Fact]
    public async Task To_share_a_failure_is_a_miss_in_flight()
    {
        await using var app = await StartAsync();
        using var measured = new Instruments(app);
        _upstream.OnSubmit("openai", (http, simulator) => _gate.HoldAsync(http, c => Upstream.Answers(429)(c, simulator)));
        var first = app.CreateAsync(Model, "x", Exact);
        await _gate.Arrived;
        var second = app.CreateAsync(Model, "x", Exact);
        await _store.WaitersAsync(1);
        _gate.Open();
        Assert.Equal((429, 429), ((await first).Status, (await second).Status));
        Assert.Equal(["create miss in_flight 1", "create miss none 1"], measured.Sums("cache.lookups"));
        Assert.Equal(["create openai refused 1"], measured.Sums("submissions"));
        Assert.Empty(measured.Sums("cache.saved"));
    }

    [Fact]
    public async Task A_near_prompt_is_a_semantic_hit_and_a_far_one_a_miss_both_with_their_similarity()
    {
        await using var app = await StartAsync();
        using var measured = new Instruments(app);
        var first = await app.CreateAsync(Model, _embedder.At(0, "a red car"), Semantic);
        Assert.Empty(measured.Counts("cache.similarity"));
        Assert.Equal(first.Id, (await app.CreateAsync(Model, _embedder.At(10, "the red car"), Semantic)).Id);
        Assert.NotEqual(first.Id, (await app.CreateAsync(Model, _embedder.At(60, "a boat"), Semantic)).Id);
        Assert.Equal(["create hit semantic 1", "create miss none 2"], measured.Sums("cache.lookups"));
        Assert.Equal([0.984808], measured.Values("cache.similarity", "hit"));
        Assert.Equal([0.5], measured.Values("cache.similarity", "miss"));
        Assert.Equal(["none 2", "semantic 1"], measured.Counts("cache.lookup.duration"));
    }

    [Fact]
    public async Task What_has_nothing_to_do_with_the_cache_is_a_bypass_without_a_duration()
    {
        await using var app = await StartAsync();
        using var measured = new Instruments(app);
        _ = (await app.CreateAsync(Model, "x")).Id;
        _ = (await app.CreateAsync(Model, "x", Exact, ("Cache-Control", "no-store"))).Id;
        _ = (await app.CreateAsync(Model, "x", Exact, NoCache)).Id;
        _ = (await app.CreateAsync(Model, _embedder.At(0, "y"), Semantic, NoCache)).Id;
        Assert.Equal(["create bypass none 4"], measured.Sums("cache.lookups"));
        Assert.Empty(measured.Counts("cache.lookup.duration"));
        Assert.Empty(measured.Counts("cache.similarity"));
    }

    [Fact]
    public async Task A_store_or_an_embedder_that_is_away_is_an_error()
    {
        await using var app = await StartAsync();
        using var measured = new Instruments(app);
        _embedder.IsAway = true;
        _ = (await app.CreateAsync(Model, "x", Semantic)).Id;
        Assert.Equal(["create error none 1"], measured.Sums("cache.lookups"));
        _store.Away = "ClaimAsync".Equals;
        _ = (await app.CreateAsync("luma/ray-3.2", "y", Exact)).Id;
        Assert.Equal(["create error none 2"], measured.Sums("cache.lookups"));
        Assert.Equal(["none 2"], measured.Counts("cache.lookup.duration"));
    }

    [Fact]
    public async Task A_hit_saves_the_seconds_of_its_video_at_who_has_it()
    {
        await using var app = await StartAsync();
        using var measured = new Instruments(app);
        foreach (var (model, seconds, times) in new[] { (Model, "8", 3), ("runway/gen4.5", "5", 2) })
        {
            for (var i = 0; i < times; i++) _ = (await app.CallAsync("POST", "v1/videos", new { model, prompt = "x", seconds }, Exact)).Id;
        }

        Assert.Equal(["openai 16", "runway 5"], measured.Sums("cache.saved"));
        Assert.Equal(2, app.SubmitsSeen());
    }

    [Fact]
    public async Task An_edit_by_id_is_looked_up_as_what_it_was_asked_as()
    {
        await using var app = await StartAsync();
        var id = (await app.CreateFinishedAsync(Model))["id"]!.GetValue<string>();
        using var measured = new Instruments(app);
        for (var i = 0; i < 2; i++) _ = (await app.CallAsync("POST", "v1/videos/edits", new { prompt = "snow", video = new { id } }, Exact)).Id;
        Assert.Equal(["edit hit direct 1", "edit miss none 1"], measured.Sums("cache.lookups"));
        Assert.Equal(["edit openai accepted 1"], measured.Sums("submissions"));
    }

    private Task<ProxyApp> StartAsync() => ProxyApp.StartAsync(new()
    {
        Sandbox = _upstream.Sandbox,
        Proxy = proxy =>
        {
            _embedder.Install(proxy);
            _store.Install(proxy);
        },
    });
}
