using RemixProxy.FunctionalTests.Cache;
using RemixProxy.FunctionalTests.Kit;
using static RemixProxy.FunctionalTests.Cache.CacheReplies;

namespace RemixProxy.FunctionalTests.Telemetry;

/// <summary><c>remixproxy.submissions</c>: each provider that was asked, by what became of it.</summary>
public class SubmissionMetricsTests
{
    private readonly Upstream _upstream = new();

    [Fact]
    public async Task Accepted_ones_count_by_what_the_caller_asked_for()
    {
        await using var app = await StartAsync();
        using var measured = new Instruments(app);
        var id = (await app.CreateAsync(Model, "x")).Id;
        _ = (await app.CreateAsync("luma/ray-3.2", "x")).Id;
        _ = (await app.CreateAsync("luma/ray-3.2", "y")).Id;
        _ = await app.FinishAsync(id);
        _ = (await app.CallAsync("POST", $"v1/videos/{id}/remix", new { prompt = "snow" })).Id;
        _ = (await app.CallAsync("POST", "v1/videos/extensions", new { prompt = "on", seconds = "4", video = new { id } })).Id;
        Assert.Equal(
            ["create luma accepted 2", "create openai accepted 1", "extend openai accepted 1", "remix openai accepted 1"], measured.Sums("submissions"));
    }

    [Fact]
    public async Task Refused_is_what_created_nothing()
    {
        await using var app = await StartAsync();
        using var measured = new Instruments(app);
        Assert.NotEqual(200, (await app.CreateAsync(Model, "REFUSE")).Status);
        Assert.Equal(["create openai refused 1"], measured.Sums("submissions"));
        foreach (var status in new[] { 401, 429 })
        {
            _upstream.OnSubmit("openai", Upstream.Answers(status));
            Assert.NotEqual(200, (await app.CreateAsync(Model, "x")).Status);
        }

        Assert.Equal(["create openai refused 3"], measured.Sums("submissions"));
    }

    [Fact]
    public async Task Unknown_is_what_may_have_been_billed()
    {
        await using var app = await StartAsync();
        using var measured = new Instruments(app);
        _upstream.OnSubmit("openai", Upstream.LosesItsAnswer);
        (await app.CreateAsync(Model, "x")).AssertError(424, "submission_unknown");
        _upstream.Heal();
        // The caller gets the same answer again, and no provider is asked.
        (await app.CreateAsync(Model, "x")).AssertError(424, "submission_unknown");
        Assert.Equal(["create openai unknown 1"], measured.Sums("submissions"));
    }

    [Fact]
    public async Task Each_target_of_an_alias_counts()
    {
        await using var app = await StartAsync();
        using var measured = new Instruments(app);
        _upstream.OnSubmit("luma", Upstream.Answers(429));
        Assert.EndsWith(":openai", (await app.CreateAsync("list", "x")).Id, StringComparison.Ordinal);
        Assert.Equal(["create luma refused 1", "create openai accepted 1"], measured.Sums("submissions"));
    }

    [Fact]
    public async Task Where_nobody_was_asked_nothing_counts()
    {
        await using var app = await StartAsync();
        var first = await app.CreateAsync(Model, "x", Exact, ("Idempotency-Key", "k"));
        using var measured = new Instruments(app);
        (await app.CreateAsync(Model, "x", Exact)).AssertHit(first);
        Assert.True((await app.CreateAsync(Model, "x", Exact, ("Idempotency-Key", "k"))).IsReplayed);
        Assert.Equal(422, (await app.CreateAsync(Model, "another", ("Idempotency-Key", "k"))).Status);
        Assert.Equal(400, (await app.CallAsync("POST", "v1/videos", "{")).Status);
        Assert.Equal(400, (await app.CallAsync("POST", "v1/videos", new { model = Model })).Status);
        Assert.Equal(400, (await app.CallAsync("POST", "v1/videos", new { model = Model, prompt = "x", seconds = "no" })).Status);
        Assert.Equal(404, (await app.CreateAsync("nobody/knows", "x")).Status);
        Assert.Equal(400, (await app.CreateAsync(Model, "x", ("x-remix-cache", "perhaps"))).Status);
        Assert.Empty(measured.Sums("submissions"));
    }

    private Task<ProxyApp> StartAsync() =>
        ProxyApp.StartAsync(
            new() { Sandbox = _upstream.Sandbox, Settings = { ["RemixProxy:Models:list:0"] = "luma/ray-3.2", ["RemixProxy:Models:list:1"] = Model } });
}
