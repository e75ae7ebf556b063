using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using RemixProxy.Providers;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Configuration.ClusterValidators;

namespace RemixProxy.Pipeline;

/// <summary>Registers routes, clusters, the check at the start and the drain at the stop.</summary>
internal static class PipelineRegistration
{
    public static IServiceCollection AddPipeline(this IServiceCollection services)
    {
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IProxyConfigProvider, RemixProxyConfigProvider>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IClusterValidator, ClusterValidator>());
        // The filters before which it has to stand are registered before.
        if (!services.Any(s => !s.IsKeyedService && s.ImplementationType == typeof(ArrivalFilter)))
            services.Insert(0, ServiceDescriptor.Transient<IStartupFilter, ArrivalFilter>());
        services.AddCors();
        services.TryAddSingleton<PageAccess>();
        services.TryAddSingleton<Drain>();
        services.AddHostedService<StartupCheck>();
        services.AddHostedService(s => s.GetRequiredService<Drain>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IPostConfigureOptions<HostOptions>, TimeToDrain>());
        return services;
    }

    /// <summary>Gives the host time to drain: .NET's default of 30 seconds would cut submits, which may take 55.</summary>
    private sealed class TimeToDrain(ProviderRegistry registry) : IPostConfigureOptions<HostOptions>
    {
        public void PostConfigure(string? name, HostOptions options)
        {
            var least = registry.Current.Options.DrainTimeout + Drain.CloseTimeout;
            if (options.ShutdownTimeout != Timeout.InfiniteTimeSpan && options.ShutdownTimeout < least) options.ShutdownTimeout = least;
        }
    }
}
