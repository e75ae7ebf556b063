using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using RemixProxy.FunctionalTests.Cache;
using RemixProxy.FunctionalTests.Kit;
using RemixProxy.FunctionalTests.Redis;
using RemixProxy.Redis;
using static RemixProxy.FunctionalTests.Cache.CacheReplies;

namespace RemixProxy.FunctionalTests.Telemetry;

/// <summary>The spans of a call: what they are named, what they say and where they hang.</summary>
public class SpanTests
{
    private readonly Upstream _upstream = new();

    [Fact]
    public async Task A_submit_is_a_span_with_its_exchange_below()
    {
        await using var app = await StartAsync();
        var (reply, spans) = await TraceAsync(app, 1, () => app.CreateAsync(Model, "x"));
        using (spans)
        {
            Assert.Equal(["generate_content sora-2", "video_generation"], spans.Ours.Select(s => s.DisplayName));
            var call = spans.One("video_generation");
            Assert.Equal(["http.response.status_code=200", "remixproxy.operation=create", "remixproxy.provider=openai"], Spans.Tags(call));
            Assert.Equal(reply.Header("x-request-id"), call.GetTagItem("remixproxy.request_id"));
            // The server's span, and YARP's below it, stand between.
            Assert.Equal(Spans.Caller, Ancestors(spans, call).Last().ToString());
            var exchange = spans.One("generate_content sora-2");
            Assert.Equal((call.SpanId, ActivityKind.Client, ActivityStatusCode.Unset), (exchange.ParentSpanId, exchange.Kind, exchange.Status));
            Assert.Equal(
                [
                    "gen_ai.operation.name=generate_content", "gen_ai.output.type=video", "gen_ai.provider.name=openai", "gen_ai.request.model=sora-2",
                    "http.response.status_code=200", "remixproxy.operation=create",
                    "remixproxy.provider=openai",
                ],
                Spans.Tags(exchange));
            AssertBelow(spans, exchange, "System.Net.Http");
        }
    }

    [Fact]
    public async Task Reads_are_no_work_of_a_model()
    {
        await using var app = await StartAsync();
        var id = (await app.CreateFinishedAsync(Model))["id"]!.GetValue<string>();
        var unfinished = (await app.CreateAsync("gemini/gemini-omni-1.1-flash", "y")).Id;
        app.Time.Advance(TimeSpan.FromMinutes(1));
        var (_, poll) = await TraceAsync(app, 1, () => app.GetAsync("v1/videos/" + unfinished));
        var (_, content) = await TraceAsync(app, 1, () => app.BytesAsync($"v1/videos/{id}/content"));
        var (_, list) = await TraceAsync(app, 1, () => app.GetAsync("v1/videos"));
        using (poll)
        using (content)
        using (list)
        {
            Assert.Equal(["retrieve gemini", "video_retrieve"], poll.Ours.Select(s => s.DisplayName));
            Assert.Equal(["content openai", "video_download"], content.Ours.Select(s => s.DisplayName));
            Assert.Equal(["video_list"], list.Ours.Select(s => s.DisplayName));
            Assert.Equal(
                ["http.response.status_code=200", "remixproxy.operation=retrieve", "remixproxy.provider=gemini"], Spans.Tags(poll.One("retrieve gemini")));
            Assert.Equal(["remixproxy.operation=content", "remixproxy.provider=openai"],
                Spans.Tags(content.One("content openai")).Where(t => !t.StartsWith("http.", StringComparison.Ordinal)));
            Assert.Equal(["http.response.status_code=200", "remixproxy.operation=list"], Spans.Tags(list.One("video_list")));
            AssertBelow(poll, poll.One("retrieve gemini"), "System.Net.Http");
            AssertBelow(content, content.One("content openai"), "System.Net.Http");
        }
    }

