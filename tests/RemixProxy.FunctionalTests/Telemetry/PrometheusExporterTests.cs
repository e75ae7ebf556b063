using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Http;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using RemixProxy.Host.Telemetry;

namespace RemixProxy.FunctionalTests.Telemetry;

/// <summary>The text format where the host's own metrics never go.</summary>
public class PrometheusExporterTests
{
    [Fact]
    public async Task Odd_labels_texts_numbers_and_names_are_written_as_Prometheus_reads_them()
    {
        using var exporter = new PrometheusExporter();
        using var meter = new Meter("odd-" + Guid.NewGuid().ToString("N"));
        using var other = new Meter(meter.Name + "-other");
        using var sdk = OpenTelemetrySdk.Create(o => o.WithMetrics(m => m.AddMeter(meter.Name, other.Name).AddReader(new BaseExportingMetricReader(exporter))));
        meter.CreateCounter<long>("odd.things", "{thing}", "A \\ and a\nline.").Add(2, new KeyValuePair<string, object?>("the.path", "C:\\a \"b\"\nc"));
        meter.CreateCounter<double>("odd.time_seconds", "s", "Time.").Add(0.25);
        meter.CreateUpDownCounter<long>("odd.level", "By", "Level.").Add(-3);
        meter.CreateObservableGauge("odd.ratio", () => double.PositiveInfinity, "1", "Endless.");
        other.CreateUpDownCounter<long>("odd.level", "By", "Level.").Add(5, new KeyValuePair<string, object?>("of", "other"));
        meter.CreateHistogram<double>("odd.wait", "ms", "Wait.", tags: null, new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.5, 1] }).Record(0.75);

        var context = new DefaultHttpContext { Response = { Body = new MemoryStream() } };
        await exporter.WriteAsync(context.Response);
        var text = System.Text.Encoding.UTF8.GetString(((MemoryStream)context.Response.Body).ToArray());

        Assert.StartsWith("text/plain; version=0.0.4", context.Response.ContentType, StringComparison.Ordinal);
        Assert.Equal(
            """
            # HELP odd_level_bytes Level.
            # TYPE odd_level_bytes gauge
            odd_level_bytes -3
            odd_level_bytes{of="other"} 5
            # HELP odd_ratio Endless.
            # TYPE odd_ratio gauge
            odd_ratio +Inf
            # HELP odd_things_total A \\ and a\nline.
            # TYPE odd_things_total counter
            odd_things_total{the_path="C:\\a \"b\"\nc"} 2
            # HELP odd_time_seconds_total Time.
            # TYPE odd_time_seconds_total counter
            odd_time_seconds_total 0.25
            # HELP odd_wait_milliseconds Wait.
            # TYPE odd_wait_milliseconds histogram
            odd_wait_milliseconds_bucket{le="0.5"} 0
            odd_wait_milliseconds_bucket{le="1"} 1
            odd_wait_milliseconds_bucket{le="+Inf"} 1
            odd_wait_milliseconds_sum 0.75
            odd_wait_milliseconds_count 1

            """,
            string.Concat(text.Split("# HELP ", StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal).Select(f => "# HELP " + f)));
        var check = await Promtool.CheckMetricsAsync(text);
        Assert.DoesNotContain("error", check.Output + check.Errors, StringComparison.OrdinalIgnoreCase);
    }
}
