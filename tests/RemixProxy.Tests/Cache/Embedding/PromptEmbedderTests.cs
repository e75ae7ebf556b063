using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using RemixProxy.Cache;
using RemixProxy.Cache.Embedding;
using RemixProxy.Configuration;
using RemixProxy.Providers;
using RemixProxy.Telemetry;
using RemixProxy.TestKit;

namespace RemixProxy.Tests.Cache.Embedding;

/// <summary>Who embeds prompts, and what is made of what they answer.</summary>
public sealed class PromptEmbedderTests : IDisposable
{
    private readonly ManualTimeProvider _time = new();
    private readonly LogLines _log = new();
    private readonly FakeGenerator _builtIn = new(new("builtin", null, "lexical-1"));
    private readonly List<IDisposable> _owned = [];

    private static CancellationToken Ct => CancellationToken.None;

    public void Dispose()
    {
        _owned.ForEach(o => o.Dispose());
        _builtIn.Dispose();
    }

    [Fact]
    public async Task Without_settings_prompts_stay_in_process()
    {
        var embedder = NewEmbedder();
        var vector = (await embedder.EmbedAsync("a cat", Ct))!;
        Assert.Equal([0.6f, 0.8f], vector.Values.ToArray());
        Assert.Equal(("builtin", "lexical-1", 0.85, null), (vector.Provider, vector.Model, vector.DefaultThreshold, vector.InputTokens));
        Assert.Null(embedder.Dependency);
    }

    [Fact]
    public async Task Tokens_are_what_the_generator_says()
    {
        _builtIn.Answer = (_, _) =>
            Task.FromResult(new GeneratedEmbeddings<Embedding<float>>([new(new float[] { 1 })]) { Usage = new() { InputTokenCount = 12 } });
        Assert.Equal(12, (await NewEmbedder().EmbedAsync("a cat", Ct))!.InputTokens);
    }

    [Fact]
    public async Task An_applications_own_generator_comes_before_the_endpoint()
    {
        var own = new FakeGenerator(new("ollama", new("http://secret-host/"), "nomic"));
        var embedder = NewEmbedder(own, ("Endpoint", "http://localhost:9/v1"), ("Model", "m"));
        var vector = (await embedder.EmbedAsync("a cat", Ct))!;
        Assert.Equal(("ollama", "nomic", 0.95), (vector.Provider, vector.Model, vector.DefaultThreshold));
        Assert.DoesNotContain("secret-host", vector.Identity);
        Assert.NotNull(embedder.Dependency);
        embedder.Dispose();
        Assert.False(own.Disposed);
    }

    [Fact]
    public async Task A_generator_that_tells_nothing_of_itself_works()
    {
        var own = new FakeGenerator();
        var vector = (await NewEmbedder(own).EmbedAsync("a cat", Ct))!;
        Assert.Equal((nameof(FakeGenerator), "unknown"), (vector.Provider, vector.Model));
    }

    [Fact]
    public async Task A_keyed_generator_of_the_application_is_found()
    {
        var own = new FakeGenerator(new("mine"));
        var configuration = new ConfigurationBuilder().Build();
        var services = new ServiceCollection().AddLogging().AddSingleton<IConfiguration>(configuration)
            .AddKeyedSingleton<IEmbeddingGenerator<string, Embedding<float>>>("RemixProxy", own);
        services.AddReverseProxy().AddRemixProxy(configuration);
        await using var built = services.BuildServiceProvider();
        Assert.Equal("mine", (await built.GetRequiredService<IPromptEmbedder>().EmbedAsync("a cat", Ct))!.Provider);
        Assert.IsType<MemorySemanticIndex>(built.GetRequiredService<ISemanticIndex>());
    }

