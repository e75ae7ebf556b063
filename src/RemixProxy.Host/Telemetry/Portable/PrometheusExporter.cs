using System.Globalization;
using System.Text;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace RemixProxy.Host.Telemetry;

/// <summary>The Prometheus text format 0.0.4, collected when it is asked for. Names are made by the rules of OpenTelemetry's own exporter, so that both package sets have the same.</summary>
[ExportModes(ExportModes.Pull)]
internal sealed class PrometheusExporter : BaseExporter<Metric>, IPullMetricExporter
{
    private const int CollectTimeout = 5000;

    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly StringBuilder _text = new();

    public Func<int, bool>? Collect { get; set; }

    /// <summary>Collects, and answers a scrape.</summary>
    public async Task WriteAsync(HttpResponse response)
    {
        string text;
        await _turn.WaitAsync(response.HttpContext.RequestAborted);
        try
        {
            _text.Clear();
            if (Collect?.Invoke(CollectTimeout) != true)
            {
                response.StatusCode = StatusCodes.Status503ServiceUnavailable;
                return;
            }

            text = _text.ToString();
        }
        finally
        {
            _turn.Release();
        }

        response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
        await response.WriteAsync(text, response.HttpContext.RequestAborted);
    }

    public override ExportResult Export(in Batch<Metric> batch)
    {
        var families = new Dictionary<string, List<Metric>>(StringComparer.Ordinal);
        foreach (var metric in batch)
        {
            var name = NameOf(metric);
            if (!families.TryGetValue(name, out var family)) families[name] = family = [];
            family.Add(metric);
        }

        foreach (var (name, family) in families) WriteFamily(name, family);
        return ExportResult.Success;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) _turn.Dispose();
        base.Dispose(disposing);
    }

    private static bool IsCounter(MetricType type) => type is MetricType.LongSum or MetricType.DoubleSum;

    private static string NameOf(Metric metric)
    {
        var name = Words(metric.Name);
        if (UnitOf(metric.Unit) is { Length: > 0 } unit && !name.EndsWith(unit, StringComparison.Ordinal)) name += "_" + unit;
        return IsCounter(metric.MetricType) && !name.EndsWith("_total", StringComparison.Ordinal) ? name + "_total" : name;
    }

    /// <summary>A unit as Prometheus spells it. An annotation in braces is none, and so is 1.</summary>
    private static string UnitOf(string unit) => unit switch
    {
        "1" => "",
        "s" => "seconds",
        "ms" => "milliseconds",
        "By" => "bytes",
        "%" => "percent",
        _ => Words(unit.IndexOf('{', StringComparison.Ordinal) is >= 0 and var brace ? unit[..brace] : unit),
    };

    private static string Words(string text)
    {
        var words = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            if (char.IsAsciiLetterOrDigit(c) || c == ':') words.Append(c);
            else if (words.Length > 0 && words[^1] != '_') words.Append('_');
        }

        return words.ToString().TrimEnd('_');
    }

    private void WriteFamily(string name, List<Metric> family)
    {
        var type = family[0].MetricType;
        var isHistogram = type == MetricType.Histogram;
        if (!isHistogram && type is MetricType.ExponentialHistogram) return;
        if (family[0].Description is { Length: > 0 } help) _text.Append("# HELP ").Append(name).Append(' ').Append(Escape(help, quotes: false)).Append('\n');
        _text.Append("# TYPE ").Append(name).Append(isHistogram ? " histogram\n" : IsCounter(type) ? " counter\n" : " gauge\n");
        foreach (var metric in family)
        {
            foreach (ref readonly var point in metric.GetMetricPoints())
            {
                if (isHistogram) WriteHistogram(name, point);
                else WriteSample(name, point.Tags, null, ValueOf(metric.MetricType, point));
            }
        }
    }

    private static double ValueOf(MetricType type, in MetricPoint point) => type switch
    {
        MetricType.LongSum or MetricType.LongSumNonMonotonic => point.GetSumLong(),
        MetricType.DoubleSum or MetricType.DoubleSumNonMonotonic => point.GetSumDouble(),
        MetricType.LongGauge => point.GetGaugeLastValueLong(),
        _ => point.GetGaugeLastValueDouble(),
    };

    private void WriteHistogram(string name, in MetricPoint point)
    {
        long count = 0;
        foreach (var bucket in point.GetHistogramBuckets())
        {
            count += bucket.BucketCount;
            WriteSample(name + "_bucket", point.Tags, bucket.ExplicitBound, count);
        }

        WriteSample(name + "_sum", point.Tags, null, point.GetHistogramSum());
        WriteSample(name + "_count", point.Tags, null, count);
    }

    private void WriteSample(string name, ReadOnlyTagCollection tags, double? bound, double value)
    {
        _text.Append(name);
        var separator = '{';
        foreach (var (key, tag) in tags)
        {
            _text.Append(separator).Append(Words(key)).Append("=\"").Append(Escape(Convert.ToString(tag, CultureInfo.InvariantCulture) ?? "", quotes: true)).Append('"');
            separator = ',';
        }

        if (bound is { } le)
        {
            _text.Append(separator).Append("le=\"").Append(Number(le)).Append('"');
            separator = ',';
        }

        if (separator == ',') _text.Append('}');
        _text.Append(' ').Append(Number(value)).Append('\n');
    }

    private static string Number(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        _ => value.ToString(CultureInfo.InvariantCulture),
    };

    private static string Escape(string text, bool quotes)
    {
        text = text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
        return quotes ? text.Replace("\"", "\\\"", StringComparison.Ordinal) : text;
    }
}
