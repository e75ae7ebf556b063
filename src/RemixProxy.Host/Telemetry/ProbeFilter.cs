using System.Diagnostics;
using OpenTelemetry;

namespace RemixProxy.Host.Telemetry;

/// <summary>Keeps probes and scrapes, which come every few seconds, out of the traces.</summary>
internal sealed class ProbeFilter : BaseProcessor<Activity>
{
    public override void OnEnd(Activity data)
    {
        if (data.Kind == ActivityKind.Server && data.GetTagItem("url.path") is string path
            && (path == "/metrics" || path.StartsWith("/healthz/", StringComparison.Ordinal)))
            data.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
    }
}
