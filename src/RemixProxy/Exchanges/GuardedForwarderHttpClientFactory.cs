using System.Net;
using Microsoft.Extensions.Logging;
using RemixProxy.Configuration;
using RemixProxy.Exchanges.Signing;
using RemixProxy.Providers;
using RemixProxy.Telemetry;
using Yarp.ReverseProxy.Forwarder;

namespace RemixProxy.Exchanges;

/// <summary>
/// YARP's client factory. On the clusters of our providers it adds the address guard and <see cref="ExchangeHandler"/>, which no other setting can remove.
/// </summary>
internal sealed class GuardedForwarderHttpClientFactory(
    ILogger<ForwarderHttpClientFactory> logger,
    IEnumerable<HttpClientHook> hooks,
    TraceContextPropagator traceContext,
    RequestSigning signing,
    ProviderRegistry registry,
    OutboundProxy proxy,
    TimeProvider time)
    : ForwarderHttpClientFactory(logger)
{
    protected override void ConfigureHandler(ForwarderHttpClientContext context, SocketsHttpHandler handler)
    {
        base.ConfigureHandler(context, handler);
        foreach (var hook in hooks) hook.Configure(context, handler);
        if (!IsOurs(context)) return;
        handler.ConnectTimeout = handler.ConnectTimeout == Timeout.InfiniteTimeSpan ? TimeSpan.FromSeconds(15) : handler.ConnectTimeout;
        handler.AllowAutoRedirect = false;
        handler.ActivityHeadersPropagator = traceContext;
        // A proxy that the application chose stays. Simulated providers are in this process, where no proxy leads.
        if (!handler.UseProxy && registry.Current.Options.Sandbox != true) (handler.Proxy, handler.UseProxy) = (proxy, true);
        var way = WayOf(handler);
        handler.ConnectCallback = (connection, cancellationToken) =>
        {
            // A request that is no exchange (a health probe, an application's own route to the cluster) goes to a configured destination.
            var request = connection.InitialRequestMessage;
            var trusted = !request.Options.TryGetValue(OutboundExchange.Key, out var exchange) || exchange.IsTrusted(request.RequestUri!);
            return way.ConnectAsync(connection, trusted, cancellationToken);
        };
        var filter = handler.PlaintextStreamFilter;
        handler.PlaintextStreamFilter = async (connection, cancellationToken) =>
        {
            var stream = filter is null ? connection.PlaintextStream : await filter(connection, cancellationToken);
            // HTTP/2 reads and writes at the same time by itself.
            return connection.NegotiatedHttpVersion.Major == 1 ? new EarlyAnswerStream(stream) : stream;
        };
    }

    protected override HttpMessageHandler WrapHandler(ForwarderHttpClientContext context, HttpMessageHandler handler)
    {
        var wrapped = base.WrapHandler(context, handler);
        return IsOurs(context) ? new ExchangeHandler(signing, WayOf((SocketsHttpHandler)handler)) { InnerHandler = wrapped } : wrapped;
    }

    private WayOut WayOf(SocketsHttpHandler handler) =>
        new(handler.UseProxy ? handler.Proxy ?? HttpClient.DefaultProxy : null, time, Dns.GetHostAddressesAsync);

    private static bool IsOurs(ForwarderHttpClientContext context) => context.ClusterId.StartsWith(ProxyNames.Prefix, StringComparison.Ordinal);
}

/// <summary>The application's settings of the HTTP handler.</summary>
/// <param name="Configure">Runs before the plugin sets its own values.</param>
internal sealed record HttpClientHook(Action<ForwarderHttpClientContext, SocketsHttpHandler> Configure);
