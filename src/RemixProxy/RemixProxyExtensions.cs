using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using RemixProxy.Cache;
using RemixProxy.Exchanges;
using RemixProxy.Jobs;
using RemixProxy.Operations;
using RemixProxy.Pipeline;
using RemixProxy.Providers;
using RemixProxy.Redis;
using RemixProxy.Resilience;
using RemixProxy.Telemetry;
using Yarp.ReverseProxy.Forwarder;

namespace RemixProxy;

/// <summary>Adds RemixProxy to a YARP application.</summary>
public static class RemixProxyExtensions
{
    /// <summary>
    /// Adds the routes <c>remixproxy-…</c>, a cluster <c>remixproxy-{provider}</c> for each enabled provider, and the services behind them. Routes and clusters
    /// of the application stay untouched.
    /// </summary>
    /// <param name="builder">The application's reverse proxy.</param>
    /// <param name="configuration">The application's configuration, which holds the section <c>RemixProxy</c> and the providers' conventional environment
    /// variables.</param>
    /// <param name="configureHttpClient">Changes the HTTP handler of every cluster, also of the application's own. It can't remove the address guard of the
    /// providers' clusters.</param>
    /// <remarks>A second call only adds its <paramref name="configureHttpClient"/>.</remarks>
    /// <exception cref="InvalidOperationException">The application has registered its own <see cref="IForwarderHttpClientFactory"/>.</exception>
    public static IReverseProxyBuilder AddRemixProxy(
        this IReverseProxyBuilder builder, IConfiguration configuration, Action<ForwarderHttpClientContext, SocketsHttpHandler>? configureHttpClient = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configuration);
        builder.Services
            .AddVideoTelemetry()
            .AddResilience()
            .AddProviders(configuration)
            .AddExchanges(configureHttpClient)
            // Redis comes before the stores of this process, because the first registration wins.
            .AddRedis()
            .AddJobs()
            .AddCache()
            .AddOperations()
            .AddPipeline();
        return builder;
    }

    /// <summary>Serves the Videos API in the proxy pipeline. Call it before session affinity, load balancing and passive health checks.</summary>
    public static IReverseProxyApplicationBuilder UseRemixProxy(this IReverseProxyApplicationBuilder app)
    {
        ArgumentNullException.ThrowIfNull(app);
        app.UseMiddleware<VideoCallMiddleware>();
        return app;
    }
}
