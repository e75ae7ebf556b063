using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace RemixProxy.Resilience;

/// <summary>Registers what watches the servers that this process needs.</summary>
internal static class ResilienceRegistration
{
    public static IServiceCollection AddResilience(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<KnownDependencies>();
        return services;
    }
}
