using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using RemixProxy.FunctionalTests.Cache;
using RemixProxy.FunctionalTests.Deploy;
using RemixProxy.FunctionalTests.Kit;
using RemixProxy.FunctionalTests.Redis;
using RemixProxy.Sandbox;
using RemixProxy.TestKit;

namespace RemixProxy.FunctionalTests.Telemetry;

/// <summary>
/// A host with Redis, an embedder, a good provider and two bad ones, after a walk that uses every instrument; and a Prometheus with the repository's rules that
/// has watched it.
/// </summary>
public sealed class WatchedHost : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly List<IAsyncDisposable> _owned = [];
    private readonly ClosedPort _nobody = new();

    internal HostProcess Host { get; private set; } = null!;

    internal PrometheusServer Prometheus { get; private set; } = null!;

    /// <summary>The number of bytes that the walk has downloaded.</summary>
    internal long ContentBytes { get; private set; }

    /// <summary>The labels of each series that the host shows, by the series' names: each label with the values that it has.</summary>
    internal Dictionary<string, Dictionary<string, HashSet<string>>> Series { get; } = new(StringComparer.Ordinal);

    public async ValueTask InitializeAsync()
    {
        var redis = Own(await SharedRedis.FindAsync());
        var sandbox = Own(await SandboxServer.StartAsync());
        var embedder = Own(await EmbeddingServer.StartAsync());
        // The walk names its prompts so that they lie where it wants them.
        embedder.Answer = EmbeddingServer.Json(EmbeddingServer.Vectors([3, 4]));
        var broken = Own(await ServeAsync());
        Host = Own(await HostProcess.StartAsync(new()
        {
            Environment =
            {
                ["RemixProxy__Redis__ConnectionString"] = redis.ConnectionString,
                ["RemixProxy__Redis__KeyPrefix"] = "watched-" + Guid.NewGuid().ToString("N"),
                // A busy machine is no fault.
                ["RemixProxy__Redis__Timeout"] = "00:00:05",
                ["RemixProxy__Cache__Embeddings__Endpoint"] = embedder.Endpoint.AbsoluteUri,
                ["RemixProxy__Cache__Embeddings__Model"] = "m",
                ["RemixProxy__Cache__Embeddings__Timeout"] = "00:00:05",
                ["RemixProxy__Providers__luma__BaseUrl"] = sandbox.BaseUrl("luma", "luma"),
                ["RemixProxy__Providers__luma__ApiKey"] = "k",
                ["RemixProxy__Providers__luma__AssetHosts__0"] = sandbox.AssetAddress.Authority,
                ["RemixProxy__Providers__luma__PollInterval"] = "00:00:00.2",
                ["RemixProxy__Providers__narrow__Type"] = "luma",
                ["RemixProxy__Providers__narrow__BaseUrl"] = sandbox.BaseUrl("luma", "luma"),
                ["RemixProxy__Providers__narrow__ApiKey"] = "k",
                ["RemixProxy__Providers__narrow__ConcurrentJobs"] = "1",
                ["RemixProxy__Providers__broken__Type"] = "openai",
                ["RemixProxy__Providers__broken__BaseUrl"] = broken.Urls.First(),
                ["RemixProxy__Providers__broken__ApiKey"] = "k",
                ["RemixProxy__Providers__away__Type"] = "openai",
                ["RemixProxy__Providers__away__BaseUrl"] = "http://" + _nobody.Authority,
                ["RemixProxy__Providers__away__ApiKey"] = "k",
            },
        }));
        Prometheus = Own(await PrometheusServer.StartAsync([Host.Http.BaseAddress!], Path.Combine(Repository.Root, "config", "prometheus", "rules.yaml")));
        // The counters start where Prometheus sees it.
        await Prometheus.ScrapeAsync();
        await WalkAsync();
        Read(await Host.Http.GetStringAsync("metrics"));
        await Prometheus.EvaluateAsync();
        // What an alert says is what the round before it has recorded.
        await Prometheus.EvaluateAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var owned in Enumerable.Reverse(_owned)) await owned.DisposeAsync();
        _nobody.Dispose();
    }

    private static async Task<WebApplication> ServeAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(k => k.Listen(System.Net.IPAddress.Loopback, 0));
        var app = builder.Build();
        app.Run(context =>
        {
            context.Response.StatusCode = StatusCodes.Status500InternalServerError;
            return Task.CompletedTask;
        });
        await app.StartAsync();
        return app;
    }

    private T Own<T>(T owned)
        where T : IAsyncDisposable
    {
        _owned.Add(owned);
        return owned;
    }

    private async Task WalkAsync()
    {
        const string Model = "luma/ray-3.2";
        var boat = (await CreateAsync(Model, "a red boat", CacheReplies.Semantic)).Id;
        Assert.Equal("direct", (await CreateAsync(Model, "a red boat", CacheReplies.Exact)).HitType());
        Assert.Equal("semantic", (await CreateAsync(Model, "the red boat", CacheReplies.Semantic)).HitType());
        // Its words are in conflict, however near it is.
        Assert.Null((await CreateAsync(Model, "a blue boat", CacheReplies.Semantic)).HitType());
        var failed = (await CreateAsync(Model, "FAIL")).Id;
        Assert.Equal("completed", await EndAsync(boat));
        Assert.Equal("failed", await EndAsync(failed));

        var remix = (await CallAsync("POST", $"v1/videos/{boat}/remix", new { prompt = "Make it snow" })).Id;
        var content = await CallAsync("GET", $"v1/videos/{boat}/content");
        Assert.Equal("video/mp4", content.Header("Content-Type"));
        ContentBytes = content.Bytes.Length;
        Assert.Equal(200, (await CallAsync("GET", "v1/videos")).Status);
        Assert.Equal(200, (await CallAsync("GET", "v1/models")).Status);
        Assert.Equal("completed", await EndAsync(remix));
        Assert.Equal(200, (await CallAsync("DELETE", $"v1/videos/{remix}")).Status);

        (await CallAsync("GET", "v1/videos/nonsense")).AssertError(400, "invalid_video_id");
        (await CreateAsync(Model, "REFUSE")).AssertError(400, "content_policy_violation");
        Assert.Equal(200, (await CreateAsync("narrow/ray-3.2", "SLOW")).Status);
        (await CreateAsync("narrow/ray-3.2", "a boat")).AssertError(429, "rate_limit_exceeded");
        (await CreateAsync("broken/sora-2", "a boat")).AssertError(424, "submission_unknown");
        (await CreateAsync("away/sora-2", "a boat")).AssertError(503, "provider_unavailable");
    }

    private Task<Reply> CreateAsync(string model, string prompt, params (string Name, string Value)[] headers) =>
        CallAsync("POST", "v1/videos", new { model, prompt }, headers);

    private async Task<Reply> CallAsync(string method, string path, object? json = null, params (string Name, string Value)[] headers)
    {
        using var request = Calls.Request(method, path, json, headers);
        using var response = await Host.Http.SendAsync(request);
        return await Reply.ReadAsync(response);
    }

    /// <returns>How the video ended.</returns>
    private async Task<string> EndAsync(string id)
    {
        using var patience = new CancellationTokenSource(Patience);
        using var pulse = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        while (true)
        {
            var status = (await CallAsync("GET", "v1/videos/" + id)).Text("status");
            if (status is "completed" or "failed") return status;
            await pulse.WaitForNextTickAsync(patience.Token);
        }
    }

    private void Read(string metrics)
    {
        foreach (var line in metrics.Split('\n').Where(l => l.Length > 0 && l[0] != '#'))
        {
            // A sample is a selector and a number.
            var sample = Assert.Single(new PromQuery(line[..line.LastIndexOf(' ')]).Selectors);
            if (!Series.TryGetValue(sample.Metric, out var labels)) Series[sample.Metric] = labels = new(StringComparer.Ordinal);
            foreach (var (label, _, value) in sample.Matchers)
            {
                if (!labels.TryGetValue(label, out var values)) labels[label] = values = new(StringComparer.Ordinal);
                values.Add(value);
            }
        }
    }
}
