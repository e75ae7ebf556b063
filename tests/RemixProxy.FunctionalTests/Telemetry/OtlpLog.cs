namespace RemixProxy.FunctionalTests.Telemetry;

/// <summary>A log record as a collector gets it; outside of a span its ids are empty.</summary>
internal sealed record OtlpLog(
    OtlpOrigin Origin, string Severity, object? Body, IReadOnlyDictionary<string, object?> Attributes, string TraceId, string SpanId);
