using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;
using RemixProxy.Exchanges;
using RemixProxy.Providers;
using RemixProxy.Resilience;
using RemixProxy.Telemetry;
using Yarp.ReverseProxy.Forwarder;

namespace RemixProxy.Pipeline;

/// <summary>
/// Refuses to start with a wrong configuration, without ICU, or with a client factory that lacks the address guard. Warns where everybody may call.
/// </summary>
internal sealed partial class StartupCheck(
    ProviderRegistry registry, KnownDependencies dependencies, IForwarderHttpClientFactory factory, IServer server, ILogger<StartupCheck> logger)
        : IHostedLifecycleService, IDisposable
{
    private IDisposable? _reload;

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
        foreach (var provider in registry.Current.Providers.Where(p => p.SecretForms.HasShort))
            Log.ShortSecret(logger, provider.Name, SecretForms.LeastSecret);
        return factory is GuardedForwarderHttpClientFactory
            ? Task.CompletedTask
            : throw new InvalidOperationException(
            $"The IForwarderHttpClientFactory is {factory.GetType()}, not RemixProxy's, which guards addresses: "
            + "pass handler settings to AddRemixProxy instead.");
    }

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        WarnIfOpen();
        _reload = ChangeToken.OnChange(registry.GetChangeToken, WarnIfOpen);
        return Task.CompletedTask;
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _reload?.Dispose();

    // The server knows its addresses when it has started.
    private void WarnIfOpen()
    {
        if (!registry.Current.Options.AllowAnonymous || !registry.Current.Clients.IsOpen) return;
        var addresses = server.Features.Get<IServerAddressesFeature>()?.Addresses ?? [];
        if (addresses.FirstOrDefault(a => !OpenAccess.IsLoopback(BindingAddress.Parse(a))) is { } address) Log.OpenToAll(logger, address);
    }

    private static partial class Log
    {
        [LoggerMessage(
            EventIds.OpenToAll, LogLevel.Warning,
            "RemixProxy:AllowAnonymous is true, and {Address} is open to other machines: whoever reaches it can spend your money. "
                + "Remove AllowAnonymous, listen on localhost, or let a firewall or an authenticating gateway decide who reaches it.")]
        public static partial void OpenToAll(ILogger logger, string address);

        [LoggerMessage(EventIds.ShortSecret, LogLevel.Warning,
            "{Provider} has a key or secret of less than {Least} characters: what this provider says reaches callers and this log without a search for it.")]
        public static partial void ShortSecret(ILogger logger, string provider, int least);
    }
}
