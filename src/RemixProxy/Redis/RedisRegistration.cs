using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using RemixProxy.Cache;
using RemixProxy.Callers;
using RemixProxy.Jobs;
using RemixProxy.Jobs.Submissions;
using RemixProxy.Limits;
using RemixProxy.Providers;
using RemixProxy.Resilience;

namespace RemixProxy.Redis;

/// <summary>Registers the stores that replicas share through Redis, where one is configured.</summary>
internal static class RedisRegistration
{
    /// <summary>Has to be called before the stores in this process are added, because the first registration of a service wins.</summary>
    public static IServiceCollection AddRedis(this IServiceCollection services)
    {
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<RemixProxyOptions>, CheckRedis>());
        services.TryAddSingleton<RedisDatabase>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IKnownDependency, RedisDatabase>(s => s.GetRequiredService<RedisDatabase>()));
        services.TryAddSingleton<RedisJobs>();
        services.TryAddSingleton<RedisSubmissions>();
        services.TryAddSingleton<RedisBacklog>();
        services.TryAddSingleton<RedisSubmissionStore>();
        services.TryAddSingleton<RedisVectorSets>();
        services.TryAddSingleton<RedisVectorTables>();
        services.TryAddShared<IJobStore, RedisJobStore, MemoryJobStore>();
        services.TryAddShared<ISubmissionStore, RedisSubmissionStore, MemorySubmissionStore>();
        services.TryAddShared<ICacheEntryStore, RedisCacheEntryStore, MemoryCacheEntryStore>();
        services.TryAddShared<ILimitStore, RedisLimitStore, MemoryLimitStore>();
        services.TryAddShared<ISemanticIndex, RedisSemanticIndex, MemorySemanticIndex>();
        services.TryAddShared<ILinkKey, RedisLinkKey, MemoryLinkKey>();
        services.AddHostedService<RedisUpkeep>();
        return services;
    }

    // Whether Redis is configured is known only when the options are read.
    private static void TryAddShared<
        TService,
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TShared,
        TMemory>(this IServiceCollection services)
        where TService : class
        where TShared : class, TService
        where TMemory : class, TService
    {
        services.TryAddSingleton<TShared>();
        services.TryAddSingleton<TService>(s =>
            s.GetRequiredService<ProviderRegistry>().Current.Options.Redis.IsUsed ? s.GetRequiredService<TShared>() : s.GetRequiredService<TMemory>());
    }
}
