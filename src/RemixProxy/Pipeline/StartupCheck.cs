using Microsoft.Extensions.Hosting;
using RemixProxy.Exchanges;
using RemixProxy.Providers;
using RemixProxy.Resilience;
using Yarp.ReverseProxy.Forwarder;

namespace RemixProxy.Pipeline;

/// <summary>Stops a start that could not be safe: wrong configuration, or a client factory without the address guard.</summary>
internal sealed class StartupCheck(ProviderRegistry registry, KnownDependencies dependencies, IForwarderHttpClientFactory factory) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        // Making them has read the configuration, and begun to watch.
        (_, _) = (registry, dependencies);
        return factory is GuardedForwarderHttpClientFactory
            ? Task.CompletedTask
            : throw new InvalidOperationException($"The IForwarderHttpClientFactory is {factory.GetType()}, not RemixProxy's, which guards addresses: pass handler settings to AddRemixProxy instead.");
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
