using System.Globalization;
using RemixProxy.Contract;
using RemixProxy.FunctionalTests.Kit;
using RemixProxy.FunctionalTests.Submits;
using RemixProxy.Resilience;
using static RemixProxy.FunctionalTests.Cache.CacheReplies;

namespace RemixProxy.FunctionalTests.Cache;

/// <summary>Requests that differ from an earlier one in the wording of their prompt only.</summary>
public class SemanticHitTests
{
    private readonly AngleEmbedder _embedder = new();
    private readonly WatchedIndex _index = new();
    private readonly WatchedStores _store = new();
    private readonly Upstream _upstream = new();

    [Fact]
    public async Task A_near_prompt_is_answered_by_the_stored_video_which_stays_itself()
    {
        await using var app = await StartAsync();
        var first = await app.CreateAsync(Model, _embedder.At(0, "a red car"), Semantic);
        Assert.Equal(
            $$"""{"cache_hit":false,"cache_id":"{{first.CacheId()}}","provider_used":"fake","model_used":"angles-1","input_tokens":3,"threshold":0.9}""",
                first.Debug().ToJsonString());
        app.Time.Advance(TimeSpan.FromMinutes(1));
        var polls = app.PollsSeen();

        var hit = await app.CreateAsync(Model, _embedder.At(10, "the red car"), Semantic);
        Assert.Equal(first.Id, hit.Id);
        Assert.Equal(
            $$"""{"cache_hit":true,"cache_id":"{{first.CacheId()}}","hit_type":"semantic","provider_used":"fake","model_used":"angles-1","input_tokens":3,"threshold":0.9,"similarity":0.984808}""",
            hit.Debug().ToJsonString());
        Assert.Equal("RemixProxy; hit; detail=semantic", hit.CacheStatus());
        Assert.Equal(("a red car", "completed"), (hit.Text("prompt"), hit.Text("status")));
        Assert.Equal(first.Ok()["created_at"]!.GetValue<long>(), hit.Ok()["created_at"]!.GetValue<long>());
        Assert.Equal((1, polls + 1), (app.SubmitsSeen(), app.PollsSeen()));
    }

    [Fact]
    public async Task A_far_prompt_is_a_miss_that_says_how_near_the_nearest_was_and_is_stored_itself()
    {
        await using var app = await StartAsync();
        _ = await app.CreateAsync(Model, _embedder.At(0, "a red car"), Semantic);
        var far = await app.CreateAsync(Model, _embedder.At(60, "a boat"), Semantic);
        Assert.Equal((0.5, null), (far.Debug()["similarity"]!.GetValue<double>(), far.HitType()));
        Assert.Equal($"RemixProxy; fwd=uri-miss; stored; key=\"{far.CacheId()}\"", far.CacheStatus());
        Assert.Equal(far.Id, (await app.CreateAsync(Model, _embedder.At(59, "the boat"), Semantic)).Id);
        var opposite = await app.CreateAsync(Model, _embedder.At(240, "no boat"), Semantic);
        Assert.Equal(-0.5, opposite.Debug()["similarity"]!.GetValue<double>());
    }

    [Theory]
    [InlineData("0.98", true)]
    [InlineData("0.99", false)]
    [InlineData("0", true)]
    [InlineData("1", false)]
    public async Task The_request_sets_the_threshold(string threshold, bool hits)
    {
        await using var app = await StartAsync(("Threshold", "0.985"));
        _ = await app.CreateAsync(Model, _embedder.At(0, "a red car"), Semantic);
        var near = await app.CreateAsync(Model, _embedder.At(10, "the red car"), Semantic, ("x-remix-cache-threshold", threshold));
        Assert.Equal(hits ? "semantic" : null, near.HitType());
        Assert.Equal(double.Parse(threshold, CultureInfo.InvariantCulture), near.Debug()["threshold"]!.GetValue<double>());
        if (!hits) Assert.Equal(0.985, (await app.CreateAsync(Model, _embedder.At(90, "x"), Semantic)).Debug()["threshold"]!.GetValue<double>());
    }

    [Fact]
    public async Task A_similarity_below_the_threshold_is_never_shown_at_it()
    {
        await using var app = await StartAsync();
        _ = await app.CreateAsync(Model, _embedder.At(0, "a red car"), Semantic);
        var near = await app.CreateAsync(Model, _embedder.At(10, "the red car"), Semantic, ("x-remix-cache-threshold", "0.984808"));
        Assert.Null(near.HitType());
        Assert.InRange(near.Debug()["similarity"]!.GetValue<double>(), 0.9848, 0.98480799);
    }

