using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using RemixProxy.Jobs;

namespace RemixProxy.Limits;

/// <summary>Registers the limits of clients and providers. They are counted in this process, unless another store was registered before.</summary>
internal static class LimitsRegistration
{
    public static IServiceCollection AddLimits(this IServiceCollection services)
    {
        services.TryAddSingleton<MemoryLimitStore>();
        services.TryAddSingleton<ILimitStore>(s => s.GetRequiredService<MemoryLimitStore>());
        services.TryAddSingleton<SubmitPlaces>();
        services.TryAddSingleton<JobReservations>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IJobListener, JobReservations>(s => s.GetRequiredService<JobReservations>()));
        return services;
    }
}