    [Fact]
    public async Task What_a_remix_needs_before_is_no_work_of_a_model_either()
    {
        await using var app = await StartAsync();
        var id = (await app.CreateFinishedAsync("runway/gen4.5"))["id"]!.GetValue<string>();
        app.Time.Advance(TimeSpan.FromHours(2));
        var (_, spans) = await TraceAsync(app, 1, () => app.PostAsync($"v1/videos/{id}/remix", new { prompt = "snow" }));
        using (spans)
        {
            // Fresh URLs of the source, then the remix.
            Assert.Equal(["remix runway", "generate_content aleph2", "video_remix"], spans.Ours.Select(s => s.DisplayName));
            Assert.DoesNotContain(spans.One("remix runway").TagObjects, t => t.Key.StartsWith("gen_ai", StringComparison.Ordinal));
            Assert.All(spans.Ours.Take(2), s => Assert.Equal(spans.One("video_remix").SpanId, s.ParentSpanId));
        }
    }

    [Theory]
    [InlineData("gemini", "gcp.gemini")]
    [InlineData("luma", "luma")]
    [InlineData("runway", "runway")]
    public async Task Vendors_are_named_as_the_conventions_name_them(string provider, string name)
    {
        await using var app = await StartAsync();
        var (_, spans) = await TraceAsync(app, 1, () => app.CreateAsync(FinishedVideos.ModelOf(provider), "x"));
        using (spans)
        {
            var model = FinishedVideos.ModelOf(provider).Split('/')[1];
            Assert.Equal((name, model),
                ((string?)spans.One("generate_content " + model).GetTagItem("gen_ai.provider.name"),
                    (string?)spans.One("generate_content " + model).GetTagItem("gen_ai.request.model")));
        }
    }

    [Fact]
    public async Task A_failure_says_its_kind_and_what_a_caller_may_mend_is_none()
    {
        await using var app = await StartAsync();
        _upstream.OnSubmit("openai", Upstream.Answers(401));
        var (_, refused) = await TraceAsync(app, 1, () => app.CreateAsync(Model, "x"));
        _upstream.OnSubmit("openai", Upstream.Drops);
        var (_, unknown) = await TraceAsync(app, 1, () => app.CreateAsync(Model, "y"));
        var (_, wrong) = await TraceAsync(app, 1, () => app.CallAsync("POST", "v1/videos", "{"));
        using (refused)
        using (unknown)
        using (wrong)
        {
            var (exchange, call) = (refused.One("generate_content sora-2"), refused.One("video_generation"));
            Assert.Equal((ActivityStatusCode.Error, "unauthorized", 401),
                (exchange.Status, exchange.GetTagItem("error.type"), exchange.GetTagItem("http.response.status_code")));
            Assert.Equal((ActivityStatusCode.Error, "provider_auth_failed", 502),
                (call.Status, call.GetTagItem("error.type"), call.GetTagItem("http.response.status_code")));
            (exchange, call) = (unknown.One("generate_content sora-2"), unknown.One("video_generation"));
            Assert.Equal((ActivityStatusCode.Error, "broken", null),
                (exchange.Status, exchange.GetTagItem("error.type"), exchange.GetTagItem("http.response.status_code")));
            Assert.Equal((ActivityStatusCode.Unset, null, 424), (call.Status, call.GetTagItem("error.type"), call.GetTagItem("http.response.status_code")));
            Assert.Equal(["http.response.status_code=400", "remixproxy.operation=create"], Spans.Tags(wrong.One("video_generation")));
        }
    }

