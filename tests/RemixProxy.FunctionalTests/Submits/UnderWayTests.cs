using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using RemixProxy.FunctionalTests.Kit;

namespace RemixProxy.FunctionalTests.Submits;

/// <summary>What happens to a submit while it is under way: repeats, callers that hang up, a process that stops, our own failures.</summary>
public class UnderWayTests
{
    private const string Model = "openai/sora-2";

    private static readonly (string Name, string Value) Retry = ("X-Stainless-Retry-Count", "1");

    private readonly Upstream _upstream = new();
    private readonly Gate _gate = new();
    private readonly Door _door = new();
    private readonly WatchedStores _store = new();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_repeat_waits_for_the_first_and_gets_its_video(bool byKey)
    {
        await using var app = await StartAsync();
        _upstream.OnSubmit("openai", _gate.HoldAsync);
        (string, string)[] key = byKey ? [("Idempotency-Key", "k")] : [];
        var first = app.CreateAsync(Model, "x", key);
        await _gate.Arrived;
        var second = app.CreateAsync(Model, "x", byKey ? key : [Retry]);
        await _store.Waiting;
        _gate.Open();
        Assert.Equal((await first).Id, (await second).Id);
        Assert.Equal((false, true), ((await first).IsReplayed, (await second).IsReplayed));
        Assert.Equal(1, app.SubmitsSeen());
    }

    [Fact]
    public async Task A_repeat_that_waits_learns_of_an_unknown_outcome()
    {
        await using var app = await StartAsync();
        _upstream.OnSubmit("openai", _gate.HoldAsync);
        var first = app.CreateAsync(Model, "x");
        await _gate.Arrived;
        var second = app.CreateAsync(Model, "x", Retry);
        await _store.Waiting;
        app.Time.Advance(TimeSpan.FromSeconds(50));
        (await first).AssertError(424, "submission_unknown");
        (await second).AssertError(424, "submission_unknown");
        Assert.Equal(1, app.SubmitsSeen());
    }

