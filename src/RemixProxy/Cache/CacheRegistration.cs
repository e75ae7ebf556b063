using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace RemixProxy.Cache;

/// <summary>What the cache keeps, in this process unless another store was registered before.</summary>
internal static class CacheRegistration
{
    public static IServiceCollection AddCache(this IServiceCollection services)
    {
        services.TryAddSingleton<MemoryCacheEntryStore>();
        services.TryAddSingleton<ICacheEntryStore>(s => s.GetRequiredService<MemoryCacheEntryStore>());
        services.TryAddSingleton<MemorySemanticIndex>();
        services.TryAddSingleton<ISemanticIndex>(s => s.GetRequiredService<MemorySemanticIndex>());
        return services;
    }
}