    [Fact]
    public async Task The_cache_says_what_it_found()
    {
        var embedder = new AngleEmbedder();
        await using var app = await StartAsync(embedder.Install);
        var (first, miss) = await TraceAsync(app, 1, () => app.CreateAsync(Model, embedder.At(0, "a red car"), Semantic));
        var (second, hit) = await TraceAsync(app, 1, () => app.CreateAsync(Model, embedder.At(10, "the red car"), Semantic));
        var (_, off) = await TraceAsync(app, 1, () => app.CreateAsync(Model, "a red car"));
        using (miss)
        using (hit)
        using (off)
        {
            Assert.Equal(first.Id, second.Id);
            Assert.Equal(["remixproxy.cache.result=miss", "remixproxy.cache.tier=none"], Spans.Tags(miss.One("cache.lookup")));
            Assert.Equal(
                ["remixproxy.cache.result=hit", "remixproxy.cache.similarity=0.984808", "remixproxy.cache.tier=semantic"], Spans.Tags(hit.One("cache.lookup")));
            Assert.Equal(hit.One("video_generation").SpanId, hit.One("cache.lookup").ParentSpanId);
            Assert.Equal(["cache.lookup", "video_generation"], hit.Ours.Select(s => s.DisplayName));
            Assert.Equal(["generate_content sora-2", "video_generation"], off.Ours.Select(s => s.DisplayName));
        }
    }

    [Fact]
    public async Task So_does_one_that_fails()
    {
        var embedder = new AngleEmbedder { Fails = new InvalidOperationException("a private prompt") };
        await using var app = await StartAsync(embedder.Install);
        var (_, spans) = await TraceAsync(app, 1, () => app.CreateAsync(Model, "x", Semantic));
        using (spans) Assert.Equal(
            ("InvalidOperationException", ActivityStatusCode.Error), (spans.One("cache.lookup").GetTagItem("error.type"), spans.One("cache.lookup").Status));
    }

    [Fact]
    public async Task An_embedding_is_a_span_of_the_look_up()
    {
        await using var app = await StartAsync();
        var (_, spans) = await TraceAsync(app, 1, () => app.CreateAsync(Model, "A red car", Semantic));
        using (spans)
        {
            var embedding = spans.One("embeddings lexical-1");
            Assert.Equal(["gen_ai.operation.name=embeddings", "gen_ai.provider.name=builtin", "gen_ai.request.model=lexical-1"],
                Spans.Tags(embedding).Where(t => !t.Contains("tokens", StringComparison.Ordinal)));
            Assert.Equal((ActivityKind.Internal, spans.One("cache.lookup").SpanId), (embedding.Kind, embedding.ParentSpanId));
        }
    }

    [Fact]
    public async Task One_of_an_endpoint_is_a_client_s()
    {
        await using var server = await EmbeddingServer.StartAsync();
        await using var app = await StartAsync(null, ("Cache:Embeddings:Endpoint", server.Endpoint.AbsoluteUri), ("Cache:Embeddings:Model", "m"));
        var (_, good) = await TraceAsync(app, 1, () => app.CreateAsync(Model, "A red car", Semantic));
        server.Answer = EmbeddingServer.Text("""{"error":"a private prompt"}""", 500);
        var (_, bad) = await TraceAsync(app, 1, () => app.CreateAsync(Model, "A blue car", Semantic));
        using (good)
        using (bad)
        {
            var embedding = good.One("embeddings m");
            Assert.Equal(["gen_ai.operation.name=embeddings", "gen_ai.provider.name=openai", "gen_ai.request.model=m", "gen_ai.usage.input_tokens=5"],
                Spans.Tags(embedding));
            Assert.Equal((ActivityKind.Client, good.One("cache.lookup").SpanId), (embedding.Kind, embedding.ParentSpanId));
            AssertBelow(good, embedding, "System.Net.Http");
            Assert.Equal(ActivityStatusCode.Error, bad.One("embeddings m").Status);
            Assert.Contains("remixproxy.cache.result=error", Spans.Tags(bad.One("cache.lookup")));
            Assert.Equal(ActivityStatusCode.Unset, bad.One("cache.lookup").Status);
        }
    }

