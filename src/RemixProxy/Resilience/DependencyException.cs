namespace RemixProxy.Resilience;

/// <summary>A dependency did not do its work: it is away, too slow, or refused.</summary>
internal sealed class DependencyException(string name, Exception? inner = null) : Exception($"{name} is not available.", inner);