    [Fact]
    public async Task A_repeat_waits_no_longer_than_its_own_deadline()
    {
        await using var app = await StartAsync();
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _store.Moves = held.Task;
        var first = app.CreateAsync(Model, "x");
        await _store.Moving;
        var second = app.CreateAsync(Model, "x", Retry);
        await _store.Waiting;
        app.Time.Advance(TimeSpan.FromSeconds(55));
        var reply = await second;
        reply.AssertError(409, "submission_in_progress");
        Assert.Equal(("2", null), (reply.Header("Retry-After"), reply.Header("x-should-retry")));
        held.SetResult();
        // Nothing had been sent when its time was up.
        (await first).AssertError(504, "provider_timeout");
        Assert.Equal(0, app.SubmitsSeen());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_caller_who_hangs_up_has_its_video_in_the_list_and_the_same_request_gets_it(bool bySdk)
    {
        await using var app = await StartAsync();
        _upstream.OnSubmit("openai", _gate.HoldAsync);
        await HangUpAsync(app, Calls.Request("POST", "v1/videos", new { model = Model, prompt = "x" }));
        _gate.Open();
        await _door.Visits[0].Done;

        var video = Assert.Single(await app.ListAsync());
        var again = await app.CreateAsync(Model, "x", bySdk ? [Retry] : []);
        Assert.Equal((video, true), (again.Id, again.IsReplayed));
        Assert.Equal(1, app.SubmitsSeen());
    }

    [Fact]
    public async Task A_caller_who_hangs_up_and_asks_again_at_once_waits_for_the_first()
    {
        await using var app = await StartAsync();
        _upstream.OnSubmit("openai", _gate.HoldAsync);
        await HangUpAsync(app, Calls.Request("POST", "v1/videos", new { model = Model, prompt = "x" }));
        var again = app.CreateAsync(Model, "x");
        await _store.Waiting;
        _gate.Open();
        Assert.True((await again).IsReplayed);
        Assert.Equal((await again).Id, Assert.Single(await app.ListAsync()));
        Assert.Equal(1, app.SubmitsSeen());
    }

    [Fact]
    public async Task After_a_caller_hung_up_no_cache_is_a_new_wish()
    {
        await using var app = await StartAsync();
        _upstream.OnSubmit("openai", _gate.HoldAsync);
        await HangUpAsync(app, Calls.Request("POST", "v1/videos", new { model = Model, prompt = "x" }));
        _gate.Open();
        await _door.Visits[0].Done;
        Assert.False((await app.CreateAsync(Model, "x", ("Cache-Control", "no-cache"))).IsReplayed);
        Assert.Equal(2, app.SubmitsSeen());
    }

    [Fact]
    public async Task A_refusal_whose_caller_hung_up_is_sent_again()
    {
        await using var app = await StartAsync();
        _upstream.OnSubmit("openai", (http, _) => _gate.HoldAsync(http, c => Upstream.Answers(429)(c, _)));
        await HangUpAsync(app, Calls.Request("POST", "v1/videos", new { model = Model, prompt = "x" }));
        _gate.Open();
        await _door.Visits[0].Done;
        _upstream.Heal();
        Assert.False((await app.CreateAsync(Model, "x")).IsReplayed);
    }

    [Fact]
    public async Task A_remixer_who_hangs_up_while_another_asks_for_the_source_has_its_remix_in_the_list()
    {
        await using var app = await StartAsync();
        var source = (await app.CreateAsync(Model, "x")).Id;
        app.Time.Advance(TimeSpan.FromSeconds(6));
        _upstream.On("openai", r => r.Method == "GET", _gate.HoldAsync);
        var asking = app.GetAsync("v1/videos/" + source);
        await _gate.Arrived;

        await HangUpAsync(app, Calls.Request("POST", $"v1/videos/{source}/remix", new { prompt = "snow" }), underWay: _store.Finding(source));
        _gate.Open();
        await asking;
        await _door.Visits[1].Done;
        Assert.Equal(2, (await app.ListAsync()).Length);
    }

    [Theory]
    [InlineData("v1/videos/{0}/remix")]
    [InlineData("v1/videos/edits")]
    public async Task A_source_that_does_not_tell_its_state_is_cut_at_the_deadline_of_the_submit(string path)
    {
        await using var app = await ProxyApp.StartAsync(
            new() { Settings = { ["RemixProxy:Providers:openai:Timeout"] = "00:05:00" }, Sandbox = _upstream.Sandbox });
        var source = (await app.CreateAsync(Model, "x")).Id;
        app.Time.Advance(TimeSpan.FromSeconds(6));
        _upstream.On("openai", r => r.Method == "GET", _gate.HoldAsync);
        var remix = app.CallAsync(
            "POST", string.Format(null, path, source), path.EndsWith("edits", StringComparison.Ordinal)
                ? new { prompt = "snow", video = new { id = source } }
                : new { prompt = "snow" });
        await _gate.Arrived;
        app.Time.Advance(TimeSpan.FromSeconds(55));
        (await remix).AssertError(504, "provider_timeout");
        Assert.Equal(1, app.SubmitsSeen());
    }

    [Fact]
    public async Task A_replay_does_not_wait_for_a_provider_beyond_its_deadline()
    {
        await using var app = await ProxyApp.StartAsync(
            new() { Settings = { ["RemixProxy:Providers:openai:Timeout"] = "00:05:00" }, Sandbox = _upstream.Sandbox });
        var first = await app.CreateAsync(Model, "x");
        app.Time.Advance(TimeSpan.FromSeconds(6));
        _upstream.On("openai", r => r.Method == "GET", _gate.HoldAsync);
        var again = app.CreateAsync(Model, "x", Retry);
        await _gate.Arrived;
        app.Time.Advance(TimeSpan.FromSeconds(55));
        Assert.Equal(first.Id, (await again).Id);
    }

    [Fact]
    public async Task A_stopping_process_lets_a_submit_end()
    {
        await using var app = await StartAsync();
        _upstream.OnSubmit("openai", _gate.HoldAsync);
        var submit = app.CreateAsync(Model, "x");
        await _gate.Arrived;
        var stopping = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        app.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(stopping.SetResult);
        var stop = app.Services.GetRequiredService<IHost>().StopAsync(TestContext.Current.CancellationToken);
        await stopping.Task;
        _gate.Open();
        Assert.EndsWith(":openai", (await submit).Id, StringComparison.Ordinal);
        await stop;
    }

    [Fact]
    public async Task A_store_that_fails_after_the_provider_took_the_submit_makes_it_unknown()
    {
        await using var app = await StartAsync();
        _store.AddFails = new IOException("disk");
        (await app.CreateAsync(Model, "x")).AssertError(424, "submission_unknown");
        (await app.CreateAsync(Model, "x")).AssertError(424, "submission_unknown");
        Assert.Equal(1, app.SubmitsSeen());
    }

    [Fact]
    public async Task An_answer_that_can_t_be_written_is_no_reason_to_submit_again()
    {
        var broken = new BrokenAnswers();
        await using var app = await ProxyApp.StartAsync(new() { Proxy = proxy => proxy.Services.AddSingleton<IStartupFilter>(broken) });
        broken.Next = true;
        (await app.CreateAsync(Model, "x")).AssertError(424, "submission_unknown");
        var again = await app.CreateAsync(Model, "x");
        Assert.True(again.IsReplayed);
        Assert.Equal(again.Id, Assert.Single(await app.ListAsync()));
        Assert.Equal(1, app.SubmitsSeen());
    }

    private Task<ProxyApp> StartAsync() => ProxyApp.StartAsync(new()
    {
        Sandbox = _upstream.Sandbox,
        Proxy = proxy =>
        {
            _door.Install(proxy);
            _store.Install(proxy);
        },
    });

    /// <summary>Sends, hangs up once the request is under way, and returns when the proxy has noticed.</summary>
    private async Task HangUpAsync(ProxyApp app, HttpRequestMessage request, Task? underWay = null)
    {
        using var hangUp = new CancellationTokenSource();
        var sent = app.SendUntilAsync(request, hangUp.Token);
        await (underWay ?? _gate.Arrived);
        await hangUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sent);
        await _door.Visits[^1].Gone;
        request.Dispose();
    }
}
