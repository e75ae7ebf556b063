using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using RemixProxy.Exchanges.Signing;
using RemixProxy.Providers;
using RemixProxy.Telemetry;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Transforms.Builder;

namespace RemixProxy.Exchanges;

/// <summary>Registers the services that send native requests through YARP.</summary>
internal static class ExchangesRegistration
{
    /// <summary>Adds these services.</summary>
    /// <param name="services">The application's services.</param>
    /// <param name="configureHttpClient">The application's settings of the HTTP handler.</param>
    /// <exception cref="InvalidOperationException">The application has registered its own client factory.</exception>
    public static IServiceCollection AddExchanges(this IServiceCollection services, Action<ForwarderHttpClientContext, SocketsHttpHandler>? configureHttpClient)
    {
        if (services.Any(IsForeignFactory))
        {
            throw new InvalidOperationException(
                "An IForwarderHttpClientFactory is registered already, perhaps by ConfigureHttpClient. "
                + "RemixProxy's own guards addresses: pass handler settings to AddRemixProxy instead.");
        }

        services.TryAddSingleton(s => new TraceContextPropagator(s.GetRequiredService<ProviderRegistry>().Current.Options.Telemetry.TraceContextHosts));
        services.TryAddSingleton<RequestSigning>();
        services.TryAddSingleton<ForwardPipeline>();
        services.TryAddSingleton<AnswerBudget>();
        services.TryAddSingleton<ExchangeSender>();
        services.TryAddSingleton<UnknownWords>();
        services.TryAddSingleton<FormServers>();
        services.TryAddSingleton<ExchangeRunner>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ITransformProvider, VideoTransformProvider>());
        if (configureHttpClient is not null) services.AddSingleton(new HttpClientHook(configureHttpClient));
        // The factory is replaced, not added. A later registration of another one must fail by name instead of removing the address guard.
        services.Replace(ServiceDescriptor.Singleton<IForwarderHttpClientFactory, GuardedForwarderHttpClientFactory>());
        return services;
    }

    private static bool IsForeignFactory(ServiceDescriptor service) =>
        service.ServiceType == typeof(IForwarderHttpClientFactory)
        && service.ImplementationType != typeof(ForwarderHttpClientFactory) && service.ImplementationType != typeof(GuardedForwarderHttpClientFactory);
}
