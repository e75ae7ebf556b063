namespace RemixProxy.Resilience;

/// <summary>The servers that this process needs, with the state they are in.</summary>
internal sealed class KnownDependencies(IEnumerable<IKnownDependency> dependencies)
{
    public IEnumerable<DependencyState> States() => dependencies.Select(d => d.State).OfType<DependencyState>();
}
