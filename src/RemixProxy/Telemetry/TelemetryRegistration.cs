using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace RemixProxy.Telemetry;

/// <summary>Registers the metrics.</summary>
internal static class TelemetryRegistration
{
    public static IServiceCollection AddVideoTelemetry(this IServiceCollection services)
    {
        services.AddMetrics();
        services.TryAddSingleton<VideoMetrics>();
        return services;
    }
}
