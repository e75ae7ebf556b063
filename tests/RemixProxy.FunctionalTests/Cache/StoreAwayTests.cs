using RemixProxy.FunctionalTests.Kit;
using RemixProxy.FunctionalTests.Submits;
using static RemixProxy.FunctionalTests.Cache.CacheReplies;

namespace RemixProxy.FunctionalTests.Cache;

/// <summary>A store that can't be reached: the cache does without, money and deletion don't.</summary>
public class StoreAwayTests
{
    private readonly WatchedStores _store = new();
    private readonly Upstream _upstream = new();

    [Theory]
    [InlineData("ClaimAsync", "RemixProxy; fwd=miss; stored; key=\"{0}\"; detail=store-unavailable")]
    [InlineData("StoreEntryAsync", "RemixProxy; fwd=uri-miss; key=\"{0}\"; detail=store-unavailable")]
    public async Task The_cache_does_without_and_says_so(string method, string status)
    {
        await using var app = await StartAsync();
        _store.Away = method.Equals;
        var first = await app.CreateAsync(Model, "x", Exact);
        Assert.Equal($$"""{"cache_hit":false,"cache_id":"{{first.CacheId()}}"}""", first.Debug().ToJsonString());
        Assert.Equal(string.Format(null, status, first.CacheId()), first.CacheStatus());
        _store.Away = _ => false;
        var second = await app.CreateAsync(Model, "x", Exact);
        Assert.Equal(method == "ClaimAsync" ? first.Id : second.Id, second.Id);
        (await app.CreateAsync(Model, "x", Exact)).AssertHit(second);
    }

    [Fact]
    public async Task A_stored_video_that_can_t_be_looked_at_is_no_hit()
    {
        await using var app = await StartAsync();
        var first = await app.CreateAsync(Model, "x", Exact);
        _store.Away = "FindAsync".Equals;
        Assert.NotEqual(first.Id, (await app.CreateAsync(Model, "x", Exact)).Id);
    }

    [Theory]
    [InlineData("AdmitAsync", true)]
    [InlineData("AdmitAsync", false)]
    [InlineData("MoveAsync", true)]
    public async Task What_can_t_be_recorded_is_not_sent(string method, bool byKey)
    {
        await using var app = await StartAsync();
        _store.Away = method.Equals;
        (string, string)[] headers = byKey ? [("Idempotency-Key", "k")] : [];
        var reply = await app.CreateAsync(Model, "x", headers);
        reply.AssertError(503, "store_unavailable");
        Assert.Equal(("1", null), (reply.Header("Retry-After"), reply.Header("x-should-retry")));
        Assert.Equal(0, app.SubmitsSeen());
    }

    [Theory]
    [InlineData("AddAsync")]
    [InlineData("StoreEntryAsync")]
    public async Task What_was_paid_for_is_handed_over_though_it_can_t_be_remembered(string method)
    {
        await using var app = await StartAsync();
        _store.Away = method.Equals;
        var reply = await app.CreateAsync(Model, "x", Exact);
        Assert.EndsWith(":openai", reply.Id, StringComparison.Ordinal);
        Assert.Contains("detail=store-unavailable", reply.CacheStatus(), StringComparison.Ordinal);
        Assert.Equal(1, app.SubmitsSeen());
    }

    [Fact]
    public async Task A_repeat_whose_video_can_t_be_looked_at_is_424_and_nothing_that_SDKs_send_again()
    {
        await using var app = await StartAsync();
        _ = (await app.CreateAsync(Model, "x", ("Idempotency-Key", "k"))).Id;
        _store.Away = "FindAsync".Equals;
        (await app.CreateAsync(Model, "x", ("Idempotency-Key", "k"))).AssertError(424, "submission_unknown");
        Assert.Equal(1, app.SubmitsSeen());
    }

    [Fact]
    public async Task Videos_are_read_as_if_unknown()
    {
        await using var app = await StartAsync();
        var id = (await app.CreateFinishedAsync(Model))["id"]!.GetValue<string>();
        _store.Away = m => m != "AdmitAsync" && m != "MoveAsync";
        Assert.Equal("completed", (await app.GetAsync("v1/videos/" + id))["status"]!.GetValue<string>());
        Assert.NotEmpty(await app.BytesAsync($"v1/videos/{id}/content"));
        var remix = await app.CallAsync("POST", $"v1/videos/{id}/remix", new { prompt = "snow" });
        Assert.Equal(id, remix.Text("remixed_from_video_id"));
    }

    [Fact]
    public async Task Nothing_is_deleted_listed_or_guessed()
    {
        await using var app = await StartAsync();
        var id = (await app.CreateAsync(Model, "x")).Id;
        _store.Away = _ => true;
        var before = app.Sandbox.Requests.Count;
        (await app.CallAsync("DELETE", "v1/videos/" + id)).AssertError(503, "store_unavailable");
        (await app.CallAsync("GET", "v1/videos")).AssertError(503, "store_unavailable");
        (await app.CallAsync("GET", "v1/videos/" + id.Split(':')[0])).AssertError(503, "store_unavailable");
        Assert.Equal(before, app.Sandbox.Requests.Count);
        _store.Away = _ => false;
        (await app.CallAsync("DELETE", "v1/videos/" + id)).Ok();
    }

    [Fact]
    public async Task A_video_is_deleted_though_its_entry_can_t_be_removed_and_the_entry_answers_nobody()
    {
        await using var app = await StartAsync();
        var first = await app.CreateAsync(Model, "x", Exact);
        _store.Away = m => m is "RemoveEntryAsync" or "FindEntryAsync";
        (await app.CallAsync("DELETE", "v1/videos/" + first.Id)).Ok();
        _store.Away = _ => false;
        Assert.NotNull(await _store.Entries.FindEntryAsync("", first.CacheId(), CancellationToken.None));
        (await app.CreateAsync(Model, "x", Exact)).AssertMiss();
    }

    [Fact]
    public async Task While_another_replica_asks_the_provider_the_stored_state_is_answered()
    {
        await using var app = await StartAsync();
        var id = (await app.CreateAsync(Model, "x")).Id;
        app.Time.Advance(TimeSpan.FromMinutes(1));
        _store.OthersPoll = true;
        var polls = app.PollsSeen();
        Assert.Equal("queued", (await app.GetAsync("v1/videos/" + id))["status"]!.GetValue<string>());
        Assert.Equal(polls, app.PollsSeen());
        _store.OthersPoll = false;
        Assert.Equal("completed", (await app.GetAsync("v1/videos/" + id))["status"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("BeginPollAsync")]
    [InlineData("EndPollAsync")]
    public async Task Where_nobody_knows_who_asks_it_is_asked(string method)
    {
        await using var app = await StartAsync();
        var id = (await app.CreateAsync(Model, "x")).Id;
        app.Time.Advance(TimeSpan.FromMinutes(1));
        _store.Away = method.Equals;
        Assert.Equal("completed", (await app.GetAsync("v1/videos/" + id))["status"]!.GetValue<string>());
    }

    private Task<ProxyApp> StartAsync() => ProxyApp.StartAsync(new() { Sandbox = _upstream.Sandbox, Proxy = _store.Install });
}