    [Fact]
    public async Task Neighbours_in_conflict_hide_nobody_however_many_they_are()
    {
        await using var app = await StartAsync();
        var friend = await app.CreateAsync(Model, _embedder.At(20, "a friend"), Semantic);
        for (var i = 0; i < 40; i++) _ = await app.CreateAsync(Model, _embedder.At(i / 10.0, $"{i + 2} red cars"), Semantic, ("x-remix-cache-threshold", "1"));
        var hit = await app.CreateAsync(Model, _embedder.At(0, "a fellow"), Semantic);
        Assert.Equal((friend.Id, "semantic", friend.CacheId()), (hit.Id, hit.HitType(), hit.CacheId()));
        Assert.Equal(0.939693, hit.Debug()["similarity"]!.GetValue<double>());
    }

    [Fact]
    public async Task A_neighbour_in_conflict_is_no_hit_but_the_nearest_measured()
    {
        await using var app = await StartAsync();
        _ = await app.CreateAsync(Model, _embedder.At(0, "two red cars"), Semantic);
        var miss = await app.CreateAsync(Model, _embedder.At(0, "a fellow"), Semantic);
        Assert.Equal((null, 1.0), (miss.HitType(), miss.Debug()["similarity"]!.GetValue<double>()));
        Assert.Equal(2, app.SubmitsSeen());
    }

    [Theory]
    [InlineData("entry")]
    [InlineData("deleted")]
    [InlineData("failed")]
    public async Task Dead_neighbours_hide_no_living_one_and_are_removed(string how)
    {
        await using var app = await StartAsync();
        var alive = await app.CreateAsync(Model, _embedder.At(20, "alive"), Semantic);
        var dead = new List<Reply>();
        for (var i = 0; i < 12; i++)
            dead.Add(await app.CreateAsync(
                Model, _embedder.At(i / 10.0, $"dead {new string((char)('b' + i), 3)} {(how == "failed" ? "FAIL" : "")}"), Semantic, NoCache));
        foreach (var reply in dead)
        {
            Assert.True(VideoId.TryParse(reply.Id, out var id));
            if (how == "entry") await _store.Entries.RemoveEntryAsync("", reply.CacheId(), id.Value, CancellationToken.None);
            if (how == "deleted") await _store.Jobs.UpdateAsync(id.Value, j => j with { Deleted = true }, CancellationToken.None);
        }

        // No caller has asked for these videos since they failed.
        app.Time.Advance(TimeSpan.FromMinutes(1));
        var hit = await app.CreateAsync(Model, _embedder.At(0, "asked"), Semantic);
        Assert.Equal((alive.Id, alive.CacheId(), 0.939693), (hit.Id, hit.CacheId(), hit.Debug()["similarity"]!.GetValue<double>()));
        Assert.Equal([alive.CacheId()], _index.Entries);
    }

    [Fact]
    public async Task A_dead_neighbour_is_not_the_nearest_measured()
    {
        await using var app = await StartAsync();
        var dead = await app.CreateAsync(Model, _embedder.At(0, "dead"), Semantic);
        (await app.CallAsync("DELETE", "v1/videos/" + dead.Id)).Ok();
        Assert.Empty(_index.Entries);
        Assert.Null((await app.CreateAsync(Model, _embedder.At(1, "asked"), Semantic)).Debug()["similarity"]);
    }

    [Theory]
    [InlineData("""{"model":"gemini/gemini-omni-1.1-flash","prompt":"the red car","size":"720x1280"}""")]
    [InlineData("""{"model":"gemini/gemini-omni-1.1-flash","prompt":"the red car","seconds":6}""")]
    [InlineData("""{"model":"gemini/gemini-omni-1.1-flash","prompt":"the red car","resolution":"1080p"}""")]
    [InlineData("""{"model":"luma/ray-3.2","prompt":"the red car"}""")]
    public async Task All_but_the_prompt_has_to_be_the_same(string json)
    {
        await using var app = await StartAsync();
        var first = await app.CreateAsync("gemini/gemini-omni-1.1-flash", _embedder.At(0, "a red car"), Semantic);
        _embedder.At(0, "the red car");
        var other = await app.CallAsync("POST", "v1/videos", json, Semantic);
        Assert.NotEqual(first.Id, other.Id);
        Assert.Equal((null, null), (other.HitType(), other.Debug()["similarity"]?.GetValue<double>()));
    }

