using RemixProxy.FunctionalTests.Cache;
using RemixProxy.FunctionalTests.Kit;
using RemixProxy.FunctionalTests.Redis;
using static RemixProxy.FunctionalTests.Cache.CacheReplies;

namespace RemixProxy.FunctionalTests.Telemetry;

/// <summary><c>remixproxy.dependency.up</c>: what is configured, and whether it answers.</summary>
public class DependencyMetricsTests
{
    [Fact]
    public async Task What_is_not_configured_is_absent()
    {
        await using var app = await ProxyApp.StartAsync();
        using var measured = new Instruments(app);
        _ = (await app.CreateAsync(Model, "x", Semantic)).Id;
        Assert.Empty(measured.Now("dependency.up"));
    }

    [Fact]
    public async Task An_embedder_goes_and_comes()
    {
        await using var server = await EmbeddingServer.StartAsync();
        var wishes = 0;
        await using var app = await ProxyApp.StartAsync(new()
        {
            Settings = { ["RemixProxy:Cache:Mode"] = "Semantic", ["RemixProxy:Cache:Embeddings:Endpoint"] = server.Endpoint.AbsoluteUri,
            ["RemixProxy:Cache:Embeddings:Model"] = "m" },
        });
        using var measured = new Instruments(app);
        Assert.Equal(["embedder 1"], measured.Now("dependency.up"));
        server.Answer = EmbeddingServer.Text("{}", 500);
        for (var i = 0; i < 3; i++) await CreateAsync();
        Assert.Equal(["embedder 0"], measured.Now("dependency.up"));
        Assert.Equal(["create error none 3"], measured.Sums("cache.lookups"));
        server.Answer = EmbeddingServer.Json(EmbeddingServer.Vectors([3, 4]));
        app.Time.Advance(TimeSpan.FromSeconds(1));
        await CreateAsync();
        Assert.Equal(["embedder 1"], measured.Now("dependency.up"));
        Assert.Equal(["create error none 3", "create miss none 1"], measured.Sums("cache.lookups"));

        async Task CreateAsync() => _ = (await app.CreateAsync(Model, $"wish {++wishes}")).Id;
    }

    [Fact]
    public async Task Redis_goes_and_comes()
    {
        await using var replicas = await TwoReplicas.StartAsync();
        using var measured = new Instruments(replicas.First);
        Assert.Equal(["redis 1"], measured.Now("dependency.up"));
        await replicas.Redis.KillAsync();
        for (var i = 0; i < 4; i++)
        {
            var prompt = $"wish {i}";
            _ = (await replicas.RunAsync(replicas.First.CreateAsync(Model, prompt, Exact))).Id;
        }

        Assert.Equal(["redis 0"], measured.Now("dependency.up"));
        Assert.Equal(["create error none 4"], measured.Sums("cache.lookups"));
        await replicas.Redis.RestartAsync();
        await replicas.HealAsync();
        Assert.Equal(["redis 1"], measured.Now("dependency.up"));
    }
}
