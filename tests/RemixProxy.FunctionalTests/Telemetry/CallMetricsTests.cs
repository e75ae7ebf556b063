using RemixProxy.FunctionalTests.Kit;
using static RemixProxy.FunctionalTests.Cache.CacheReplies;

namespace RemixProxy.FunctionalTests.Telemetry;

/// <summary><c>remixproxy.request.duration</c>: every call of ours, once.</summary>
public class CallMetricsTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly Upstream _upstream = new();
    private readonly Gate _gate = new();
    private readonly Door _door = new();

    [Fact]
    public async Task Every_call_counts_once_by_operation_provider_and_status()
    {
        await using var app = await StartAsync();
        using var measured = new Instruments(app);
        var id = (await app.CreateAsync(Model, "x")).Id;
        (string Method, string Path, int Status)[] calls =
        [
            ("GET", "v1/videos/" + id, 200), ("GET", "v1/videos", 200), ("GET", "v1/models", 200), ("GET", $"v1/videos/{id}/content", 409), (
                "GET", "v1/videos/none:openai", 404), (
                "GET", "v1/videos/x:elsewhere", 404),
            ("DELETE", "v1/videos/task:luma", 200), ("PATCH", "v1/videos/" + id, 405), ("PUT", "v1/videos", 405), ("GET", "v1/videos/characters/c", 400),
        ];
        foreach (var (method, path, status) in calls) Assert.Equal((path, status), (path, (await app.CallAsync(method, path)).Status));
        (await app.CallAsync("POST", "v1/videos", "{")).AssertError(400, "invalid_json");
        (await app.CreateAsync("nobody/knows", "x")).AssertError(404, "model_not_found");
        _upstream.OnSubmit("luma", Upstream.Answers(500));
        (await app.CreateAsync("luma/ray-3.2", "x")).AssertError(424, "submission_unknown");
        await measured.AnsweredAsync(calls.Length + 4);
        Assert.Equal(
            [
                "character none 400 1", "content openai 409 1", "create luma 424 1", "create none 400 1", "create none 404 1", "create openai 200 1",
                "delete luma 200 1", "list none 200 1", "models none 200 1", "none none 405 2",
                "retrieve none 404 1", "retrieve openai 200 1", "retrieve openai 404 1",
            ],
            measured.Counts("request.duration"));
    }

    [Fact]
    public async Task Hits_and_replays_count_for_the_provider_of_their_video()
    {
        await using var app = await StartAsync();
        // An alias, whose first target takes nothing.
        _upstream.OnSubmit("luma", Upstream.Answers(429));
        var first = await app.CreateAsync("list", "x", Exact, ("Idempotency-Key", "k"));
        using var measured = new Instruments(app);
        Assert.Equal(first.Id, (await app.CreateAsync("list", "x", Exact)).Id);
        Assert.Equal(first.Id, (await app.CreateAsync("list", "x", Exact, ("Idempotency-Key", "k"))).Id);
        await measured.AnsweredAsync(2);
        Assert.Equal(["create openai 200 2"], measured.Counts("request.duration"));
    }

    [Fact]
    public async Task Durations_are_seconds_of_the_whole_call_and_of_each_exchange()
    {
        await using var app = await StartAsync();
        using var measured = new Instruments(app);
        _upstream.OnSubmit("openai", (http, simulator) =>
        {
            app.Time.Advance(3.25 * Second);
            return simulator(http);
        });
        _ = (await app.CreateAsync(Model, "x")).Id;
        await measured.AnsweredAsync(1);
        Assert.Equal([3.25], measured.Values("request.duration"));
        Assert.Equal([3.25], measured.Values("upstream.duration"));
    }

    [Fact]
    public async Task A_caller_that_hangs_up_while_it_waits_counts_as_499()
    {
        await using var app = await StartAsync();
        using var measured = new Instruments(app);
        var id = (await app.CreateFinishedAsync(Model))["id"]!.GetValue<string>();
        var before = measured.Values("request.duration").Length;
        _upstream.On("openai", r => r.Path.Value!.EndsWith("/content", StringComparison.Ordinal), _gate.HoldAsync);
        await HangUpAsync(app, "GET", $"v1/videos/{id}/content", null);
        await measured.AnsweredAsync(before + 1);
        Assert.Contains("content openai 499 1", measured.Counts("request.duration"));
        Assert.Equal(["content openai cancelled 1"], measured.Counts("upstream.duration").Where(c => c.StartsWith("content", StringComparison.Ordinal)));
        Assert.Empty(measured.Sums("content.sent"));
    }

    [Fact]
    public async Task So_does_one_whose_submit_outlives_it()
    {
        await using var app = await StartAsync();
        using var measured = new Instruments(app);
        _upstream.OnSubmit("openai", _gate.HoldAsync);
        await HangUpAsync(app, "POST", "v1/videos", new { model = Model, prompt = "x" });
        await _door.Visits[0].Gone;
        app.Time.Advance(Second);
        _gate.Open();
        await measured.AnsweredAsync(1);
        Assert.Equal(["create openai 499 1"], measured.Counts("request.duration"));
        Assert.Equal([1], measured.Values("request.duration"));
        Assert.Equal(["create openai ok 1"], measured.Counts("upstream.duration"));
        Assert.Equal(["create openai accepted 1"], measured.Sums("submissions"));
    }

    [Fact]
    public async Task Other_routes_of_the_application_are_not_measured()
    {
        await using var app = await ProxyApp.StartAsync(new()
        {
            Settings =
            {
                ["ReverseProxy:Routes:own:ClusterId"] = "own", ["ReverseProxy:Routes:own:Match:Path"] = "/own",
                ["ReverseProxy:Clusters:own:Destinations:one:Address"] = "http://no-such-host.invalid/",
            },
        });
        using var measured = new Instruments(app);
        Assert.Equal(502, (await app.CallAsync("GET", "own")).Status);
        Assert.Equal(404, (await app.CallAsync("GET", "elsewhere")).Status);
        Assert.Equal(200, (await app.CallAsync("GET", "v1/models")).Status);
        await measured.AnsweredAsync(1);
        Assert.Equal(["request.duration operation=models provider=none status_code=200"], measured.Series);
    }

    private Task<ProxyApp> StartAsync() => ProxyApp.StartAsync(new()
    {
        Sandbox = _upstream.Sandbox,
        Proxy = _door.Install,
        Settings = { ["RemixProxy:Models:list:0"] = "luma/ray-3.2", ["RemixProxy:Models:list:1"] = Model },
    });

    private async Task HangUpAsync(ProxyApp app, string method, string path, object? json)
    {
        using var hangUp = new CancellationTokenSource();
        var request = Calls.Request(method, path, json);
        var sent = app.SendUntilAsync(request, hangUp.Token);
        await _gate.Arrived;
        await hangUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sent);
        request.Dispose();
    }
}