    [Fact]
    public async Task Remixes_are_similar_within_their_source()
    {
        await using var app = await StartAsync();
        var (one, two) = ((await app.CreateFinishedAsync(Model))["id"]!.GetValue<string>(), (await app.CreateFinishedAsync(Model))["id"]!.GetValue<string>());
        _embedder.At(0, "make it snow");
        _embedder.At(5, "let it snow");
        var first = await RemixAsync(one, "make it snow");
        Assert.Equal((first.Id, "semantic"), (Id: (await RemixAsync(one, "let it snow")).Id, (await RemixAsync(one, "let it snow")).HitType()));
        var other = await RemixAsync(two, "let it snow");
        Assert.Equal((null, null), (other.HitType(), other.Debug()["similarity"]));

        Task<Reply> RemixAsync(string source, string prompt) => app.CallAsync("POST", $"v1/videos/{source}/remix", new { prompt }, Semantic);
    }

    [Theory]
    [InlineData("""{"model":"gemini/gemini-omni-1.1-flash","prompt":"a red car","seed":1}""",
        """{"model":"gemini/gemini-omni-1.1-flash","prompt":"the red car","seed":1}""")]
    [InlineData("""{"model":"openai/sora-2","prompt":"a red car","input_reference":{"image_url":"data:image/png;base64,AAEC"}}""",
        """{"model":"openai/sora-2","prompt":"the red car","input_reference":{"image_url":"data:image/png;base64,AAEC"}}""")]
    [InlineData("""{"model":"openai/sora-2","prompt":"a red car","input_reference":{"image_url":"https://images.example/a.png"}}""",
        """{"model":"openai/sora-2","prompt":"the red car","input_reference":{"image_url":"https://images.example/a.png"}}""")]
    public async Task A_seed_or_an_image_is_matched_exactly_only(string first, string near)
    {
        await using var app = await StartAsync();
        var stored = await app.CallAsync("POST", "v1/videos", first, Semantic);
        stored.AssertMiss();
        (await app.CallAsync("POST", "v1/videos", near, Semantic)).AssertMiss();
        (await app.CallAsync("POST", "v1/videos", first, Semantic)).AssertHit(stored);
        Assert.Equal(0, _embedder.Calls);
    }

    [Fact]
    public async Task A_file_is_matched_exactly_only()
    {
        await using var app = await StartAsync();
        (string, object)[] Form(string prompt) => [("model", Model), ("prompt", prompt), ("input_reference", new byte[] { 1, 2 })];
        var stored = await app.FormAsync("v1/videos", Form("a red car"), Semantic);
        stored.AssertMiss();
        (await app.FormAsync("v1/videos", Form("the red car"), Semantic)).AssertMiss();
        (await app.FormAsync("v1/videos", Form("a red car"), Semantic)).AssertHit(stored);
        Assert.Equal(0, _embedder.Calls);
    }

    [Fact]
    public async Task An_equal_request_is_a_direct_hit_without_embedding()
    {
        await using var app = await StartAsync();
        var first = await app.CreateAsync(Model, _embedder.At(0, "a red car"), Semantic);
        (await app.CreateAsync(Model, "a red  car", Semantic)).AssertHit(first);
        (await app.CreateAsync(Model, "a red car", Exact)).AssertHit(first);
        Assert.Equal(1, _embedder.Calls);
    }

    [Fact]
    public async Task What_was_stored_exactly_is_found_exactly_only()
    {
        await using var app = await StartAsync();
        var first = await app.CreateAsync(Model, _embedder.At(0, "a red car"), Exact);
        Assert.Null((await app.CreateAsync(Model, _embedder.At(0, "the red car"), Semantic)).HitType());
        (await app.CreateAsync(Model, "a red car", Semantic)).AssertHit(first);
    }

    [Fact]
    public async Task A_semantic_hit_stores_nothing_and_a_key_is_bound_to_it()
    {
        await using var app = await StartAsync();
        var first = await app.CreateAsync(Model, _embedder.At(0, "a red car"), Semantic);
        var hit = await app.CreateAsync(Model, _embedder.At(5, "the red car"), Semantic, ("Idempotency-Key", "k"));
        Assert.Equal((first.Id, "semantic"), (hit.Id, hit.HitType()));
        Assert.Equal([first.CacheId()], _index.Entries);
        _ = await app.CreateAsync(Model, "a red car", Semantic, NoCache);
        var again = await app.CreateAsync(Model, "the red car", Semantic, ("Idempotency-Key", "k"));
        Assert.Equal((first.Id, true), (again.Id, again.IsReplayed));
    }

