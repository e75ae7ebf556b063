using System.Diagnostics.Metrics;
using RemixProxy.Telemetry;

namespace RemixProxy.Resilience;

/// <summary>The servers that this process needs, with their states. A gauge shows them too.</summary>
internal sealed class KnownDependencies
{
    private readonly IKnownDependency[] _dependencies;

    public KnownDependencies(IEnumerable<IKnownDependency> dependencies, IMeterFactory meters)
    {
        _dependencies = [.. dependencies];
        meters.Create(VideoMetrics.MeterName)
            .CreateObservableGauge("remixproxy.dependency.up", () => States().Select(Up), "1", "Whether a server that this process needs answers: 1 or 0.");
    }

    public IEnumerable<DependencyState> States() => _dependencies.Select(d => d.State).OfType<DependencyState>();

    private static Measurement<int> Up(DependencyState state) => new(state.IsUp ? 1 : 0, new KeyValuePair<string, object?>("dependency", state.Name));
}
