namespace RemixProxy.FunctionalTests.Telemetry;

/// <summary>A rule as a server has loaded it.</summary>
/// <param name="Name">The alert's, or the recorded metric's.</param>
/// <param name="Query">Its expression.</param>
/// <param name="IsAlert">Whether it is an alert.</param>
/// <param name="Labels">The labels that the rule adds.</param>
/// <param name="Annotations">What an alert says.</param>
/// <param name="LastError">The error of its last evaluation; empty where it had none.</param>
internal sealed record PrometheusRule(
    string Name, string Query, bool IsAlert, IReadOnlyDictionary<string, string> Labels, IReadOnlyDictionary<string, string> Annotations, string LastError);
