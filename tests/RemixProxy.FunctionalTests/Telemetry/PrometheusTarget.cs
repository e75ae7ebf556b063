namespace RemixProxy.FunctionalTests.Telemetry;

/// <summary>A server that Prometheus asks, and what is wrong with its last answer, if anything.</summary>
internal sealed record PrometheusTarget(Uri Address, bool IsUp, string LastError);
