using Microsoft.AspNetCore.Http;
using RemixProxy.FunctionalTests.Cache;
using RemixProxy.FunctionalTests.Exchanges;
using RemixProxy.FunctionalTests.Kit;
using RemixProxy.Sandbox;
using RemixProxy.TestKit;
using static RemixProxy.FunctionalTests.Cache.CacheReplies;

namespace RemixProxy.FunctionalTests.Telemetry;

/// <summary>
/// The hosts that the operator names get the ids of a trace, and no other. <see cref="HeaderBorderTests"/> checks that by default no host gets them.
/// </summary>
public class TraceContextTests
{
    private const string Hosts = "Telemetry:TraceContextHosts:0";

    private static readonly string[] Ids = ["traceparent", "tracestate", "baggage", "Request-Id", "Correlation-Context"];

    private readonly ManualTimeProvider _time = new();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_named_host_joins_the_trace_and_gets_no_baggage(bool withoutPort)
    {
        await using var named = await SandboxServer.StartAsync(new() { Time = _time }, TestContext.Current.CancellationToken);
        await using var app = await StartAsync(named, withoutPort ? "127.0.0.1" : named.Address.Authority);
        using var spans = new Spans(app);
        var id = (await app.CreateAsync(Model, "x")).Id;
        _ = await app.FinishAsync(id);
        _ = await app.BytesAsync($"v1/videos/{id}/content");
        _ = (await app.CallAsync("POST", $"v1/videos/{id}/remix", new { prompt = "snow" })).Id;
        _ = (await app.CreateAsync("luma/ray-3.2", "x")).Id;

        Assert.InRange(named.Requests.Count, 4, 100);
        Assert.All(named.Requests, r =>
        {
            Assert.StartsWith($"00-{spans.Trace}-", r.Headers["traceparent"], StringComparison.Ordinal);
            Assert.Equal("caller=1", r.Headers["tracestate"]);
            Assert.Equal(["traceparent", "tracestate"], Sent(r));
            // It joins below the exchange, not beside it.
            Assert.DoesNotContain(Spans.Caller, r.Headers["traceparent"], StringComparison.Ordinal);
        });
        // The other provider is another host, unless no port was named.
        Assert.All(app.Sandbox.Requests, r => Assert.Equal(withoutPort ? ["traceparent", "tracestate"] : [], Sent(r)));
    }

