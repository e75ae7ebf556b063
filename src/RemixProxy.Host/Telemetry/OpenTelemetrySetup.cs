using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace RemixProxy.Host.Telemetry;

/// <summary>What is measured and traced, and where it goes: to <c>/metrics</c>, and by OTLP where an endpoint is configured.</summary>
internal static class OpenTelemetrySetup
{
    private const string OtlpEndpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const string Service = "remixproxy";

    private static readonly string[] Meters =
        ["RemixProxy", "System.Runtime", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Net.Http", "System.Net.NameResolution"];

    private static readonly string[] Sources = ["RemixProxy", "Microsoft.AspNetCore", "System.Net.Http", "Yarp.ReverseProxy"];

    /// <summary>The instruments of <c>HttpClient</c>, whose labels would name every host that a provider's answers point to.</summary>
    private static readonly string[] OfHttpClient =
        ["http.client.request.duration", "http.client.active_requests", "http.client.open_connections", "http.client.connection.duration",
            "http.client.request.time_in_queue"];

    /// <summary>Adds meters, sources and exporters.</summary>
    public static void AddTelemetry(this WebApplicationBuilder builder)
    {
        // The environment (OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES) wins over our own name.
        var telemetry = builder.Services.AddOpenTelemetry().ConfigureResource(
            r => r.AddService(Service, serviceVersion: typeof(RemixProxyExtensions).Assembly.GetName().Version?.ToString(3)).AddEnvironmentVariableDetector())
            .WithMetrics(AddMeters)
            .WithTracing(t => t.AddSource(Sources).AddProcessor(new ProbeFilter()));
        // The exporters read the environment by themselves, so nothing else may decide. Signal by signal: the one for all would export the log too.
        if (Environment.GetEnvironmentVariable(OtlpEndpoint) is { Length: > 0 })
            telemetry.WithMetrics(m => m.AddOtlpExporter()).WithTracing(t => t.AddOtlpExporter());
    }

    public static IEndpointConventionBuilder MapMetrics(this WebApplication app) => app.MapPrometheusScrapingEndpoint("/metrics");

    private static void AddMeters(MeterProviderBuilder metrics)
    {
        metrics.AddMeter(Meters).AddPrometheusExporter(o =>
        {
            // No labels beside the instrument's own, and every scrape up to date.
            o.ScopeInfoEnabled = false;
            o.TargetInfoEnabled = false;
            o.ScrapeResponseCacheDurationMilliseconds = 0;
        });
        // Prometheus takes "count" at the end for a part of a histogram.
        metrics.AddView("dotnet.assembly.count", "dotnet.assemblies").AddView("dotnet.process.cpu.count", "dotnet.process.cpus").AddView(
            "dotnet.timer.count", "dotnet.timers");
        foreach (var name in OfHttpClient)
            metrics.AddView(
                name, new MetricStreamConfiguration { TagKeys = ["http.request.method", "http.response.status_code", "http.connection.state", "error.type"] });
        metrics.AddView("dns.lookup.duration", new MetricStreamConfiguration { TagKeys = ["error.type"] });
    }
}
