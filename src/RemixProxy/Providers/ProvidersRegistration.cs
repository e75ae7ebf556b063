using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using RemixProxy.Adapters;
using RemixProxy.Configuration;
using RemixProxy.Providers.Google;

namespace RemixProxy.Providers;

/// <summary>Registers the options, the built-in adapters and the registry of the configured accounts.</summary>
internal static class ProvidersRegistration
{
    public static IServiceCollection AddProviders(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions();
        services.TryAddSingleton(new RemixProxyConfiguration(configuration));
        services.TryAddSingleton<ReadOptions>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IConfigureOptions<RemixProxyOptions>, ReadOptions>(s => s.GetRequiredService<ReadOptions>()));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<RemixProxyOptions>, ReadOptions>(s => s.GetRequiredService<ReadOptions>()));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<RemixProxyOptions>, CheckProviders>());
        foreach (var adapter in BuiltInAdapters.All) services.TryAddEnumerable(ServiceDescriptor.Singleton(adapter));
        // The way out is read late: the registry that knows it asks the signers first whether the credentials are well.
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IRequestSigner, GoogleSigner>(s => new(s.GetRequiredService<OutboundProxy>)));
        services.TryAddSingleton<ProviderRegistry>();
        services.TryAddSingleton(
            s => OutboundProxy.Read(s.GetRequiredService<ProviderRegistry>().Current.Options.Http, s.GetRequiredService<RemixProxyConfiguration>().Root, []));
        return services;
    }
}
