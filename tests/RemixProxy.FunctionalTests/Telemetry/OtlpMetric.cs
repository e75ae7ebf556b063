namespace RemixProxy.FunctionalTests.Telemetry;

/// <summary>A metric as a collector gets it, without its points.</summary>
internal sealed record OtlpMetric(OtlpOrigin Origin, string Name, string Unit, string Description);
