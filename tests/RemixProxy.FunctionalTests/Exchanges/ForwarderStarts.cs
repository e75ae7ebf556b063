using System.Collections.Concurrent;
using System.Diagnostics.Tracing;

namespace RemixProxy.FunctionalTests.Exchanges;

/// <summary>Counts what YARP's forwarder says it begins, by the server that it goes to: the event source is the whole process's.</summary>
internal sealed class ForwarderStarts(Uri server) : EventListener
{
    private readonly ConcurrentQueue<string> _prefixes = new();
    private int _seen;

    /// <summary>How many since the last question.</summary>
    public int New()
    {
        var all = _prefixes.Count(p => p.StartsWith(server.AbsoluteUri, StringComparison.Ordinal));
        var fresh = all - _seen;
        _seen = all;
        return fresh;
    }

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == "Yarp.ReverseProxy") EnableEvents(eventSource, EventLevel.Informational);
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        if (eventData.EventName == "ForwarderStart") _prefixes.Enqueue((string)eventData.Payload![0]!);
    }
}
