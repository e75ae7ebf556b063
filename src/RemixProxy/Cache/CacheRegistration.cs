using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using RemixProxy.Cache.Embedding;
using RemixProxy.Cache.Language;
using RemixProxy.Configuration;
using RemixProxy.Jobs;
using RemixProxy.Providers;
using RemixProxy.Resilience;
using RemixProxy.Telemetry;

namespace RemixProxy.Cache;

/// <summary>Registers the cache. It keeps its entries in this process, unless another store was registered before.</summary>
internal static class CacheRegistration
{
    public static IServiceCollection AddCache(this IServiceCollection services)
    {
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<RemixProxyOptions>, CheckWords>());
        services.TryAddSingleton<MemoryCacheEntryStore>();
        services.TryAddSingleton<ICacheEntryStore>(s => s.GetRequiredService<MemoryCacheEntryStore>());
        services.TryAddSingleton<MemorySemanticIndex>();
        services.TryAddSingleton<ISemanticIndex>(s => s.GetRequiredService<MemorySemanticIndex>());
        services.TryAddSingleton<IPromptEmbedder>(s => new PromptEmbedder(
            s.GetRequiredService<ProviderRegistry>(),
            new LexicalEmbedder(),
            s.GetKeyedService<IEmbeddingGenerator<string, Embedding<float>>>(PromptEmbedder.ServiceKey),
            s.GetRequiredService<TraceContextPropagator>(),
            s.GetRequiredService<OutboundProxy>(),
            s.GetRequiredService<TimeProvider>(),
            s.GetRequiredService<ILogger<PromptEmbedder>>()));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IKnownDependency, IPromptEmbedder>(s => s.GetRequiredService<IPromptEmbedder>()));
        services.TryAddSingleton<LexicalConflict>();
        services.TryAddSingleton<CacheEntries>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IJobListener, CacheEntries>(s => s.GetRequiredService<CacheEntries>()));
        services.TryAddSingleton<CachedVideos>();
        services.TryAddSingleton<SimilarPrompts>();
        services.TryAddSingleton<SemanticCache>();
        return services;
    }
}
