using System.Diagnostics;
using RemixProxy.Contract;

namespace RemixProxy.Telemetry;

/// <summary>
/// Hands the trace's ids on to the hosts that the operator names, and to no other, because they are no foreign server's business. Baggage, which callers fill,
/// goes nowhere.
/// </summary>
/// <param name="hosts"><c>Telemetry:TraceContextHosts</c> as it was at the start, so that handlers made before and after a reload agree.</param>
internal sealed class TraceContextPropagator(IReadOnlyList<string> hosts) : DistributedContextPropagator
{
    private readonly DistributedContextPropagator _w3c = CreateW3CPropagator();

    public override IReadOnlyCollection<string> Fields => ["traceparent", "tracestate"];

    public override void Inject(Activity? activity, object? carrier, PropagatorSetterCallback? setter)
    {
        if (setter is null || carrier is not HttpRequestMessage { RequestUri: { } url } || !IsNamed(url)) return;
        _w3c.Inject(activity, carrier, (target, name, value) =>
        {
            if (Fields.Contains(name)) setter(target, name, value);
        });
    }

    public override void ExtractTraceIdAndState(object? carrier, PropagatorGetterCallback? getter, out string? traceId, out string? traceState) =>
        _w3c.ExtractTraceIdAndState(carrier, getter, out traceId, out traceState);

    public override IEnumerable<KeyValuePair<string, string?>>? ExtractBaggage(object? carrier, PropagatorGetterCallback? getter) => null;

    private bool IsNamed(Uri url) => hosts.Any(host => Origin.IsHost(host, url));
}
