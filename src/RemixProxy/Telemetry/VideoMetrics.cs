using System.Diagnostics.Metrics;
using System.Globalization;
using RemixProxy.Contract;

namespace RemixProxy.Telemetry;

/// <summary>The metrics. Labels are names from the configuration and words of RemixProxy's own, so they have few values, whatever callers send.</summary>
internal sealed class VideoMetrics
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "RemixProxy";

    private const string NoProvider = "none";

    private static readonly double[] CallSeconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
    private static readonly double[] LookupSeconds = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1];
    private static readonly double[] JobSeconds = [1, 2, 5, 10, 20, 30, 60, 90, 120, 180, 300, 600, 900, 1800];
    private static readonly double[] Similarities = [0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.92, 0.94, 0.95, 0.96, 0.97, 0.98, 0.99, 1];

    private readonly Histogram<double> _requests;
    private readonly Histogram<double> _upstream;
    private readonly Counter<long> _submissions;
    private readonly Counter<long> _lookups;
    private readonly Histogram<double> _lookupDurations;
    private readonly Histogram<double> _similarities;
    private readonly Counter<double> _saved;
    private readonly Counter<long> _jobs;
    private readonly Histogram<double> _jobDurations;
    private readonly Counter<long> _sent;
    private readonly Counter<long> _unknownWords;
    private readonly Counter<long> _limits;

    public VideoMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _requests = Seconds(meter, "remixproxy.request.duration",
            "Calls of the Videos API, from the first middleware to the end of the answer; 499 where the caller hung up before it.", CallSeconds);
        _upstream = Seconds(meter, "remixproxy.upstream.duration",
            "Exchanges with providers, by how they ended: to the end of the answer, or to the beginning of bytes that this proxy reads itself.", CallSeconds);
        _submissions = meter.CreateCounter<long>(
            "remixproxy.submissions", unit: null,
            "Submits that a provider was asked for: accepted, refused (nothing was created), or unknown (may have been billed).");
        _lookups = meter.CreateCounter<long>("remixproxy.cache.lookups", unit: null, "Submits that came to the cache, by what it said and who answered.");
        _lookupDurations = Seconds(
            meter, "remixproxy.cache.lookup.duration", "Look-ups in the cache, embedding and waiting for an identical submit included.", LookupSeconds);
        _similarities = Histogram(meter, "remixproxy.cache.similarity", "1", "Cosine similarity of the nearest prompt, where one was measured.", Similarities);
        _saved = meter.CreateCounter<double>("remixproxy.cache.saved", "s", "Seconds of video that hits spared.");
        _jobs = meter.CreateCounter<long>("remixproxy.jobs", unit: null, "Jobs seen to end, by how.");
        _jobDurations = Seconds(meter, "remixproxy.job.duration", "From a job's creation to its completion, for jobs seen to complete.", JobSeconds);
        _sent = meter.CreateCounter<long>("remixproxy.content.sent", "By", "Bytes of videos sent to callers.");
        _unknownWords = meter.CreateCounter<long>(
            "remixproxy.status.unknown", unit: null, "Answers of providers whose word for a job's state is unknown; it counts as in progress.");
        _limits = meter.CreateCounter<long>("remixproxy.limits.refused", unit: null, "Calls refused because a limit was reached, by limit.");
    }

    /// <summary>Counts an answer whose word for the state is unknown.</summary>
    public void UnknownWord(string provider) => _unknownWords.Add(1, new KeyValuePair<string, object?>("provider", provider));

    /// <summary>Counts a call that was refused because a limit was reached.</summary>
    /// <param name="limit">The limit, in a word.</param>
    public void LimitReached(string limit) => _limits.Add(1, new KeyValuePair<string, object?>("limit", limit));

    /// <summary>Counts a call that was answered.</summary>
    /// <param name="operation">What it asked for.</param>
    /// <param name="provider">The provider that served it; null where none did.</param>
    /// <param name="status">The answer's status, or 499 where the caller hung up.</param>
    /// <param name="duration">How long it took.</param>
    public void Answered(VideoOperation operation, string? provider, int status, TimeSpan duration) => _requests.Record(
        duration.TotalSeconds, new("operation", operation.Name()), new("provider", provider ?? NoProvider), new(
            "status_code", status.ToString(CultureInfo.InvariantCulture)));

    /// <summary>Counts an exchange that has ended.</summary>
    /// <param name="operation">The operation that it was for.</param>
    /// <param name="provider">The provider that was asked.</param>
    /// <param name="outcome">How it ended, in a word.</param>
    /// <param name="duration">How long it took.</param>
    public void Exchanged(VideoOperation operation, string provider, string outcome, TimeSpan duration) => _upstream.Record(
        duration.TotalSeconds, new("operation", operation.Name()), new("provider", provider), new("outcome", outcome));

    /// <summary>Counts a submit that a provider was asked for.</summary>
    /// <param name="operation">One of the four operations that cost money.</param>
    /// <param name="provider">The provider that was asked.</param>
    /// <param name="outcome">What became of it: <c>accepted</c>, <c>refused</c> or <c>unknown</c>.</param>
    public void Submitted(VideoOperation operation, string provider, string outcome) =>
        _submissions.Add(1, new("operation", operation.Name()), new("provider", provider), new("outcome", outcome));

    /// <summary>Counts a question to the cache.</summary>
    /// <param name="operation">The submit's operation.</param>
    /// <param name="result">The cache's answer, in a word.</param>
    /// <param name="tier">The part of the cache that answered.</param>
    /// <param name="duration">How long it took; null where nothing was looked up.</param>
    /// <param name="similarity">Cosine of the nearest prompt, where one was measured.</param>
    public void LookedUp(VideoOperation operation, string result, string tier, TimeSpan? duration, double? similarity)
    {
        _lookups.Add(1, new("operation", operation.Name()), new("result", result), new("tier", tier));
        if (duration is { } time) _lookupDurations.Record(time.TotalSeconds, new KeyValuePair<string, object?>("tier", tier));
        if (similarity is { } cosine) _similarities.Record(cosine, new KeyValuePair<string, object?>("result", result));
    }

    /// <summary>Counts the seconds of a video that a hit spared.</summary>
    /// <param name="provider">The video's provider.</param>
    /// <param name="seconds">The video's length as its object says.</param>
    public void Saved(string provider, string seconds)
    {
        if (double.TryParse(seconds, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var length))
            _saved.Add(length, new KeyValuePair<string, object?>("provider", provider));
    }

    /// <summary>Counts a job that was seen to end.</summary>
    /// <param name="provider">The job's provider.</param>
    /// <param name="video">The video, completed or failed.</param>
    public void Ended(string provider, Video video)
    {
        var label = new KeyValuePair<string, object?>("provider", provider);
        _jobs.Add(1, label, new("status", video.Status == VideoStatus.Completed ? "completed" : "failed"));
        if (video.CompletedAt is { } completed) _jobDurations.Record(Math.Max(0, completed - video.CreatedAt), label);
    }

    /// <summary>Counts bytes of videos that were sent to a caller.</summary>
    public void Sent(string provider, int bytes) => _sent.Add(bytes, new KeyValuePair<string, object?>("provider", provider));

    private static Histogram<double> Seconds(Meter meter, string name, string description, double[] bounds) => Histogram(meter, name, "s", description, bounds);

    private static Histogram<double> Histogram(Meter meter, string name, string unit, string description, double[] bounds) =>
        meter.CreateHistogram(name, unit, description, tags: null, new InstrumentAdvice<double> { HistogramBucketBoundaries = bounds });
}
