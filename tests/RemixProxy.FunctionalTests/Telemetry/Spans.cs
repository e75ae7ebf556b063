using System.Collections.Concurrent;
using System.Diagnostics;
using RemixProxy.FunctionalTests.Kit;

namespace RemixProxy.FunctionalTests.Telemetry;

/// <summary>
/// The spans of one trace, which the calls of one application's client begin from here on; whoever else traces beside it has traces of his own.
/// </summary>
internal sealed class Spans : IDisposable
{
    private readonly ConcurrentQueue<Activity> _ended = new();
    private readonly ConcurrentQueue<Activity> _roots = new();
    private readonly ActivityTraceId _trace = ActivityTraceId.CreateRandom();
    private readonly ActivityListener _listener;

    public Spans(ProxyApp app)
    {
        _listener = new()
        {
            ShouldListenTo = _ => true,
            Sample = (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span =>
            {
                if (span.TraceId == _trace) _ended.Enqueue(span);
                else if (span.Source.Name == "RemixProxy" && span.ParentSpanId == default) _roots.Enqueue(span);
            },
        };
        ActivitySource.AddActivityListener(_listener);
        var headers = app.Http.DefaultRequestHeaders;
        headers.Remove("traceparent");
        headers.Add("traceparent", $"00-{_trace}-{Caller}-01");
    }

    /// <summary>The caller's own span.</summary>
    public static string Caller => "b7ad6b7169203331";

    public string Trace => _trace.ToString();

    /// <summary>All that have ended, ours and those of the libraries.</summary>
    public IReadOnlyList<Activity> All => [.. _ended];

    /// <summary>Ours, in the order in which they ended.</summary>
    public IReadOnlyList<Activity> Ours => [.. _ended.Where(s => s.Source.Name == "RemixProxy")];

    /// <summary>Ours, of whatever application, that belong to no call.</summary>
    public IReadOnlyList<Activity> Roots => [.. _roots];

    /// <summary>The one of ours with this name.</summary>
    public Activity One(string name) => Assert.Single(Ours, s => s.DisplayName == name);

    /// <summary>What a span says, as <c>name=value</c>, but for what differs from call to call.</summary>
    public static string[] Tags(Activity span) =>
        [.. span.TagObjects.Where(t => t.Key != "remixproxy.request_id").Select(t => $"{t.Key}={t.Value}").Order(StringComparer.Ordinal)];

    /// <summary>Everything that could leave the process with these spans.</summary>
    public string Text() => string.Join('\n', All.Select(s =>
        $"{s.Source.Name} {s.DisplayName} {s.OperationName} {s.StatusDescription} {string.Join(' ', s.TagObjects)} {string.Join(
        ' ', s.Events.Select(e => $"{e.Name} {string.Join(' ', e.Tags)}"))} {string.Join(' ', s.Links.SelectMany(l => l.Tags ?? []))}"));

    public void Dispose() => _listener.Dispose();
}
