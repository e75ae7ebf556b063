using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using RemixProxy.Providers;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Configuration.ClusterValidators;

namespace RemixProxy.Pipeline;

/// <summary>Routes and clusters, and what goes with the start and the stop of the process.</summary>
internal static class PipelineRegistration
{
    public static IServiceCollection AddPipeline(this IServiceCollection services)
    {
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IProxyConfigProvider, RemixProxyConfigProvider>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IClusterValidator, ClusterValidator>());
        services.TryAddSingleton<Drain>();
        services.AddHostedService<StartupCheck>();
        services.AddHostedService(s => s.GetRequiredService<Drain>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IPostConfigureOptions<HostOptions>, TimeToDrain>());
        return services;
    }

    /// <summary>.NET's own 30 seconds would cut submits that may take 60.</summary>
    private sealed class TimeToDrain(ProviderRegistry registry) : IPostConfigureOptions<HostOptions>
    {
        public void PostConfigure(string? name, HostOptions options)
        {
            var least = registry.Current.Options.DrainTimeout + Drain.CloseTimeout;
            if (options.ShutdownTimeout != Timeout.InfiniteTimeSpan && options.ShutdownTimeout < least) options.ShutdownTimeout = least;
        }
    }
}