    [Fact]
    public async Task Redis_has_spans_below_the_call_and_none_for_the_upkeep()
    {
        await using var replicas = await TwoReplicas.StartAsync();
        var app = replicas.First;
        var (first, submit) = await TraceAsync(app, 1, () => replicas.RunAsync(app.CreateAsync(Model, "x", Exact)));
        var (_, list) = await TraceAsync(app, 1, () => replicas.RunAsync(app.CallAsync("GET", "v1/videos")));
        using (submit)
        using (list)
        {
            Assert.NotNull(first.Id);
            var ours = submit.Ours.Where(s => s.DisplayName.StartsWith("redis ", StringComparison.Ordinal)).ToArray();
            Assert.Contains(ours, s => s.DisplayName == "redis Admit" && s.ParentSpanId == submit.One("video_generation").SpanId);
            Assert.Contains(ours, s => s.ParentSpanId == submit.One("cache.lookup").SpanId);
            Assert.All(ours, s =>
            {
                Assert.Equal([$"db.operation.name={s.DisplayName[6..]}", "db.system.name=redis"], Spans.Tags(s));
                Assert.Equal(ActivityKind.Client, s.Kind);
            });
            Assert.Contains(list.Ours, s => s.DisplayName.StartsWith("redis ", StringComparison.Ordinal) && s.ParentSpanId == list.One("video_list").SpanId);

            var spans = submit.Ours.Count + list.Ours.Count;
            await replicas.RunAsync(BeatAsync(replicas.Relay.Watch(c => c.Runs(RedisScripts.Look), times: 4)));

            Assert.Equal(spans, submit.Ours.Count + list.Ours.Count);
            Assert.DoesNotContain(submit.Roots.Concat(list.Roots), s => s.DisplayName.StartsWith("redis", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Redis_that_fails_is_seen()
    {
        await using var replicas = await TwoReplicas.StartAsync();
        await replicas.Redis.KillAsync();
        var (_, spans) = await TraceAsync(replicas.First, 1, () => replicas.RunAsync(replicas.First.CallAsync("GET", "v1/videos")));
        using (spans)
        {
            var command = Assert.Single(spans.Ours, s => s.DisplayName.StartsWith("redis ", StringComparison.Ordinal));
            Assert.Equal(ActivityStatusCode.Error, command.Status);
            Assert.Equal((ActivityStatusCode.Error, "store_unavailable"), (spans.One("video_list").Status, spans.One("video_list").GetTagItem("error.type")));
        }
    }

    private static async Task<bool> BeatAsync(RelayMoment moment)
    {
        await moment.Reached;
        return true;
    }

    /// <summary>Runs what makes so many calls, and waits until their spans have ended.</summary>
    private static async Task<(T Result, Spans Spans)> TraceAsync<T>(ProxyApp app, int calls, Func<Task<T>> run)
    {
        using var measured = new Instruments(app);
        var spans = new Spans(app);
        var result = await run();
        await measured.AnsweredAsync(calls);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (spans.All.Count(s => s.Kind == ActivityKind.Server && s.ParentSpanId.ToString() == Spans.Caller) < calls) await Task.Delay(10, patience.Token);
        return (result, spans);
    }

    private static void AssertBelow(Spans spans, Activity parent, string source) =>
        Assert.Contains(spans.All, s => s.Source.Name == source && Ancestors(spans, s).Contains(parent.SpanId));

    private static IEnumerable<ActivitySpanId> Ancestors(Spans spans, Activity span)
    {
        for (Activity? at = span; at is not null; at = spans.All.FirstOrDefault(s => s.SpanId == at.ParentSpanId)) yield return at.ParentSpanId;
    }

    private Task<ProxyApp> StartAsync(Action<IReverseProxyBuilder>? proxy = null, params (string Key, string Value)[] settings) =>
        ProxyApp.StartAsync(
            new() { Sandbox = _upstream.Sandbox, Proxy = proxy, Settings = settings.ToDictionary(s => "RemixProxy:" + s.Key, s => (string?)s.Value) });
}
