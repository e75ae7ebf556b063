namespace RemixProxy.Resilience;

/// <summary>A part that may need a server and knows the server's state.</summary>
internal interface IKnownDependency
{
    /// <summary>The server's state; null where the configuration needs none.</summary>
    DependencyState? State { get; }
}
