using System.Text.Json.Nodes;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using RemixProxy.Cache;
using RemixProxy.Cache.Embedding;
using RemixProxy.Contract;
using RemixProxy.Operations.Submit;
using RemixProxy.Providers;

namespace RemixProxy.Tests.Cache;

/// <summary>Everything beside the prompt that has to be equal for one video to answer another request.</summary>
public sealed class CacheScopeTests : IDisposable
{
    private readonly ServiceProvider _services;
    private readonly Provider[] _providers;

    public CacheScopeTests()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(
            [new("RemixProxy:Providers:luma:ApiKey", "k"), new("RemixProxy:Providers:runway:ApiKey", "k")]).Build();
        var services = new ServiceCollection().AddLogging().AddSingleton<IConfiguration>(configuration);
        services.AddReverseProxy().AddRemixProxy(configuration);
        _services = services.BuildServiceProvider();
        _providers = [.. _services.GetRequiredService<ProviderRegistry>().Current.Providers];
    }

    [Fact]
    public async Task Each_of_its_parts_makes_another_scope()
    {
        var (one, two) = (_providers[0], _providers[1]);
        var request = await ReadAsync("""{"prompt":"x","model":"sora-2"}""");
        var longer = await ReadAsync("""{"prompt":"x","model":"sora-2","seconds":4}""");
        var source = new VideoId("a", "luma");
        string[] scopes =
        [
            CacheScope.Of("me", VideoOperation.Create, [new(one, "m")], null, request.Parameters(_ => true)),
            CacheScope.Of("you", VideoOperation.Create, [new(one, "m")], null, request.Parameters(_ => true)),
            CacheScope.Of("me", VideoOperation.Extend, [new(one, "m")], null, request.Parameters(_ => true)),
            CacheScope.Of("me", VideoOperation.Create, [new(two, "m")], null, request.Parameters(_ => true)),
            CacheScope.Of("me", VideoOperation.Create, [new(one, "n")], null, request.Parameters(_ => true)),
            CacheScope.Of("me", VideoOperation.Create, [new(one, "m"), new(two, "m")], null, request.Parameters(_ => true)),
            CacheScope.Of("me", VideoOperation.Create, [new(one, "m")], source, request.Parameters(_ => true)),
            CacheScope.Of("me", VideoOperation.Create, [new(one, "m")], source with { Native = "b" }, request.Parameters(_ => true)),
            CacheScope.Of("me", VideoOperation.Create, [new(one, "m")], null, longer.Parameters(_ => true)),
        ];
        Assert.Equal(scopes.Length, scopes.Distinct().Count());
    }

    [Fact]
    public void The_order_of_the_targets_is_no_part()
    {
        var (one, two) = (new ModelTarget(_providers[0], "m"), new ModelTarget(_providers[1], "m"));
        Assert.Equal(CacheScope.Of("me", VideoOperation.Create, [one, two], null, "p"), CacheScope.Of("me", VideoOperation.Create, [two, one], null, "p"));
    }

    [Fact]
    public async Task Fields_that_no_target_is_sent_are_no_part()
    {
        var plain = await ReadAsync("""{"prompt":"x","seed":1}""");
        var more = await ReadAsync("""{"prompt":"x","seed":1,"user":"u","metadata":{"a":"b"}}""");
        Assert.NotEqual(plain.Parameters(_ => true), more.Parameters(_ => true));
        Assert.Equal(plain.Parameters(name => name == "seed"), more.Parameters(name => name == "seed"));
        Assert.NotEqual(plain.Request, more.Request);
    }

    [Fact]
    public async Task Neither_the_prompt_nor_the_model_s_name_as_it_was_written_is_a_part()
    {
        var (named, unnamed) = (await ReadAsync("""{"prompt":"x","model":"sora-2"}"""), await ReadAsync("""{"prompt":"y"}"""));
        var scope = CacheScope.Of("me", VideoOperation.Create, [new(_providers[0], "m")], null, named.Parameters(_ => true));
        Assert.Equal(scope, CacheScope.Of("me", VideoOperation.Create, [new(_providers[0], "m")], null, unnamed.Parameters(_ => true)));
        Assert.NotEqual(CacheScope.EntryOf(scope, "x"), CacheScope.EntryOf(scope, "y"));
        Assert.Matches("^[0-9a-f]{32}$", CacheScope.EntryOf(scope, "x"));
    }

    [Fact]
    public void Vectors_of_another_maker_are_elsewhere()
    {
        var vector = new PromptVector(new float[] { 1 }, "one", "p", "m", null, 0.9);
        Assert.NotEqual(CacheScope.VectorsOf("s", vector), CacheScope.VectorsOf("s", vector with { Identity = "two" }));
        Assert.NotEqual(CacheScope.VectorsOf("s", vector), CacheScope.VectorsOf("t", vector));
    }

    public void Dispose() => _services.Dispose();

    private static async Task<Fingerprint> ReadAsync(string json) =>
        await Fingerprint.OfAsync(
            VideoOperation.Create, null, RequestBody.Of(JsonNode.Parse(json)!.AsObject()), CancellationToken.None);
}
