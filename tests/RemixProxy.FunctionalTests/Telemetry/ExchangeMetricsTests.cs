using Microsoft.AspNetCore.Http;
using RemixProxy.FunctionalTests.Kit;
using RemixProxy.FunctionalTests.Submits;
using static RemixProxy.FunctionalTests.Cache.CacheReplies;

namespace RemixProxy.FunctionalTests.Telemetry;

/// <summary><c>remixproxy.upstream.duration</c>: every exchange with a provider, by how it ended.</summary>
public class ExchangeMetricsTests
{
    private static readonly Dictionary<string, Func<HttpContext, RequestDelegate, Task>> Answers = new(StringComparer.Ordinal)
    {
        ["400"] = Upstream.Answers(400), ["401"] = Upstream.Answers(401), ["402"] = Upstream.Answers(402), ["403"] = Upstream.Answers(403),
        ["429"] = Upstream.Answers(429), ["500"] = Upstream.Answers(500), ["drop"] = Upstream.Drops, ["half"] = Upstream.BreaksOff,
        ["nonsense"] = Upstream.Answers(200, "<html>"),
    };

    private readonly Upstream _upstream = new();
    private readonly Gate _gate = new();

    [Theory]
    [InlineData("400", "refused")]
    [InlineData("401", "unauthorized")]
    [InlineData("402", "unauthorized")]
    [InlineData("403", "unauthorized")]
    [InlineData("429", "limited")]
    [InlineData("500", "refused")]
    [InlineData("drop", "broken")]
    [InlineData("half", "broken")]
    [InlineData("nonsense", "ok")]
    public async Task A_submit_by_what_came_back(string answer, string outcome)
    {
        await using var app = await StartAsync();
        using var measured = new Instruments(app);
        _upstream.OnSubmit("openai", Answers[answer]);
        Assert.NotEqual(200, (await app.CreateAsync(Model, "x")).Status);
        Assert.Equal([$"create openai {outcome} 1"], measured.Counts("upstream.duration"));
    }

    [Fact]
    public async Task A_provider_that_hangs_is_a_timeout_as_long_as_it_was_waited_for()
    {
        await using var app = await StartAsync();
        using var measured = new Instruments(app);
        _upstream.OnSubmit("openai", _gate.HoldAsync);
        var hanging = app.CreateAsync(Model, "x");
        await _gate.Arrived;
        app.Time.Advance(TimeSpan.FromSeconds(50));
        (await hanging).AssertError(424, "submission_unknown");
        Assert.Equal(["create openai timeout 1"], measured.Counts("upstream.duration"));
        Assert.Equal([50], measured.Values("upstream.duration"));
    }

    [Fact]
    public async Task One_that_takes_no_connection_is_unreachable()
    {
        using var closed = new ClosedPort();
        await using var app = await ProxyApp.StartAsync(new() { Settings = { ["RemixProxy:Providers:luma:BaseUrl"] = "http://" + closed.Authority } });
        using var measured = new Instruments(app);
        (await app.CreateAsync("luma/ray-3.2", "x")).AssertError(503, "provider_unavailable");
        Assert.Equal(["create luma unreachable 1"], measured.Counts("upstream.duration"));
    }

    [Fact]
    public async Task A_refusal_is_what_the_provider_says_not_its_status()
    {
        await using var app = await StartAsync();
        using var measured = new Instruments(app);
        _upstream.OnSubmit("gemini",
            Upstream.Answers(
                400, """{"error":{"code":400,"message":"API key not valid.","status":"INVALID_ARGUMENT","details":[{"reason":"API_KEY_INVALID"}]}}"""));
        (await app.CreateAsync("gemini/gemini-omni-1.1-flash", "x")).AssertError(502, "provider_auth_failed");
        Assert.Equal(["create gemini unauthorized 1"], measured.Counts("upstream.duration"));
    }

