namespace RemixProxy.Resilience;

/// <summary>What may need a server, and can tell the state of it.</summary>
internal interface IKnownDependency
{
    /// <summary>The state of the server; null where none is needed as things are configured.</summary>
    DependencyState? State { get; }
}
