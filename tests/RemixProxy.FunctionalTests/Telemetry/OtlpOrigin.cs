namespace RemixProxy.FunctionalTests.Telemetry;

/// <summary>Whose a span, metric or log record is: what made it and where that ran.</summary>
internal sealed record OtlpOrigin(string Scope, string ScopeVersion, IReadOnlyDictionary<string, object?> Resource);
