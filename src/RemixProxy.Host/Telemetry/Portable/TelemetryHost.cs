using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace RemixProxy.Host.Telemetry;

/// <summary>OpenTelemetry without its hosting and Prometheus packages, which not every feed carries.</summary>
internal static class TelemetryHost
{
    public static void AddTelemetry(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<PrometheusExporter>();
        builder.Services.AddHostedService<Lifetime>();
    }

    public static IEndpointConventionBuilder MapMetrics(this WebApplication app) => app.MapGet("/metrics", (HttpContext context, PrometheusExporter exporter) => exporter.WriteAsync(context.Response));

    /// <summary>Measures and traces from before the server starts until after it has stopped; what is left then is sent.</summary>
    private sealed class Lifetime(PrometheusExporter exporter) : IHostedLifecycleService
    {
        private OpenTelemetrySdk? _sdk;

        public Task StartingAsync(CancellationToken cancellationToken)
        {
            _sdk = OpenTelemetrySdk.Create(o => o.Configure().WithMetrics(m => m.AddReader(new BaseExportingMetricReader(exporter))));
            return Task.CompletedTask;
        }

        public Task StoppedAsync(CancellationToken cancellationToken)
        {
            _sdk?.Dispose();
            return Task.CompletedTask;
        }

        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
