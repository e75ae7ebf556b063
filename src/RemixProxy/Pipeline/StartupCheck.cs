using Microsoft.Extensions.Hosting;
using RemixProxy.Exchanges;
using RemixProxy.Providers;
using Yarp.ReverseProxy.Forwarder;

namespace RemixProxy.Pipeline;

/// <summary>Stops a start that could not be safe: wrong configuration, or a client factory without the address guard.</summary>
internal sealed class StartupCheck(ProviderRegistry registry, IForwarderHttpClientFactory factory) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        // Constructing the registry has read the configuration.
        _ = registry.Current;
        return factory is GuardedForwarderHttpClientFactory
            ? Task.CompletedTask
            : throw new InvalidOperationException($"The IForwarderHttpClientFactory is {factory.GetType()}, not RemixProxy's, which guards addresses: pass handler settings to AddRemixProxy instead.");
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