    [Fact]
    public async Task Where_its_assets_and_uploads_are_elsewhere_they_get_nothing()
    {
        await using var named = await SandboxServer.StartAsync(new() { Time = _time, SeparateAssetHost = true }, TestContext.Current.CancellationToken);
        await using var app = await StartAsync(named, named.Address.Authority);
        using var spans = new Spans(app);
        var id = (await app.CreateFinishedAsync("runway/gen4.5"))["id"]!.GetValue<string>();
        _ = await app.BytesAsync($"v1/videos/{id}/content");
        var source = (await app.CreateFinishedAsync(Model))["id"]!.GetValue<string>();
        _ = (await app.CallAsync("POST", $"v1/videos/{source}/remix", new { prompt = "snow", model = "runway/aleph2" })).Id;

        var elsewhere = named.Requests.Where(r => r.Headers["Host"] == named.AssetAddress.Authority).ToArray();
        Assert.Contains(elsewhere, r => r.PathAndQuery.StartsWith("/uploads/", StringComparison.Ordinal));
        Assert.Contains(elsewhere, r => r.PathAndQuery.StartsWith("/assets/", StringComparison.Ordinal));
        Assert.All(elsewhere, r => Assert.Empty(Sent(r)));
        Assert.All(named.Requests.Except(elsewhere), r => Assert.Equal(["traceparent", "tracestate"], Sent(r)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_redirect_leads_out_of_the_trace_and_into_it(bool isNamedFirst)
    {
        // Between two hosts of which one is named.
        SandboxServer? other = null;
        await using var named = await SandboxServer.StartAsync(
            new() { Time = _time, Intercept = (http, next) => AnswerAsync(http, next, isNamedFirst ? other : null) }, TestContext.Current.CancellationToken);
        await using var unnamed = other = await SandboxServer.StartAsync(
            new() { Time = _time, Intercept = (http, next) => AnswerAsync(http, next, isNamedFirst ? null : named) }, TestContext.Current.CancellationToken);
        await using var app = await StartAsync(isNamedFirst ? named : unnamed, named.Address.Authority);
        using var spans = new Spans(app);
        var id = (await app.CreateFinishedAsync(Model))["id"]!.GetValue<string>();
        Assert.Equal(3, (await app.BytesAsync($"v1/videos/{id}/content")).Length);

        var (joined, foreign) = (Content(named), Content(unnamed));
        Assert.Equal(["traceparent", "tracestate"], Sent(joined));
        Assert.StartsWith($"00-{spans.Trace}-", joined.Headers["traceparent"], StringComparison.Ordinal);
        Assert.Empty(Sent(foreign));
    }

    [Fact]
    public async Task The_embeddings_get_it_where_they_are_named()
    {
        await using var embeddings = await EmbeddingServer.StartAsync();
        await using var named = await SandboxServer.StartAsync(new() { Time = _time }, TestContext.Current.CancellationToken);
        foreach (var host in new[] { named.Address.Authority, embeddings.Endpoint.Authority })
        {
            await using var app = await StartAsync(
                named, host, ("Cache:Embeddings:Endpoint", embeddings.Endpoint.AbsoluteUri), ("Cache:Embeddings:Model", "m"));
            using var spans = new Spans(app);
            _ = (await app.CreateAsync(Model, "x " + host, Semantic)).Id;
            var (_, headers, _) = embeddings.Requests.Last();
            var isNamed = host == embeddings.Endpoint.Authority;
            Assert.Equal(isNamed ? ["traceparent", "tracestate"] : [], Ids.Where(headers.ContainsKey));
            if (isNamed) Assert.StartsWith($"00-{spans.Trace}-", headers["traceparent"].ToString(), StringComparison.Ordinal);
            Assert.Equal(isNamed ? [] : ["traceparent", "tracestate"], Sent(named.Requests[^1]));
        }
    }

    [Fact]
    public async Task A_change_needs_a_restart_and_the_log_says_so()
    {
        var changeable = new ChangeableSettings();
        await using var app = await ProxyApp.StartAsync(new() { Changeable = changeable });
        using var spans = new Spans(app);
        changeable.Replace((Hosts, "127.0.0.1"), ("Providers:openai:PollInterval", "00:00:09"));
        Assert.Single(app.Log, l => l.Contains("[3] A change of RemixProxy:Telemetry needs a restart.", StringComparison.Ordinal));
        changeable.Replace((Hosts, "127.0.0.1"), ("Providers:openai:PollInterval", "00:00:08"));
        Assert.Single(app.Log, l => l.Contains("needs a restart", StringComparison.Ordinal));
        _ = (await app.CreateAsync(Model, "x")).Id;
        Assert.Empty(Sent(Assert.Single(app.Sandbox.Requests)));
    }

    private static SandboxRequest Content(SandboxServer server) =>
        Assert.Single(server.Requests, r => r.PathAndQuery.EndsWith("/content", StringComparison.Ordinal) || r.PathAndQuery == "/elsewhere");

    private static Task AnswerAsync(HttpContext http, RequestDelegate next, SandboxServer? target)
    {
        if (http.Request.Path == "/elsewhere") return OneVideoApp.Bytes([1, 2, 3])(http);
        if (target is null || !http.Request.Path.Value!.EndsWith("/content", StringComparison.Ordinal)) return next(http);
        http.Response.Redirect(new Uri(target.Address, "elsewhere").AbsoluteUri);
        return Task.CompletedTask;
    }

    private static string[] Sent(SandboxRequest request) => [.. Ids.Where(id => request.Headers.Keys.Contains(id, StringComparer.OrdinalIgnoreCase))];

    /// <summary>OpenAI and runway are at a host of their own, the others in the application's sandbox.</summary>
    private async Task<ProxyApp> StartAsync(SandboxServer other, string host, params (string Key, string Value)[] settings)
    {
        var app = await ProxyApp.StartAsync(new()
        {
            Time = _time,
            Settings = settings.Concat(
            [
                (Hosts, host), ("Providers:openai:BaseUrl", other.BaseUrl("openai", "openai")), ("Providers:openai:AssetHosts:0", "127.0.0.1"),
                ("Providers:runway:BaseUrl", other.BaseUrl("runway", "runway")), ("Providers:runway:AssetHosts:0", "127.0.0.1"),
            ]).ToDictionary(s => "RemixProxy:" + s.Item1, s => (string?)s.Item2),
        });
        app.Http.DefaultRequestHeaders.Add("tracestate", "caller=1");
        app.Http.DefaultRequestHeaders.Add("baggage", "user=caller");
        return app;
    }
}
