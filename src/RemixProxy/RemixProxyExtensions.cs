using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using RemixProxy.Cache;
using RemixProxy.Exchanges;
using RemixProxy.Jobs;
using RemixProxy.Limits;
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
            .AddLimits()
            .AddCache()
            .AddOperations()
            .AddPipeline();
        return builder;
    }

    /// <summary>
    /// Serves the API under <c>/openai/v1</c> and <c>/openai</c> as under <c>/v1</c>, as clients of Azure OpenAI ask for it, and whatever slashes a base URL
    /// doubles or ends in (<c>//v1/videos</c>, <c>/v1//videos</c>, <c>/v1/videos/</c>). Only paths of videos and models are taken, before the application
    /// routes.
    /// </summary>
    /// <param name="builder">The reverse proxy to which RemixProxy was added.</param>
    /// <remarks>The host has it. In an application of its own the plugin serves <c>/v1/videos*</c> and <c>/v1/models*</c> only, until it is called.</remarks>
    public static IReverseProxyBuilder AddRemixProxyBaseUrls(this IReverseProxyBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.TryAddEnumerable(ServiceDescriptor.Transient<IStartupFilter, BaseUrls>());
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
