using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using RemixProxy.FunctionalTests.Kit;

namespace RemixProxy.FunctionalTests.Telemetry;

/// <summary>What one application measures; those beside it have meters of their own.</summary>
internal sealed class Instruments : IDisposable
{
    private readonly ConcurrentQueue<Measured> _measured = new();
    private readonly SemaphoreSlim _answers = new(0);
    private readonly MeterListener _listener = new();

    public Instruments(ProxyApp app)
    {
        var meters = app.Services.GetRequiredService<IMeterFactory>();
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Scope == meters && instrument.Meter.Name == "RemixProxy") listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<int>((instrument, value, labels, _) => Add(instrument, value, labels));
        _listener.SetMeasurementEventCallback<long>((instrument, value, labels, _) => Add(instrument, value, labels));
        _listener.SetMeasurementEventCallback<double>((instrument, value, labels, _) => Add(instrument, value, labels));
        _listener.Start();
    }

    /// <summary>Every series by its instrument and labels, as <c>jobs provider=luma status=failed</c>.</summary>
    public string[] Series =>
        [.. _measured.Select(m => $"{m.Name} {string.Join(' ', m.Labels.Select(l => $"{l.Key}={l.Value}"))}").Distinct(StringComparer.Ordinal).Order(
            StringComparer.Ordinal)];

    /// <summary>Every label with a value that it had.</summary>
    public IEnumerable<(string Instrument, string Label, string Value)> Labels =>
        _measured.SelectMany(m => m.Labels.Select(l => (m.Name, l.Key, (string)l.Value!)));

    /// <summary>Ends when so many calls have been answered and measured to their ends.</summary>
    public Task AnsweredAsync(int calls) => AnsweredAsync(() => Values("request.duration").Length, calls);

    /// <summary>Ends when so many calls of an operation have.</summary>
    public Task AnsweredAsync(string operation, int calls) => AnsweredAsync(() => Values("request.duration", operation).Length, calls);

    /// <summary>The sums of a counter, as <c>create luma accepted 2</c>.</summary>
    public string[] Sums(string name) => ByLabels(name, values => values.Sum());

    /// <summary>How often a histogram was recorded to, as <c>create luma ok 2</c>.</summary>
    public string[] Counts(string name) => ByLabels(name, values => values.Count());

    /// <summary>The measurements whose labels have all these values.</summary>
    public double[] Values(string name, params string[] labels) =>
        [.. Of(name).Where(m => labels.All(l => m.Labels.Any(own => l.Equals(own.Value)))).Select(m => m.Value)];

    /// <summary>What a gauge shows now, as <c>redis 1</c>.</summary>
    public string[] Now(string name)
    {
        var before = Of(name).Length;
        _listener.RecordObservableInstruments();
        return [.. Of(name)[before..].Select(m => Text(m.Labels, m.Value)).Order(StringComparer.Ordinal)];
    }

    public void Dispose()
    {
        _listener.Dispose();
        _answers.Dispose();
    }

    private async Task AnsweredAsync(Func<int> count, int calls)
    {
        while (count() < calls) Assert.True(await _answers.WaitAsync(TimeSpan.FromSeconds(30)), $"{count()} of {calls} calls are measured.");
    }

    private string[] ByLabels(string name, Func<IEnumerable<double>, double> aggregate) =>
        [.. Of(name).GroupBy(m => Text(m.Labels, 0)).Select(g => Text(g.First().Labels, aggregate(g.Select(m => m.Value)))).Order(StringComparer.Ordinal)];

    private Measured[] Of(string name) => [.. _measured.Where(m => m.Name == name)];

    private static string Text(KeyValuePair<string, object?>[] labels, double value) =>
        string.Create(CultureInfo.InvariantCulture, $"{string.Join(' ', labels.Select(l => l.Value))} {value}");

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> labels)
    {
        var name = instrument.Name["remixproxy.".Length..];
        _measured.Enqueue(new(name, value, labels.ToArray()));
        if (name == "request.duration") _answers.Release();
    }

    private sealed record Measured(string Name, double Value, KeyValuePair<string, object?>[] Labels);
}
