using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace RemixProxy.Telemetry;

/// <summary>What is counted and measured.</summary>
internal static class TelemetryRegistration
{
    public static IServiceCollection AddVideoTelemetry(this IServiceCollection services)
    {
        services.AddMetrics();
        services.TryAddSingleton<VideoMetrics>();
        return services;
    }
}
