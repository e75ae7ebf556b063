using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RemixProxy.Exchanges;
using RemixProxy.Providers;
using RemixProxy.Resilience;
using RemixProxy.Telemetry;
using Yarp.ReverseProxy.Forwarder;

namespace RemixProxy.Pipeline;

/// <summary>
/// Refuses to start with a wrong configuration, without ICU, or with a client factory that lacks the address guard.
/// </summary>
internal sealed partial class StartupCheck(
    ProviderRegistry registry, KnownDependencies dependencies, IForwarderHttpClientFactory factory, ILogger<StartupCheck> logger) : IHostedService
{
    /// <exception cref="PlatformNotSupportedException">Globalization is invariant: <c>string.Normalize</c> silently returns its input.</exception>
    public static void RequireNormalForm()
    {
        if ("e\u0301".Normalize() == "é") return;
        throw new PlatformNotSupportedException(
            "RemixProxy needs ICU to compare prompts, and this process runs with invariant globalization: unset DOTNET_SYSTEM_GLOBALIZATION_INVARIANT "
            + "(and InvariantGlobalization in the project), and install ICU, which .NET's chiseled and Alpine images have in their -extra variants only.");
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        RequireNormalForm();
        // Creating these services has read the configuration and begun to watch it.
        (_, _) = (registry, dependencies);
        foreach (var provider in registry.Current.Providers.Where(ProviderText.HasShortSecret))
            Log.ShortSecret(logger, provider.Name, ProviderText.LeastSecret);
        return factory is GuardedForwarderHttpClientFactory
            ? Task.CompletedTask
            : throw new InvalidOperationException(
            $"The IForwarderHttpClientFactory is {factory.GetType()}, not RemixProxy's, which guards addresses: "
            + "pass handler settings to AddRemixProxy instead.");
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static partial class Log
    {
        [LoggerMessage(EventIds.ShortSecret, LogLevel.Warning,
            "{Provider} has a key or secret of less than {Least} characters: what this provider says reaches callers and this log without a search for it.")]
        public static partial void ShortSecret(ILogger logger, string provider, int least);
    }
}
