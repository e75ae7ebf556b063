using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace RemixProxy.Host.Telemetry;

/// <summary>OpenTelemetry by its own hosting and Prometheus packages.</summary>
internal static class TelemetryHost
{
    public static void AddTelemetry(this WebApplicationBuilder builder) => builder.Services.AddOpenTelemetry().Configure().WithMetrics(m => m.AddPrometheusExporter(o =>
    {
        // As the other package set: no labels beside the instrument's own, every scrape up to date.
        o.ScopeInfoEnabled = false;
        o.TargetInfoEnabled = false;
        o.ScrapeResponseCacheDurationMilliseconds = 0;
    }));

    public static IEndpointConventionBuilder MapMetrics(this WebApplication app) => app.MapPrometheusScrapingEndpoint("/metrics");
}
