namespace RemixProxy.Resilience;

/// <summary>What this process knows of a server.</summary>
/// <param name="Name">The server's name in metrics and health answers.</param>
/// <param name="IsUp">Whether it serves.</param>
/// <param name="Since">Since when it has been in this state.</param>
internal sealed record DependencyState(string Name, bool IsUp, DateTimeOffset Since);
