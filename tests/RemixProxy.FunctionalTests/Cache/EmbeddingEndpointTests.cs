using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using RemixProxy.Cache.Embedding;
using RemixProxy.Configuration;
using RemixProxy.FunctionalTests.Kit;
using RemixProxy.Providers;
using RemixProxy.Resilience;
using RemixProxy.Telemetry;
using RemixProxy.TestKit;

namespace RemixProxy.FunctionalTests.Cache;

/// <summary>Prompts embedded by an OpenAI-compatible endpoint: what goes there, which answers are read, and what its faults cost.</summary>
public sealed class EmbeddingEndpointTests : IAsyncDisposable
{
    private const string Prompt = "a very private prompt";
    private const string Key = "sk-very-secret";

    private readonly ConcurrentQueue<string> _log = new();
    private readonly ChangeableSettings _settings = new();
    private readonly List<IAsyncDisposable> _owned = [];

    private static CancellationToken Ct => CancellationToken.None;

    private IEnumerable<string> Warnings => _log.Where(l => l.StartsWith(nameof(LogLevel.Warning), StringComparison.Ordinal));

    public async ValueTask DisposeAsync()
    {
        foreach (var owned in Enumerable.Reverse(_owned)) await owned.DisposeAsync();
    }

    [Fact]
    public async Task One_request_has_the_prompt_the_model_and_the_key_and_nothing_of_the_caller()
    {
        var server = await StartServerAsync();
        var embedder = NewEmbedder(server.Endpoint);
        using var activity = new Activity("caller").SetIdFormat(ActivityIdFormat.W3C).AddBaggage("who", "me").Start();
        var vector = (await embedder.EmbedAsync(Prompt, Ct))!;
        Assert.Equal([0.6f, 0.8f], vector.Values.ToArray());
        Assert.Equal(("openai", "m", 5, 0.95), (vector.Provider, vector.Model, vector.InputTokens, vector.DefaultThreshold));
        var (path, headers, body) = Assert.Single(server.Requests);
        Assert.Equal("/v1/embeddings", path);
        Assert.Equal($"Bearer {Key}", headers.Authorization);
        Assert.DoesNotContain(headers.Keys, k => k is "traceparent" or "tracestate" or "baggage" or "Request-Id" or "Correlation-Context");
        Assert.True(JsonNode.DeepEquals(new JsonObject { ["model"] = "m", ["input"] = new JsonArray(Prompt) }, body), body.ToJsonString());
    }

    [Fact]
    public async Task Without_a_key_a_placeholder_goes_and_dimensions_are_asked_for()
    {
        var server = await StartServerAsync();
        Configure(("Endpoint", server.Endpoint + "/"), ("Model", "m"), ("Dimensions", "2"));
        Assert.NotNull(await NewEmbedder().EmbedAsync(Prompt, Ct));
        var (path, headers, body) = Assert.Single(server.Requests);
        Assert.Equal(("/v1/embeddings", "Bearer none", 2), (path, headers.Authorization.ToString(), (int)body["dimensions"]!));
    }

    [Fact]
    public async Task A_long_prompt_in_any_letters_arrives_as_it_is()
    {
        var server = await StartServerAsync();
        var prompt = string.Concat(Enumerable.Repeat("雪\"\\\n🎬", 32_000 / 6));
        Assert.NotNull(await NewEmbedder(server.Endpoint).EmbedAsync(prompt, Ct));
        Assert.Equal(prompt, (string)Assert.Single(server.Requests).Body["input"]![0]!);
        Assert.NotNull(await NewEmbedder(server.Endpoint).EmbedAsync("half a pair \ud83c", Ct));
    }

    [Fact]
    public async Task Numbers_and_base64_are_the_same_vector()
    {
        var server = await StartServerAsync();
        var embedder = NewEmbedder(server.Endpoint);
        float[] vector = [.. Enumerable.Range(1, 1536).Select(i => MathF.Sin(i))];
        server.Answer = EmbeddingServer.Json(EmbeddingServer.Vectors(vector));
        var numbers = (await embedder.EmbedAsync(Prompt, Ct))!;
        server.Answer = EmbeddingServer.Json(EmbeddingServer.Base64Vectors(vector));
        var base64 = (await embedder.EmbedAsync(Prompt, Ct))!;
        Assert.Equal(numbers.Values.ToArray(), base64.Values.ToArray());
        Assert.Equal(numbers.Identity, base64.Identity);
    }

