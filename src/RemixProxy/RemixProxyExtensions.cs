using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using RemixProxy.Cache;
using RemixProxy.Cache.Embedding;
using RemixProxy.Cache.Language;
using RemixProxy.Configuration;
using RemixProxy.Exchanges;
using RemixProxy.Jobs;
using RemixProxy.Operations;
using RemixProxy.Operations.Content;
using RemixProxy.Operations.Submit;
using RemixProxy.Pipeline;
using RemixProxy.Providers;
using RemixProxy.Redis;
using RemixProxy.Resilience;
using RemixProxy.Telemetry;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;

namespace RemixProxy;

/// <summary>Adds RemixProxy to a YARP application.</summary>
public static class RemixProxyExtensions
{
    /// <summary>
    /// Adds the routes <c>remixproxy-…</c>, a cluster <c>remixproxy-{provider}</c> for each enabled provider, and what serves them. Routes and clusters of the application stay untouched.
    /// </summary>
    /// <param name="builder">The application's reverse proxy.</param>
    /// <param name="configuration">The application's configuration; the section <c>RemixProxy</c> and the providers' conventional key variables are read from it.</param>
    /// <param name="configureHttpClient">Settings of the HTTP handler of every cluster, also the application's own. The address guard of the providers' clusters can't be set aside by it.</param>
    /// <exception cref="InvalidOperationException">The application has a client factory of its own.</exception>
    public static IReverseProxyBuilder AddRemixProxy(
        this IReverseProxyBuilder builder, IConfiguration configuration, Action<ForwarderHttpClientContext, SocketsHttpHandler>? configureHttpClient = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configuration);
        var services = builder.Services;
        if (services.Any(s => s.ServiceType == typeof(IForwarderHttpClientFactory) && s.ImplementationType != typeof(ForwarderHttpClientFactory)))
            throw new InvalidOperationException("An IForwarderHttpClientFactory is registered already, perhaps by ConfigureHttpClient. RemixProxy's own guards addresses: pass handler settings to AddRemixProxy instead.");
        services.TryAddSingleton(TimeProvider.System);
        services.AddOptions();
        services.AddSingleton(new RemixProxyConfiguration(configuration));
        services.AddSingleton<ReadOptions>();
        services.AddSingleton<IConfigureOptions<RemixProxyOptions>>(s => s.GetRequiredService<ReadOptions>());
        services.AddSingleton<IValidateOptions<RemixProxyOptions>>(s => s.GetRequiredService<ReadOptions>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<RemixProxyOptions>, CheckRedis>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<RemixProxyOptions>, CheckWords>());
        services.AddSingleton<IValidateOptions<RemixProxyOptions>, CheckProviders>();
        foreach (var provider in BuiltInAdapters.All) services.AddSingleton(provider);
        services.AddSingleton<ProviderRegistry>();
        services.AddSingleton<IProxyConfigProvider, RemixProxyConfigProvider>();
        services.AddMetrics();
        services.AddSingleton<KnownDependencies>();
        services.AddSingleton<VideoMetrics>();
        services.AddSingleton<TraceContextPropagator>();
        services.AddSingleton<RedisDatabase>();
        services.AddSingleton<RedisVectorSets>();
        services.AddSingleton<RedisVectorTables>();
        services.AddSingleton<RedisSemanticIndex>();
        services.AddSingleton<IJobStore>(s => UsesRedis(s) ? ActivatorUtilities.CreateInstance<RedisJobStore>(s) : ActivatorUtilities.CreateInstance<MemoryJobStore>(s));
        services.AddSingleton<ExchangeRunner>();
        services.AddSingleton<JobPolls>();
        services.AddSingleton<VideoIdResolver>();
        services.AddSingleton<SourceVideos>();
        services.AddSingleton<ContentSource>();
        services.AddSingleton<BodyBudget>();
        services.AddSingleton<SubmitSlots>();
        services.AddSingleton<Drain>();
        services.AddSingleton<ISemanticIndex>(s => UsesRedis(s) ? s.GetRequiredService<RedisSemanticIndex>() : new MemorySemanticIndex(s.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IPromptEmbedder>(s => new PromptEmbedder(
            s.GetRequiredService<ProviderRegistry>(),
            new LexicalEmbedder(),
            s.GetKeyedService<IEmbeddingGenerator<string, Embedding<float>>>(PromptEmbedder.ServiceKey),
            s.GetRequiredService<TraceContextPropagator>(),
            s.GetRequiredService<TimeProvider>(),
            s.GetRequiredService<ILogger<PromptEmbedder>>()));
        services.AddSingleton<SubmitRepeats>();
        services.AddSingleton<SubmitSender>();
        services.AddSingleton<LexicalConflict>();
        services.AddSingleton<CacheEntries>();
        services.AddSingleton<CachedVideos>();
        services.AddSingleton<SimilarPrompts>();
        services.AddSingleton<SemanticCache>();
        services.AddSingleton<IVideoOperation, SubmitOperation>();
        services.AddSingleton<IVideoOperation, RetrieveOperation>();
        services.AddSingleton<IVideoOperation, ListOperation>();
        services.AddSingleton<IVideoOperation, DeleteOperation>();
        services.AddSingleton<IVideoOperation, ContentOperation>();
        services.AddSingleton<IVideoOperation, ModelsOperation>();
        builder.AddTransforms<VideoTransformProvider>();
        if (configureHttpClient is not null) services.AddSingleton(new HttpClientHook(configureHttpClient));
        // Replaced, not added: a later registration of another factory must fail by name instead of taking the address guard away.
        services.Replace(ServiceDescriptor.Singleton<IForwarderHttpClientFactory, GuardedForwarderHttpClientFactory>());
        services.AddHostedService<StartupCheck>();
        services.AddHostedService<RedisUpkeep>();
        services.AddHostedService(s => s.GetRequiredService<Drain>());
        services.AddSingleton<IPostConfigureOptions<HostOptions>>(s => new PostConfigureOptions<HostOptions>(Options.DefaultName, o => LeaveTimeToDrain(o, s.GetRequiredService<ProviderRegistry>())));
        return builder;
    }

    /// <summary>Serves the Videos API in the proxy pipeline; before session affinity, load balancing and passive health checks.</summary>
    public static IReverseProxyApplicationBuilder UseRemixProxy(this IReverseProxyApplicationBuilder app)
    {
        ArgumentNullException.ThrowIfNull(app);
        app.UseMiddleware<VideoCallMiddleware>();
        return app;
    }

    // .NET's own 30 seconds would cut submits that may take 60.
    private static void LeaveTimeToDrain(HostOptions host, ProviderRegistry registry)
    {
        var least = registry.Current.Options.DrainTimeout + Drain.CloseTimeout;
        if (host.ShutdownTimeout != Timeout.InfiniteTimeSpan && host.ShutdownTimeout < least) host.ShutdownTimeout = least;
    }

    private static bool UsesRedis(IServiceProvider services) => services.GetRequiredService<ProviderRegistry>().Current.Options.Redis.IsUsed;
}
