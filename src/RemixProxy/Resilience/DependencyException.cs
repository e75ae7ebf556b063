namespace RemixProxy.Resilience;

/// <summary>A server did not do its work: it is away, was too slow, or refused.</summary>
internal sealed class DependencyException(string name, Exception? inner = null) : Exception($"{name} is not available.", inner);