    [Fact]
    public async Task A_bare_answer_without_usage_index_or_model_is_enough()
    {
        var server = await StartServerAsync();
        server.Answer = EmbeddingServer.Text("""{"data":[{"embedding":[3,4.0e0]}],"usage":null}""", contentType: "text/plain");
        var vector = (await NewEmbedder(server.Endpoint).EmbedAsync(Prompt, Ct))!;
        Assert.Equal([0.6f, 0.8f], vector.Values.ToArray());
        Assert.Null(vector.InputTokens);
    }

    [Fact]
    public async Task Several_texts_come_back_in_their_order()
    {
        var server = await StartServerAsync();
        server.Answer = EmbeddingServer.Text("""{"data":[{"index":1,"embedding":[2]},{"index":0,"embedding":[1]}]}""");
        using var embedder = new OpenAiEmbedder(
            new() { Endpoint = server.Endpoint, Model = "m" }, DistributedContextPropagator.CreateNoOutputPropagator(), new WebProxy());
        var answer = await embedder.GenerateAsync(["a", "b"], cancellationToken: Ct);
        Assert.Equal([1f, 2f], answer.Select(e => e.Vector.Span[0]));
    }

    public static TheoryData<string, string, int> Answers => new()
    {
        { "it answers 500", """{"error":{"message":"a very private prompt"}}""", 500 },
        { "it answers 401", """{"error":{"message":"Incorrect API key provided: sk-very-secret"}}""", 401 },
        { "it answers 429", "slow down", 429 },
        { "it answers 307", "", 307 },
        { "it answers 404", "<html>", 404 },
        { "can't be read", "a very private prompt {", 200 },
        { "can't be read", "", 200 },
        { "can't be read", "[]", 200 },
        { "can't be read", "null", 200 },
        { "can't be read", """{"data":null}""", 200 },
        { "can't be read", """{"data":[null]}""", 200 },
        { "can't be read", """{"data":[{"embedding":null}]}""", 200 },
        { "can't be read", """{"data":[{"embedding":["a"]}]}""", 200 },
        { "can't be read", """{"data":[{"embedding":[1,NaN]}]}""", 200 },
        { "can't be read", """{"data":[{"embedding":"AAAA"}]}""", 200 },
        { "can't be read", """{"data":[{"embedding":"a very private prompt"}]}""", 200 },
        { "can't be read", """{"data":[{"index":7,"embedding":[1]}]}""", 200 },
        { "no number", """{"data":[{"embedding":[1,1e999]}]}""", 200 },
        { "no number", """{"data":[{"embedding":"AADAfwAAgD8="}]}""", 200 },
        { "no direction", """{"data":[{"embedding":[0,0]}]}""", 200 },
        { "has 3 dimensions instead of 2", """{"data":[{"embedding":[1,2,3]}]}""", 200 },
        { "is empty", """{"data":[{"embedding":""}]}""", 200 },
        { "answers 2 vectors", """{"data":[{"index":0,"embedding":[1,2]},{"index":1,"embedding":[1,2]}]}""", 200 },
        { "answers 0 vectors", """{"data":[]}""", 200 },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task An_answer_that_is_no_vector_is_asked_for_once_a_call_said_once_and_heals(string reason, string answer, int status)
    {
        var server = await StartServerAsync();
        Configure(("Endpoint", server.Endpoint.AbsoluteUri), ("Model", "m"), ("ApiKey", Key), ("Dimensions", "2"));
        var time = new ManualTimeProvider();
        var embedder = NewEmbedder(time);
        server.Answer = EmbeddingServer.Text(answer, status);
        for (var i = 0; i < 10; i++) Assert.Null(await embedder.EmbedAsync(Prompt, Ct));
        Assert.Equal(3, server.Requests.Count);
        Assert.Contains(reason, Assert.Single(Warnings));
        server.Answer = EmbeddingServer.Json(EmbeddingServer.Vectors([3, 4]));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.NotNull(await embedder.EmbedAsync(Prompt, Ct));
        Assert.True(embedder.Dependency!.IsUp);
        AssertNothingPrivateIsLogged(server.Endpoint);
    }

    [Fact]
    public async Task Prompts_too_long_for_the_model_take_it_from_nobody_else()
    {
        var server = await StartServerAsync();
        var embedder = NewEmbedder(server.Endpoint);
        server.Answer = EmbeddingServer.Text("""{"error":{"message":"maximum context length"}}""", 400);
        for (var i = 0; i < 10; i++) Assert.Null(await embedder.EmbedAsync(new('x', 30_000), Ct));
        Assert.True(embedder.Dependency!.IsUp);
        // Where no prompt is accepted it is the server.
        for (var i = 0; i < 3; i++) Assert.Null(await embedder.EmbedAsync("a cat", Ct));
        Assert.False(embedder.Dependency.IsUp);
    }

    [Fact]
    public async Task A_server_that_is_down_costs_nothing_and_is_found_when_it_is_back()
    {
        var server = await StartServerAsync();
        var embedder = NewEmbedder(server.Endpoint);
        Assert.NotNull(await embedder.EmbedAsync(Prompt, Ct));
        await server.DisposeAsync();
        for (var i = 0; i < 10; i++) Assert.Null(await embedder.EmbedAsync(Prompt, Ct));
        Assert.Contains("can't be reached: ConnectionError", Assert.Single(Warnings));
        _owned.Add(await EmbeddingServer.StartAsync(server.Endpoint.Port));
        await HealsAsync(embedder);
        AssertNothingPrivateIsLogged(server.Endpoint);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_slow_server_costs_its_budget_three_times_and_is_told_that_nobody_waits(bool begins)
    {
        var server = await StartServerAsync();
        Configure(("Endpoint", server.Endpoint.AbsoluteUri), ("Model", "m"), ("Timeout", "00:00:00.200"));
        var embedder = NewEmbedder();
        await embedder.EmbedAsync(Prompt, Ct);
        var aborted = 0;
        server.Answer = async context =>
        {
            if (begins) await context.Response.WriteAsync("{\"data\":[", Ct);
            try
            {
                await Task.Delay(Timeout.Infinite, context.RequestAborted);
            }
            catch (OperationCanceledException)
            {
                Interlocked.Increment(ref aborted);
            }
        };
        var clock = Stopwatch.StartNew();
        for (var i = 0; i < 50; i++) Assert.Null(await embedder.EmbedAsync(Prompt, Ct));
        // Three budgets, and room for a busy machine; fifty would be ten seconds.
        Assert.InRange(clock.Elapsed, TimeSpan.FromSeconds(0.55), TimeSpan.FromSeconds(4));
        Assert.Contains("in time", Assert.Single(Warnings));
        for (var i = 0; i < 200 && Volatile.Read(ref aborted) < 3; i++) await Task.Delay(20, Ct);
        Assert.InRange(aborted, 3, 6);
        server.Answer = EmbeddingServer.Json(EmbeddingServer.Vectors([3, 4]));
        await HealsAsync(embedder);
    }

    [Fact]
    public async Task An_endless_answer_is_given_up()
    {
        var server = await StartServerAsync();
        server.Answer = async context =>
        {
            var block = new byte[1 << 16];
            Array.Fill(block, (byte)'1');
            await context.Response.WriteAsync("{\"data\":[{\"embedding\":[", Ct);
            while (!context.RequestAborted.IsCancellationRequested) await context.Response.Body.WriteAsync(block, context.RequestAborted);
        };
        using var embedder = new OpenAiEmbedder(
            new() { Endpoint = server.Endpoint, Model = "m", Timeout = TimeSpan.FromSeconds(30) },
            DistributedContextPropagator.CreateNoOutputPropagator(), new WebProxy());
        var e = await Assert.ThrowsAsync<DependencyFaultException>(() => embedder.GenerateAsync(["a"], cancellationToken: Ct));
        Assert.Equal("its answer is too large", e.Message);
    }

    [Fact]
    public async Task A_redirect_is_not_followed_with_the_key()
    {
        var (server, other) = (await StartServerAsync(), await StartServerAsync());
        server.Answer = context =>
        {
            context.Response.StatusCode = (int)HttpStatusCode.TemporaryRedirect;
            context.Response.Headers.Location = other.Endpoint + "/embeddings";
            return Task.CompletedTask;
        };
        Assert.Null(await NewEmbedder(server.Endpoint).EmbedAsync(Prompt, Ct));
        Assert.Empty(other.Requests);
    }

    [Fact]
    public async Task A_reload_moves_to_another_endpoint_while_calls_are_under_way()
    {
        var (first, second) = (await StartServerAsync(), await StartServerAsync());
        var embedder = NewEmbedder(first.Endpoint);
        var release = new TaskCompletionSource();
        first.Answer = async context =>
        {
            await release.Task;
            await EmbeddingServer.Json(EmbeddingServer.Vectors([3, 4]))(context);
        };
        var underWay = embedder.EmbedAsync(Prompt, Ct).AsTask();
        for (var i = 0; i < 200 && first.Requests.IsEmpty; i++) await Task.Delay(10, Ct);
        Configure(("Endpoint", second.Endpoint.AbsoluteUri), ("Model", "m"), ("ApiKey", Key), ("Timeout", "00:00:10"));
        var moved = (await embedder.EmbedAsync(Prompt, Ct))!;
        release.SetResult();
        var before = (await underWay)!;
        Assert.NotEqual(before.Identity, moved.Identity);
        Assert.Single(second.Requests);
        Assert.Empty(Warnings);
    }

    private async Task<EmbeddingServer> StartServerAsync()
    {
        var server = await EmbeddingServer.StartAsync();
        _owned.Add(server);
        return server;
    }

    private PromptEmbedder NewEmbedder(Uri endpoint)
    {
        Configure(("Endpoint", endpoint.AbsoluteUri), ("Model", "m"), ("ApiKey", Key), ("Timeout", "00:00:10"));
        return NewEmbedder();
    }

    private PromptEmbedder NewEmbedder(TimeProvider? time = null)
    {
        var configuration = new ConfigurationBuilder().Add(_settings).Build();
        var services = new ServiceCollection().AddLogging(l => l.SetMinimumLevel(LogLevel.Trace).AddProvider(new QueueLoggerProvider(_log)));
        services.AddSingleton<IConfiguration>(configuration);
        services.AddReverseProxy().AddRemixProxy(configuration);
        var built = services.BuildServiceProvider();
        _owned.Add(built);
        // The built-in one is not asked here.
        return new(built.GetRequiredService<ProviderRegistry>(), builtIn: null!, own: null, built.GetRequiredService<TraceContextPropagator>(),
            built.GetRequiredService<OutboundProxy>(), time ?? TimeProvider.System, built.GetRequiredService<ILogger<PromptEmbedder>>());
    }

    private void Configure(params (string Key, string Value)[] embeddings) =>
        _settings.Replace([.. embeddings.Select(e => ("Cache:Embeddings:" + e.Key, e.Value))]);

    private static async Task HealsAsync(PromptEmbedder embedder)
    {
        PromptVector? vector = null;
        for (var i = 0; i < 200 && vector is null; i++)
        {
            await Task.Delay(50, Ct);
            vector = await embedder.EmbedAsync(Prompt, Ct);
        }

        Assert.NotNull(vector);
        Assert.True(embedder.Dependency!.IsUp);
    }

    private void AssertNothingPrivateIsLogged(Uri endpoint) =>
        Assert.DoesNotContain(_log, l => l.Contains("private") || l.Contains("sk-") || l.Contains($":{endpoint.Port}") || l.Contains(endpoint.Host));
}
