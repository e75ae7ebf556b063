using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using RemixProxy.Cache;
using RemixProxy.Callers;
using RemixProxy.Jobs;
using RemixProxy.Jobs.Submissions;
using RemixProxy.Redis;
using RemixProxy.Resilience;

namespace RemixProxy.Tests.Configuration;

/// <summary>An application gets its own stores, or else those in Redis where one is configured, or else those of this process.</summary>
public sealed class StoreRegistrationTests
{
    [Fact]
    public void Added_twice_nothing_is_there_twice()
    {
        var services = new ServiceCollection();
        services.AddRedis().AddJobs().AddCache();
        var count = services.Count;
        services.AddRedis().AddJobs().AddCache();
        Assert.Equal(count, services.Count);
    }

    [Fact]
    public async Task Redis_is_used_where_it_is_configured_and_only_there()
    {
        await using var alone = Build([]);
        Assert.IsType<MemoryJobStore>(alone.GetRequiredService<IJobStore>());
        Assert.IsType<MemorySubmissionStore>(alone.GetRequiredService<ISubmissionStore>());
        Assert.IsType<MemoryCacheEntryStore>(alone.GetRequiredService<ICacheEntryStore>());
        Assert.IsType<MemoryLinkKey>(alone.GetRequiredService<ILinkKey>());
        Assert.IsType<MemorySemanticIndex>(alone.GetRequiredService<ISemanticIndex>());
        Assert.Empty(alone.GetRequiredService<KnownDependencies>().States());

        await using var shared = Build([new("RemixProxy:Redis:ConnectionString", "127.0.0.1:1")]);
        Assert.IsType<RedisJobStore>(shared.GetRequiredService<IJobStore>());
        Assert.IsType<RedisSubmissionStore>(shared.GetRequiredService<ISubmissionStore>());
        Assert.IsType<RedisCacheEntryStore>(shared.GetRequiredService<ICacheEntryStore>());
        Assert.IsType<RedisLinkKey>(shared.GetRequiredService<ILinkKey>());
        Assert.IsType<RedisSemanticIndex>(shared.GetRequiredService<ISemanticIndex>());
        Assert.Equal(["redis"], shared.GetRequiredService<KnownDependencies>().States().Select(d => d.Name));
    }

    [Fact]
    public async Task A_store_that_was_registered_before_stays()
    {
        await using var services = Build([new("RemixProxy:Redis:ConnectionString", "127.0.0.1:1")], s => s.AddSingleton<ISemanticIndex, MemorySemanticIndex>());
        Assert.IsType<MemorySemanticIndex>(Assert.Single(services.GetServices<ISemanticIndex>()));
        Assert.IsType<RedisJobStore>(services.GetRequiredService<IJobStore>());
    }

    private static ServiceProvider Build(KeyValuePair<string, string?>[] settings, Action<IServiceCollection>? before = null)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings).Build();
        var services = new ServiceCollection().AddLogging().AddSingleton<IConfiguration>(configuration);
        before?.Invoke(services);
        services.AddReverseProxy().AddRemixProxy(configuration);
        return services.BuildServiceProvider();
    }
}
