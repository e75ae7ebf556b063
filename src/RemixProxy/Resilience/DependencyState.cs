namespace RemixProxy.Resilience;

/// <summary>What is known of a server.</summary>
/// <param name="Name">Its name in metrics and health answers.</param>
/// <param name="IsUp">Whether it serves, as far as we know.</param>
/// <param name="Since">Since when it does, or doesn't.</param>
internal sealed record DependencyState(string Name, bool IsUp, DateTimeOffset Since);
