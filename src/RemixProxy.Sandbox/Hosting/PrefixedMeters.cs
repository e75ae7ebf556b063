using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace RemixProxy.Sandbox.Hosting;

/// <summary>Gives the sandbox's own meters names of their own: listeners go by name, so its requests would count as the proxy's in the same process.</summary>
internal sealed class PrefixedMeters : IMeterFactory
{
    private readonly ConcurrentBag<Meter> _meters = [];

    public Meter Create(MeterOptions options)
    {
        var meter = new Meter(new MeterOptions($"RemixProxy.Sandbox.{options.Name}") { Version = options.Version, Tags = options.Tags, Scope = this });
        _meters.Add(meter);
        return meter;
    }

    public void Dispose()
    {
        while (_meters.TryTake(out var meter))
            meter.Dispose();
    }
}
