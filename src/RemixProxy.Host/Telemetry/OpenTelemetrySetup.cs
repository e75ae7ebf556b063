using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace RemixProxy.Host.Telemetry;

/// <summary>Sets up what is measured and traced. Metrics go to <c>/metrics</c>; with an OTLP endpoint, metrics and spans go there too.</summary>
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
            .WithMetrics(AddMeters);
        // The exporters read the environment by themselves, so the environment alone decides. One exporter for all signals would export the log too.
        // Spans that nobody gets are not made.
        if (Environment.GetEnvironmentVariable(OtlpEndpoint) is { Length: > 0 })
        {
            telemetry.WithMetrics(m => m.AddOtlpExporter())
                .WithTracing(t => t.AddSource(Sources).AddProcessor(new ProbeFilter()).AddOtlpExporter());
        }
    }

    public static IEndpointConventionBuilder MapMetrics(this WebApplication app) => app.MapPrometheusScrapingEndpoint("/metrics");

    private static void AddMeters(MeterProviderBuilder metrics)
    {
        metrics.AddMeter(Meters).AddPrometheusExporter(o =>
        {
            // A series has only the instrument's own labels, and every scrape is up to date.
            o.ScopeInfoEnabled = false;
            o.TargetInfoEnabled = false;
            o.ScrapeResponseCacheDurationMilliseconds = 0;
        });
        // Prometheus takes a name that ends in "count" for a part of a histogram.
        metrics.AddView("dotnet.assembly.count", "dotnet.assemblies").AddView("dotnet.process.cpu.count", "dotnet.process.cpus").AddView(
            "dotnet.timer.count", "dotnet.timers");
        foreach (var name in OfHttpClient)
            metrics.AddView(
                name, new MetricStreamConfiguration { TagKeys = ["http.request.method", "http.response.status_code", "http.connection.state", "error.type"] });
        metrics.AddView("dns.lookup.duration", new MetricStreamConfiguration { TagKeys = ["error.type"] });
    }
}