    [Fact]
    public async Task Identity_is_stable_and_tells_provider_address_model_and_dimension_apart()
    {
        EmbeddingGeneratorMetadata[] makers =
        [
            new("a", new("http://x/"), "m"), new("b", new("http://x/"), "m"), new("a", new("http://y/"), "m"), new("a", new("http://x/"), "n"),
        ];
        var identities = new HashSet<string>();
        foreach (var maker in makers)
        {
            foreach (var vector in (float[][])[[1, 0], [1, 0, 0]])
            {
                async Task<string> IdentityAsync() =>
                    (await NewEmbedder(new(maker) { Answer = (_, _) => Task.FromResult(FakeGenerator.Of(vector)) }).EmbedAsync("a cat", Ct))!.Identity;
                var identity = await IdentityAsync();
                Assert.Equal(identity, await IdentityAsync());
                Assert.True(identities.Add(identity));
                Assert.InRange(identity.Length, 1, 64);
            }
        }
    }

    [Theory]
    [InlineData(1e-38f, 1e-38f)]
    [InlineData(1e-44f, 0f)]
    [InlineData(3e38f, -3e38f)]
    [InlineData(1e-20f, 5f)]
    public async Task Any_length_becomes_one(float x, float y)
    {
        _builtIn.Answer = (_, _) => Task.FromResult(FakeGenerator.Of([x, y]));
        var values = (await NewEmbedder().EmbedAsync("a cat", Ct))!.Values.ToArray();
        Assert.Equal(1, Math.Sqrt(values.Sum(v => (double)v * v)), 1e-6);
        Assert.Equal(Math.Atan2(y, x), Math.Atan2(values[1], values[0]), 1e-5);
    }