    [Fact]
    public async Task A_provider_that_takes_a_poll_and_hangs_up_was_reached()
    {
        await using var app = await StartAsync();
        var id = (await app.CreateAsync(Model, "x")).Id;
        app.Time.Advance(TimeSpan.FromSeconds(10));
        using var measured = new Instruments(app);
        _upstream.On("openai", r => r.Method == "GET", Upstream.Drops);
        Assert.Equal(503, (await app.CallAsync("GET", "v1/videos/" + id)).Status);
        Assert.Equal(["retrieve openai broken 1"], measured.Counts("upstream.duration"));
    }

    [Fact]
    public async Task Exchanges_before_a_submit_count_each_with_its_own_provider()
    {
        await using var app = await StartAsync();
        var source = (await app.CreateFinishedAsync(Model))["id"]!.GetValue<string>();
        using var measured = new Instruments(app);
        var upstream = app.Sandbox.Requests.Count;
        _ = (await app.CallAsync("POST", $"v1/videos/{source}/remix", new { prompt = "snow", model = "runway/aleph2" })).Id;
        // The bytes of the source; where they may go, there, and the remix.
        Assert.Equal(4, app.Sandbox.Requests.Count - upstream);
        Assert.Equal(["remix openai ok 1", "remix runway ok 3"], measured.Counts("upstream.duration"));
        Assert.Equal(["remix runway accepted 1"], measured.Sums("submissions"));
    }

    [Fact]
    public async Task An_address_that_is_over_is_no_refused_key()
    {
        await using var app = await StartAsync();
        var source = (await app.CreateFinishedAsync(Model))["id"]!.GetValue<string>();
        using var measured = new Instruments(app);
        _upstream.On("openai", r => r.Path.Value!.EndsWith("/content", StringComparison.Ordinal), Upstream.Answers(403));
        Assert.NotEqual(200, (await app.CallAsync("POST", $"v1/videos/{source}/remix", new { prompt = "snow", model = "runway/aleph2" })).Status);
        Assert.Contains("remix openai refused 1", measured.Counts("upstream.duration"));
        Assert.DoesNotContain(measured.Counts("upstream.duration"), c => c.Contains("unauthorized", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Polls_and_content_count_under_the_call_that_needed_them()
    {
        await using var app = await StartAsync();
        var id = (await app.CreateFinishedAsync("luma/ray-3.2"))["id"]!.GetValue<string>();
        using var measured = new Instruments(app);
        app.Time.Advance(TimeSpan.FromHours(2));
        _ = await app.BytesAsync($"v1/videos/{id}/content");
        await measured.AnsweredAsync(1);
        Assert.Equal(["content luma ok 2"], measured.Counts("upstream.duration"));
        Assert.Equal("completed", (await app.GetAsync("v1/videos/" + id))["status"]!.GetValue<string>());
        Assert.Equal(["content luma ok 2"], measured.Counts("upstream.duration"));
    }

    [Fact]
    public async Task Content_that_breaks_off_is_broken()
    {
        await using var one = await OneVideoApp.StartAsync();
        using var measured = new Instruments(one.App);
        one.Source = async context =>
        {
            context.Response.ContentType = "video/mp4";
            context.Response.ContentLength = 1 << 20;
            await context.Response.Body.WriteAsync(new byte[1 << 10]);
        };
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => one.Http.GetByteArrayAsync(OneVideoApp.Content));
        await measured.AnsweredAsync(1);
        Assert.Equal(["content luma broken 1", "content luma ok 1"], measured.Counts("upstream.duration"));
    }

    [Fact]
    public async Task What_could_not_be_recorded_and_was_not_sent_is_no_exchange()
    {
        var store = new WatchedStores();
        await using var app = await ProxyApp.StartAsync(new() { Proxy = store.Install });
        using var measured = new Instruments(app);
        store.Away = "MoveAsync".Equals;
        (await app.CreateAsync(Model, "x", ("Idempotency-Key", "k"))).AssertError(503, "store_unavailable");
        Assert.Equal(0, app.SubmitsSeen());
        Assert.Empty(measured.Counts("upstream.duration"));
        Assert.Empty(measured.Sums("submissions"));
    }

    private Task<ProxyApp> StartAsync() => ProxyApp.StartAsync(new() { Sandbox = _upstream.Sandbox });
}
