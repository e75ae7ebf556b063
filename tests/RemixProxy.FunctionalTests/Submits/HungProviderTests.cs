using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using RemixProxy.FunctionalTests.Kit;
using Yarp.ReverseProxy;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.Model;

namespace RemixProxy.FunctionalTests.Submits;

/// <summary>A provider that takes requests and never answers stops neither the other providers nor the reads of its own videos.</summary>
public class HungProviderTests
{
    private readonly Upstream _upstream = new();
    private readonly SemaphoreSlim _arrived = new(0);
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Fact]
    public async Task It_holds_half_of_the_slots_at_most()
    {
        await using var app = await StartAsync(("Limits:MaxConcurrentSubmits", "4"));
        Task<Reply>[] hung = [await HangAsync(app.CreateAsync("openai/sora-2", "one")), await HangAsync(app.CreateAsync("openai/sora-2", "two"))];

        var third = await app.CreateAsync("openai/sora-2", "three");
        third.AssertError(429, "rate_limit_exceeded");
        Assert.Equal(("1", null), (third.Header("Retry-After"), third.Header("x-should-retry")));
        Assert.Contains("openai has as many", third.Text, StringComparison.Ordinal);
        Assert.EndsWith(":luma", (await app.CreateAsync("luma/ray-3.2", "four")).Id, StringComparison.Ordinal);
        // It created nothing at its first target for certain.
        Assert.EndsWith(":luma", (await app.CreateAsync("both", "five")).Id, StringComparison.Ordinal);
        Assert.Equal(2, app.SubmitsSeen("openai"));

        _opened.SetResult();
        foreach (var reply in hung) Assert.EndsWith(":openai", (await reply).Id, StringComparison.Ordinal);
        _upstream.Heal();
        Assert.EndsWith(":openai", (await app.CreateAsync("openai/sora-2", "six")).Id, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Repeats_that_wait_for_it_count_too()
    {
        await using var app = await StartAsync(("Limits:MaxConcurrentSubmits", "4"));
        var first = await HangAsync(app.CreateAsync("openai/sora-2", "one", ("Idempotency-Key", "k")));
        var repeat = await WithSlotAsync(
            () => app.CreateAsync("openai/sora-2", "one", ("Idempotency-Key", "k")), () => app.CreateAsync("openai/sora-2", "other", ("Idempotency-Key", "k")));

        Assert.EndsWith(":luma", (await app.CreateAsync("luma/ray-3.2", "two")).Id, StringComparison.Ordinal);
        _opened.SetResult();
        Assert.Equal((await first).Id, (await repeat).Id);
        Assert.Equal(1, app.SubmitsSeen("openai"));
    }

    [Fact]
    public async Task Remixes_that_look_for_their_source_there_count_too()
    {
        await using var app = await StartAsync(("Limits:MaxConcurrentSubmits", "4"));
        _upstream.Heal();
        var source = (await app.CreateAsync("openai/sora-2", "one")).Id;
        _upstream.On("openai", r => r.Method == "GET", HoldAsync);
        app.Time.Advance(TimeSpan.FromSeconds(6));
        Task<Reply>[] hung =
        [
            await HangAsync(RemixAsync("snow", ("Idempotency-Key", "k"))),
            await WithSlotAsync(() => RemixAsync("rain"), () => RemixAsync("hail", ("Idempotency-Key", "k"))),
        ];

        Assert.EndsWith(":luma", (await app.CreateAsync("luma/ray-3.2", "two")).Id, StringComparison.Ordinal);
        _opened.SetResult();
        foreach (var reply in hung) Assert.EndsWith(":luma", (await reply).Id, StringComparison.Ordinal);

        Task<Reply> RemixAsync(string prompt, params (string Name, string Value)[] headers) =>
            app.CallAsync("POST", $"v1/videos/{source}/remix", new { prompt, model = "luma/ray-3.2" }, headers);
    }

    [Fact]
    public async Task It_holds_half_of_the_memory_for_bodies_at_most_but_one_body_always_fits()
    {
        await using var app = await StartAsync(("Limits:MaxBufferedBytes", "11000"));
        var hung = await HangAsync(app.CreateAsync("openai/sora-2", new('x', 3000)));
        (await app.CreateAsync("openai/sora-2", new('x', 3001))).AssertError(429, "rate_limit_exceeded");
        Assert.EndsWith(":luma", (await app.CreateAsync("luma/ray-3.2", "three")).Id, StringComparison.Ordinal);
        _opened.SetResult();
        Assert.EndsWith(":openai", (await hung).Id, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_provider_that_is_alone_may_hold_all_slots()
    {
        var others = FinishedVideos.Providers.Where(p => p != "openai").Select(p => ($"Providers:{p}:Enabled", "false"));
        await using var app = await StartAsync([("Limits:MaxConcurrentSubmits", "2"), ("Models:both:1", "openai/wan-2.2"), .. others]);
        Task<Reply>[] hung = [await HangAsync(app.CreateAsync("openai/sora-2", "one")), await HangAsync(app.CreateAsync("openai/sora-2", "two"))];
        _opened.SetResult();
        foreach (var reply in hung) Assert.EndsWith(":openai", (await reply).Id, StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_five_silent_submits_it_gets_one_in_30_seconds_until_it_answers_and_reads_go_on()
    {
        await using var app = await StartAsync();
        _upstream.Heal();
        var video = (await app.CreateAsync("openai/sora-2", "before")).Id;
        _upstream.OnSubmit("openai", HoldAsync);
        for (var i = 1; i <= 5; i++) await TimeOutAsync(app, i);
        Assert.Single(app.Log, l => l.Contains("[16]", StringComparison.Ordinal));

        var refused = await app.CreateAsync("openai/sora-2", "sixth");
        refused.AssertError(503, "provider_unavailable");
        Assert.Equal("30", refused.Header("Retry-After"));
        Assert.EndsWith(":luma", (await app.CreateAsync("both", "seventh")).Id, StringComparison.Ordinal);
        Assert.Equal(6, app.SubmitsSeen("openai"));
        Assert.Equal("completed", (await app.GetAsync($"v1/videos/{video}"))["status"]!.GetValue<string>());
        Assert.NotEmpty(await app.BytesAsync($"v1/videos/{video}/content"));

        app.Time.Advance(TimeSpan.FromSeconds(30));
        await TimeOutAsync(app, 8);
        (await app.CreateAsync("openai/sora-2", "ninth")).AssertError(503, "provider_unavailable");

        _upstream.Heal();
        app.Time.Advance(TimeSpan.FromSeconds(30));
        for (var i = 10; i <= 11; i++) Assert.EndsWith(":openai", (await app.CreateAsync("openai/sora-2", $"wish {i}")).Id, StringComparison.Ordinal);
        Assert.Single(app.Log, l => l.Contains("[17]", StringComparison.Ordinal));
        Assert.Single(app.Log, l => l.Contains("[16]", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_answer_between_silences_keeps_it_open_whatever_it_says()
    {
        await using var app = await StartAsync();
        _upstream.OnSubmit("openai", HoldAsync);
        for (var i = 1; i <= 4; i++) await TimeOutAsync(app, i);
        _upstream.OnSubmit("openai", Upstream.Answers(400));
        (await app.CreateAsync("openai/sora-2", "refused")).AssertError(400, "invalid_value");
        _upstream.OnSubmit("openai", HoldAsync);
        for (var i = 6; i <= 9; i++) await TimeOutAsync(app, i);
        Assert.Equal(9, app.SubmitsSeen("openai"));
    }

    [Fact]
    public async Task Where_the_health_check_of_the_application_gives_it_up_reads_go_on()
    {
        await using var app = await ProxyApp.StartAsync(new()
        {
            Sandbox = _upstream.Sandbox,
            Proxy = proxy => proxy.Services.AddSingleton<IProxyConfigFilter>(new ClusterFilter("remixproxy-openai", openai => openai with
            {
                HealthCheck = new()
                {
                    AvailableDestinationsPolicy = "HealthyAndUnknown",
                    Passive = new() { Enabled = true, Policy = "TransportFailureRate", ReactivationPeriod = TimeSpan.FromHours(1) },
                },
            })),
        });
        var video = (await app.CreateAsync("openai/sora-2", "before")).Id;
        Assert.True(app.Services.GetRequiredService<IProxyStateLookup>().TryGetCluster("remixproxy-openai", out var cluster));
        app.Services.GetRequiredService<IDestinationHealthUpdater>()
            .SetPassive(cluster, cluster.Destinations.Values.Single(), DestinationHealth.Unhealthy, TimeSpan.FromHours(1));
        for (var i = 0; i < 1000 && cluster.DestinationsState.AvailableDestinations.Count > 0; i++) await Task.Delay(10);
        Assert.Empty(cluster.DestinationsState.AvailableDestinations);

        var submits = app.SubmitsSeen("openai");
        (await app.CreateAsync("openai/sora-2", "refused")).AssertError(503, "provider_unavailable");
        Assert.Equal(submits, app.SubmitsSeen("openai"));
        app.Time.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal("completed", (await app.GetAsync($"v1/videos/{video}"))["status"]!.GetValue<string>());
        Assert.NotEmpty(await app.BytesAsync($"v1/videos/{video}/content"));
        Assert.Equal(200, (await app.SendAsync(HttpMethod.Delete, $"v1/videos/{video}")).Status);
    }

    private Task<ProxyApp> StartAsync(params (string Key, string Value)[] set)
    {
        _upstream.OnSubmit("openai", HoldAsync);
        var settings = set.ToDictionary(s => "RemixProxy:" + s.Key, string? (s) => s.Value);
        settings["RemixProxy:Models:both:0"] = "openai/sora-2";
        settings.TryAdd("RemixProxy:Models:both:1", "luma/ray-3.2");
        return ProxyApp.StartAsync(new() { Settings = settings, Sandbox = _upstream.Sandbox });
    }

    private async Task HoldAsync(HttpContext http, RequestDelegate simulator)
    {
        _arrived.Release();
        await _opened.Task.WaitAsync(http.RequestAborted);
        await simulator(http);
    }

    /// <summary>A call that now hangs at the provider.</summary>
    private async Task<Task<Reply>> HangAsync(Task<Reply> call)
    {
        Assert.True(await _arrived.WaitAsync(TimeSpan.FromSeconds(30)));
        return call;
    }

    /// <summary>A call that waits in this process, and so shows only by the slot that it holds: the probe is 422 as long as it gets that one.</summary>
    private static async Task<Task<Reply>> WithSlotAsync(Func<Task<Reply>> start, Func<Task<Reply>> probe)
    {
        var call = start();
        while ((await probe()).Status == 422)
        {
            // The probe was first.
            if (call.IsCompleted) call = start();
        }

        return call;
    }

    private async Task TimeOutAsync(ProxyApp app, int number)
    {
        var call = await HangAsync(app.CreateAsync("openai/sora-2", $"wish {number}"));
        app.Time.Advance(TimeSpan.FromSeconds(55));
        (await call).AssertError(424, "submission_unknown");
    }
}