    [Fact]
    public async Task No_cache_looks_at_no_neighbour_and_takes_the_place_of_the_entry()
    {
        await using var app = await StartAsync();
        _ = await app.CreateAsync(Model, _embedder.At(0, "a red car"), Semantic);
        var second = await app.CreateAsync(Model, "a red car", Semantic, NoCache);
        Assert.Equal(
            $$"""{"cache_hit":false,"cache_id":"{{second.CacheId()}}","provider_used":"fake","model_used":"angles-1","input_tokens":3,"threshold":0.9}""",
                second.Debug().ToJsonString());
        Assert.Equal("RemixProxy; fwd=request; stored; detail=no-cache", second.CacheStatus());
        Assert.Equal(second.Id, (await app.CreateAsync(Model, _embedder.At(5, "the red car"), Semantic)).Id);
    }

    [Fact]
    public async Task Who_waits_for_one_that_finds_a_neighbour_gets_that_neighbour()
    {
        await using var app = await StartAsync();
        var first = await app.CreateAsync(Model, _embedder.At(0, "a red car"), Semantic);
        var (waiting, held) = (0, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        // The holder's last step is to write down whose video it got.
        _store.BeforeMove = _ => Interlocked.Increment(ref waiting) == 1 ? held.Task : Task.CompletedTask;
        _embedder.At(5, "the red car");
        var holder = app.CreateAsync(Model, "the red car", Semantic);
        var other = app.CreateAsync(Model, "the red car", Semantic);
        await _store.WaitersAsync(1);
        held.SetResult();
        var types = new[] { (await holder).HitType(), (await other).HitType() };
        Assert.Equal(["in_flight", "semantic"], types.Order());
        Assert.Equal((first.Id, first.Id), ((await holder).Id, (await other).Id));
    }

    [Fact]
    public async Task Vectors_of_another_maker_never_meet()
    {
        await using var app = await StartAsync();
        _ = await app.CreateAsync(Model, _embedder.At(0, "a red car"), Semantic);
        _embedder.Identity = "other";
        var other = await app.CreateAsync(Model, _embedder.At(0, "the red car"), Semantic);
        Assert.Equal((null, null), (other.HitType(), other.Debug()["similarity"]));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Without_the_embedder_it_is_exact(bool throws)
    {
        await using var app = await StartAsync();
        _embedder.IsAway = !throws;
        _embedder.Fails = throws ? new DependencyException("embedder") : null;
        var first = await app.CreateAsync(Model, "a red car", Semantic);
        Assert.Equal($$"""{"cache_hit":false,"cache_id":"{{first.CacheId()}}"}""", first.Debug().ToJsonString());
        Assert.Equal($"RemixProxy; fwd=uri-miss; stored; key=\"{first.CacheId()}\"; detail=embedder-unavailable", first.CacheStatus());
        (await app.CreateAsync(Model, "a red car", Semantic)).AssertHit(first);
        Assert.Empty(_index.Entries);
    }

    [Fact]
    public async Task Without_the_index_it_is_exact()
    {
        await using var app = await StartAsync();
        var first = await app.CreateAsync(Model, _embedder.At(0, "a red car"), Semantic);
        _index.IsAway = true;
        var miss = await app.CreateAsync(Model, _embedder.At(0, "the red car"), Semantic);
        Assert.Equal((null, null, "fake"), (miss.HitType(), miss.Debug()["similarity"], miss.Debug()["provider_used"]!.GetValue<string>()));
        Assert.Equal($"RemixProxy; fwd=uri-miss; stored; key=\"{miss.CacheId()}\"; detail=store-unavailable", miss.CacheStatus());
        (await app.CreateAsync(Model, "the red car", Semantic)).AssertHit(miss);
        (await app.CallAsync("DELETE", "v1/videos/" + first.Id)).Ok();
        _index.IsAway = false;
        // The vector is still there without its entry, and answers no request.
        Assert.Null((await app.CreateAsync(Model, _embedder.At(0, "one red car"), Semantic)).HitType());
        Assert.DoesNotContain(first.CacheId(), _index.Entries);
    }

    private Task<ProxyApp> StartAsync(params (string Key, string Value)[] cache) => ProxyApp.StartAsync(new()
    {
        Settings = cache.ToDictionary(s => "RemixProxy:Cache:" + s.Key, s => (string?)s.Value),
        Sandbox = _upstream.Sandbox,
        Proxy = proxy =>
        {
            _embedder.Install(proxy);
            _index.Install(proxy);
            _store.Install(proxy);
        },
    });
}