    public static TheoryData<string, float[][]> Wrong => new()
    {
        { "answers 0 vectors", [] },
        { "answers 2 vectors", [[1, 0], [1, 0]] },
        { "is empty", [[]] },
        { "no number", [[1, float.NaN]] },
        { "no number", [[float.NegativeInfinity, 1]] },
        { "no direction", [[0, 0]] },
        { "has 3 dimensions instead of 2", [[1, 0, 0]] },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task What_is_no_vector_is_a_failure_said_once_and_heals(string reason, float[][] vectors)
    {
        var own = new FakeGenerator { Answer = (_, _) => Task.FromResult(FakeGenerator.Of(vectors)) };
        var embedder = NewEmbedder(own, ("Dimensions", "2"));
        for (var i = 0; i < 20; i++) Assert.Null(await embedder.EmbedAsync("a cat", Ct));
        Assert.Equal(3, own.Calls);
        Assert.False(embedder.Dependency!.IsUp);
        Assert.Contains(reason, Assert.Single(_log.Warnings));
        own.Answer = (_, _) => Task.FromResult(FakeGenerator.Of([1, 0]));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.NotNull(await embedder.EmbedAsync("a cat", Ct));
        Assert.True(embedder.Dependency.IsUp);
        Assert.Equal(2, own.Options!.Dimensions);
    }

    [Fact]
    public async Task A_failing_generator_is_a_failure_and_its_words_stay_out_of_the_log()
    {
        var own = new FakeGenerator
        {
            Answer = (prompt, _) => throw new InvalidOperationException(
            $"can't embed '{prompt}' at http://secret-host with sk-secret")
        };
        var embedder = NewEmbedder(own);
        for (var i = 0; i < 20; i++) Assert.Null(await embedder.EmbedAsync("my prompt", Ct));
        var line = Assert.Single(_log.All);
        Assert.Contains("embedder is not available (InvalidOperationException)", line);
        Assert.DoesNotContain("secret", line);
        Assert.DoesNotContain("my prompt", line);
    }

    [Fact]
    public async Task A_slow_generator_costs_the_configured_time_and_then_nothing()
    {
        var own = new FakeGenerator { Answer = (_, _) => new TaskCompletionSource<GeneratedEmbeddings<Embedding<float>>>().Task };
        var embedder = NewEmbedder(own, ("Timeout", "00:00:00.300"));
        for (var i = 0; i < 3; i++)
        {
            var run = embedder.EmbedAsync("a cat", Ct).AsTask();
            _time.Advance(TimeSpan.FromMilliseconds(299));
            Assert.False(run.IsCompleted);
            _time.Advance(TimeSpan.FromMilliseconds(1));
            Assert.Null(await run);
        }

        for (var i = 0; i < 20; i++) Assert.Null(await embedder.EmbedAsync("a cat", Ct));
        Assert.Equal(3, own.Calls);
        Assert.Contains("in time", Assert.Single(_log.Warnings));
    }

    [Fact]
    public async Task A_prompt_without_words_has_no_vector_and_is_nobodys_fault()
    {
        _builtIn.Answer = (_, _) => Task.FromResult(FakeGenerator.Of([0, 0]));
        var embedder = NewEmbedder(null, ("Dimensions", "7"));
        for (var i = 0; i < 5; i++) Assert.Null(await embedder.EmbedAsync("…", Ct));
        Assert.Empty(_log.All);
        _builtIn.Answer = (_, _) => Task.FromResult(FakeGenerator.Of([1, 0]));
        Assert.NotNull(await embedder.EmbedAsync("a cat", Ct));
    }

    [Fact]
    public async Task A_defect_of_the_built_in_one_costs_no_request()
    {
        _builtIn.Answer = (_, _) => throw new NotSupportedException("my prompt");
        var embedder = NewEmbedder();
        for (var i = 0; i < 5; i++) Assert.Null(await embedder.EmbedAsync("my prompt", Ct));
        Assert.DoesNotContain("my prompt", Assert.Single(_log.All));
    }

    [Fact]
    public async Task A_caller_who_is_gone_is_told_so()
    {
        var own = new FakeGenerator();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await NewEmbedder(own).EmbedAsync("a cat", new(canceled: true)));
        _builtIn.Answer = (_, ct) => Task.FromCanceled<GeneratedEmbeddings<Embedding<float>>>(ct);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await NewEmbedder().EmbedAsync("a cat", new(canceled: true)));
    }

    [Fact]
    public async Task A_reload_of_other_settings_keeps_the_embedder_and_what_is_known_of_it()
    {
        var own = new FakeGenerator { Answer = (_, _) => throw new InvalidOperationException() };
        var embedder = NewEmbedder(own, out var configuration, ("Timeout", "00:00:00.300"));
        for (var i = 0; i < 3; i++) await embedder.EmbedAsync("a cat", Ct);
        var before = embedder.Dependency;
        configuration["RemixProxy:AllowRaw"] = "true";
        configuration.Reload();
        Assert.Same(before, embedder.Dependency);
        configuration["RemixProxy:Cache:Embeddings:Timeout"] = "00:00:00.400";
        configuration.Reload();
        Assert.NotSame(before, embedder.Dependency);
        own.Answer = (_, _) => Task.FromResult(FakeGenerator.Of([1, 0]));
        Assert.NotNull(await embedder.EmbedAsync("a cat", Ct));
    }

    [Fact]
    public void A_reload_switches_between_the_built_in_one_and_an_endpoint()
    {
        var embedder = NewEmbedder(null, out var configuration);
        Assert.Null(embedder.Dependency);
        configuration["RemixProxy:Cache:Embeddings:Endpoint"] = "http://localhost:9/v1";
        configuration["RemixProxy:Cache:Embeddings:Model"] = "m";
        configuration.Reload();
        Assert.NotNull(embedder.Dependency);
        configuration["RemixProxy:Cache:Embeddings:Endpoint"] = null;
        configuration.Reload();
        Assert.Null(embedder.Dependency);
    }

    private PromptEmbedder NewEmbedder(FakeGenerator? own = null, params (string Key, string Value)[] settings) => NewEmbedder(own, out _, settings);

    private PromptEmbedder NewEmbedder(FakeGenerator? own, out IConfigurationRoot configuration, params (string Key, string Value)[] settings)
    {
        configuration = new ConfigurationBuilder().AddInMemoryCollection(
            settings.Select(s => KeyValuePair.Create("RemixProxy:Cache:Embeddings:" + s.Key, (string?)s.Value))).Build();
        var services = new ServiceCollection().AddLogging().AddSingleton<IConfiguration>(configuration);
        services.AddReverseProxy().AddRemixProxy(configuration);
        var built = services.BuildServiceProvider();
        var embedder = new PromptEmbedder(
            built.GetRequiredService<ProviderRegistry>(), _builtIn, own, built.GetRequiredService<TraceContextPropagator>(),
            built.GetRequiredService<OutboundProxy>(), _time, _log);
        _owned.AddRange([embedder, built]);
        return embedder;
    }
}
