using RemixProxy.FunctionalTests.Kit;
using RemixProxy.FunctionalTests.Submits;
using static RemixProxy.FunctionalTests.Cache.CacheReplies;

namespace RemixProxy.FunctionalTests.Cache;

/// <summary>First the key, then the repeat, then the cache.</summary>
public class CacheOrderTests
{
    private static readonly (string Name, string Value) Key = ("Idempotency-Key", "k");
    private static readonly (string Name, string Value) Retry = ("X-Stainless-Retry-Count", "1");

    [Fact]
    public async Task A_new_key_may_be_answered_by_the_cache_and_is_then_bound_to_that_video()
    {
        await using var app = await ProxyApp.StartAsync();
        var first = await app.CreateAsync(Model, "x", Exact);
        (await app.CreateAsync(Model, "x", Exact, Key)).AssertHit(first);
        // Bound: also when the cache would answer otherwise, or not at all.
        var replaced = await app.CreateAsync(Model, "x", Exact, NoCache);
        foreach (var headers in new (string, string)[][] { [Exact, Key], [Exact, Key, NoCache], [Key], [("x-remix-cache", "off"), Key] })
        {
            var again = await app.CreateAsync(Model, "x", headers);
            Assert.Equal((first.Id, true), (again.Id, again.IsReplayed));
            Assert.Equal(("""{"cache_hit":false}""", "RemixProxy; detail=replayed"), (again.Debug().ToJsonString(), again.CacheStatus()));
        }

        (await app.CreateAsync(Model, "y", Exact, Key)).AssertError(422, "idempotency_key_reused");
        (await app.CreateAsync(Model, "x", Exact)).AssertHit(replaced);
        Assert.Equal(2, app.SubmitsSeen());
    }

    [Fact]
    public async Task A_key_whose_video_was_deleted_is_404_though_the_cache_has_another()
    {
        await using var app = await ProxyApp.StartAsync();
        var first = await app.CreateAsync(Model, "x", Exact, Key);
        _ = await app.CreateAsync(Model, "x", Exact, NoCache);
        (await app.CallAsync("DELETE", "v1/videos/" + first.Id)).Ok();
        var gone = await app.CreateAsync(Model, "x", Exact, Key);
        gone.AssertError(404, "video_not_found");
        Assert.Equal("RemixProxy; detail=replayed", gone.CacheStatus());
        Assert.Equal(2, app.SubmitsSeen());
    }

    [Fact]
    public async Task A_repeat_gets_its_own_first_video_not_the_cache_s()
    {
        await using var app = await ProxyApp.StartAsync();
        var cached = await app.CreateAsync(Model, "x", Exact);
        var own = await app.CreateAsync(Model, "x");
        var repeat = await app.CreateAsync(Model, "x", Exact, Retry);
        Assert.Equal((own.Id, true), (repeat.Id, repeat.IsReplayed));
        Assert.Null(repeat.HitType());
        (await app.CreateAsync(Model, "x", Exact)).AssertHit(cached);
        // The repeat of a hit is a repeat.
        repeat = await app.CreateAsync(Model, "x", Exact, Retry);
        Assert.Equal((cached.Id, true), (repeat.Id, repeat.IsReplayed));
        Assert.Null(repeat.HitType());
    }

    [Fact]
    public async Task A_request_that_follows_an_unknown_outcome_is_not_sent_whatever_the_cache_mode()
    {
        var upstream = new Upstream();
        await using var app = await ProxyApp.StartAsync(new() { Sandbox = upstream.Sandbox });
        upstream.OnSubmit("openai", Upstream.Drops);
        (await app.CreateAsync(Model, "x", Exact)).AssertError(424, "submission_unknown");
        upstream.Heal();
        (await app.CreateAsync(Model, "x", Exact)).AssertError(424, "submission_unknown");
        (await app.CreateAsync(Model, "x", Exact, NoCache)).Ok();
        Assert.Equal(2, app.SubmitsSeen());
    }

    [Fact]
    public async Task A_key_is_never_kept_as_it_was_sent()
    {
        var store = new WatchedStores();
        await using var app = await ProxyApp.StartAsync(new() { Proxy = store.Install });
        _ = (await app.CreateAsync(Model, "x", Key)).Id;
        Assert.Equal("8254c329a92850f6d539dd376f4816ee2764517da5e0235514af433164480d7a", Assert.Single(store.Keys));
    }

    [Fact]
    public async Task What_is_accepted_after_its_caller_left_is_in_the_cache()
    {
        var (upstream, gate, door) = (new Upstream(), new Gate(), new Door());
        await using var app = await ProxyApp.StartAsync(new() { Sandbox = upstream.Sandbox, Proxy = door.Install });
        upstream.OnSubmit("openai", gate.HoldAsync);
        using var hangUp = new CancellationTokenSource();
        var request = Calls.Request("POST", "v1/videos", new { model = Model, prompt = "x" }, Exact);
        var first = app.SendUntilAsync(request, hangUp.Token);
        await gate.Arrived;
        await hangUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        request.Dispose();
        await door.Visits[0].Gone;
        gate.Open();
        await door.Visits[0].Done;
        var hit = await app.CreateAsync(Model, "x", Exact, ("Idempotency-Key", "another"));
        Assert.Equal(("direct", Assert.Single(await app.ListAsync())), (hit.HitType(), hit.Id));
        Assert.Equal(1, app.SubmitsSeen());
    }
}
