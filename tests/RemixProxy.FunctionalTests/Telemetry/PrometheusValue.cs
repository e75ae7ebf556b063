namespace RemixProxy.FunctionalTests.Telemetry;

/// <summary>One of a query's values; the metric's name is the label <c>__name__</c>.</summary>
internal sealed record PrometheusValue(IReadOnlyDictionary<string, string> Labels, double Value);
