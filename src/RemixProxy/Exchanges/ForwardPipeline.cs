using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using RemixProxy.Contract;
using RemixProxy.Providers;
using Yarp.ReverseProxy;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;

namespace RemixProxy.Exchanges;

/// <summary>
/// Sends exchanges through the part of YARP's pipeline that follows the plugin's middleware: load balancing, health checks, the application's own middleware,
/// the forwarder.
/// </summary>
/// <remarks>
/// An exchange runs in a context of its own, on the route of its operation, so it needs no caller. Only a stream of bytes to a caller runs in the caller's
/// context.
/// </remarks>
internal sealed class ForwardPipeline(IProxyStateLookup proxy, IServiceScopeFactory scopes)
{
    private RequestDelegate? _next;

    /// <summary>Sets the rest of the pipeline. The middleware calls this when the pipeline is built, before any request.</summary>
    public void Connect(RequestDelegate next) => _next = next;

    /// <summary>Forwards an exchange in a context of its own.</summary>
    /// <returns>The forwarder's error; null where it reports none, or where the provider's cluster no longer exists.</returns>
    public async Task<IForwarderErrorFeature?> ForwardAsync(VideoOperation operation, OutboundExchange exchange, CancellationToken cancellationToken)
    {
        if (Find(operation, exchange.Provider) is not var (route, cluster)) return null;
        await using var made = new MadeContext(scopes, exchange, FeatureOf(route, cluster, exchange.IsSubmit));
        made.Context.RequestAborted = cancellationToken;
        await Next(made.Context);
        return made.Context.GetForwarderErrorFeature();
    }

    /// <summary>Forwards a request for bytes, and streams a good response to the caller.</summary>
    /// <returns>The forwarder's error; null where it reports none, or where the provider's cluster no longer exists.</returns>
    public async Task<IForwarderErrorFeature?> StreamAsync(HttpContext caller, OutboundExchange exchange)
    {
        if (FindCluster(exchange.Provider) is not { } cluster) return null;
        // Each forward starts clean, because a dead URL may need a second one.
        caller.Features.Set<IForwarderErrorFeature>(null);
        caller.Features.Set<IHttpRequestBodyDetectionFeature>(NoBody.Instance);
        caller.Features.Set(exchange);
        var route = caller.GetRouteModel();
        caller.ReassignProxyRequest(new RouteModel(route.Config, cluster, route.Transformer), cluster);
        caller.Response.Clear();
        var feature = caller.GetReverseProxyFeature();
        if (feature.AvailableDestinations.Count == 0) feature.AvailableDestinations = feature.AllDestinations;
        await Next(caller);
        return caller.GetForwarderErrorFeature();
    }

    /// <summary>
    /// Sends an exchange without the forwarder, but over the same cluster, with the same transforms and the same address guard. The response is unread, and the
    /// caller of this method disposes it.
    /// </summary>
    /// <exception cref="HttpRequestException">The request could not be sent.</exception>
    public async Task<HttpResponseMessage> SendBesideAsync(VideoOperation operation, OutboundExchange exchange, CancellationToken cancellationToken)
    {
        var (route, cluster) = Find(operation, exchange.Provider) ?? throw new HttpRequestException("The provider's cluster is gone.");
        var feature = FeatureOf(route, cluster, exchange.IsSubmit);
        var destination = feature.AvailableDestinations is [var first, ..] ? first : throw new HttpRequestException("No destination is available.");
        await using var made = new MadeContext(scopes, exchange, feature);
        using var message = new HttpRequestMessage { Version = System.Net.HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionOrLower };
        await route.Transformer.TransformRequestAsync(made.Context, message, destination.Model.Config.Address, cancellationToken);
        return await cluster.Model.HttpClient.SendAsync(message, cancellationToken);
    }

    private Task Next(HttpContext context) =>
        (_next ?? throw new InvalidOperationException("UseRemixProxy() is missing in the pipeline of MapReverseProxy()."))(context);

    private (RouteModel Route, ClusterState Cluster)? Find(VideoOperation operation, Provider provider) =>
        FindCluster(provider) is { } cluster && proxy.TryGetRoute(ProxyNames.RouteOf(operation), out var route) ? (route, cluster) : null;

    // During a reload YARP's cluster and the call's provider may differ. A key must not go where another configuration points.
    private ClusterState? FindCluster(Provider provider) =>
        proxy.TryGetCluster(ProxyNames.ClusterOf(provider.Name), out var cluster)
            && cluster.Model.Config.Metadata?.GetValueOrDefault(ProxyNames.BaseUrl) == provider.BaseUrl.AbsoluteUri
            ? cluster
            : null;

    // A server that is given up may still answer for the videos that it has. Only what costs money waits until it is back.
    private static ReverseProxyFeature FeatureOf(RouteModel route, ClusterState cluster, bool isSubmit)
    {
        var destinations = cluster.DestinationsState;
        return new()
        {
            // The route carries the cluster too, because YARP takes its counters from there.
            Route = new(route.Config, cluster, route.Transformer),
            Cluster = cluster.Model,
            AllDestinations = destinations.AllDestinations,
            AvailableDestinations = isSubmit || destinations.AvailableDestinations.Count > 0
                ? destinations.AvailableDestinations
                : destinations.AllDestinations,
        };
    }

    /// <summary>The context that YARP and the application's transforms see for an exchange without a caller.</summary>
    private sealed class MadeContext : IAsyncDisposable
    {
        private readonly RequestServicesFeature _services;

        public MadeContext(IServiceScopeFactory scopes, OutboundExchange exchange, IReverseProxyFeature feature)
        {
            var request = Context.Request;
            (request.Method, request.Scheme, request.Host, request.Protocol) = (exchange.Request.Method.Method, "http", new("localhost"), "HTTP/1.1");
            _services = new(Context, scopes);
            Context.Features.Set<IServiceProvidersFeature>(_services);
            Context.Features.Set<IHttpRequestBodyDetectionFeature>(NoBody.Instance);
            Context.Features.Set(feature);
            Context.Features.Set(exchange);
        }

        public DefaultHttpContext Context { get; } = new();

        public ValueTask DisposeAsync() => _services.DisposeAsync();
    }

    /// <summary>Tells YARP that there is no body to forward, because <see cref="ExchangeHandler"/> adds the native body.</summary>
    private sealed class NoBody : IHttpRequestBodyDetectionFeature
    {
        public static readonly NoBody Instance = new();

        public bool CanHaveBody => false;
    }
}
