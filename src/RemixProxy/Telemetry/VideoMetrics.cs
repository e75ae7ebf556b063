using System.Diagnostics.Metrics;
using System.Globalization;
using RemixProxy.Cache;
using RemixProxy.Contract;
using RemixProxy.Exchanges;
using RemixProxy.Jobs;
using RemixProxy.Jobs.Submissions;
using RemixProxy.Operations;
using RemixProxy.Providers;
using RemixProxy.Resilience;

namespace RemixProxy.Telemetry;

/// <summary>What is counted and measured. Every label has few values, whatever callers send: names from the configuration and words of ours.</summary>
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

    public VideoMetrics(IMeterFactory meters, KnownDependencies dependencies)
    {
        var meter = meters.Create(MeterName);
        _requests = Seconds(meter, "remixproxy.request.duration", "Calls of the Videos API, from the first middleware to the end of the answer; 499 where the caller hung up before it.", CallSeconds);
        _upstream = Seconds(meter, "remixproxy.upstream.duration", "Exchanges with providers, by how they ended: to the end of the answer, or to the beginning of bytes that this proxy reads itself.", CallSeconds);
        _submissions = meter.CreateCounter<long>("remixproxy.submissions", unit: null, "Submits that a provider was asked for: accepted, refused (nothing was created), or unknown (may have been billed).");
        _lookups = meter.CreateCounter<long>("remixproxy.cache.lookups", unit: null, "Submits that came to the cache, by what it said and who answered.");
        _lookupDurations = Seconds(meter, "remixproxy.cache.lookup.duration", "Look-ups in the cache, embedding and waiting for an identical submit included.", LookupSeconds);
        _similarities = Histogram(meter, "remixproxy.cache.similarity", "1", "Cosine similarity of the nearest prompt, where one was measured.", Similarities);
        _saved = meter.CreateCounter<double>("remixproxy.cache.saved", "s", "Seconds of video that hits spared.");
        _jobs = meter.CreateCounter<long>("remixproxy.jobs", unit: null, "Jobs seen to end, by how.");
        _jobDurations = Seconds(meter, "remixproxy.job.duration", "From a job's creation to its completion, for jobs seen to complete.", JobSeconds);
        _sent = meter.CreateCounter<long>("remixproxy.content.sent", "By", "Bytes of videos sent to callers.");
        meter.CreateObservableGauge("remixproxy.dependency.up", () => dependencies.States().Select(Up), "1", "Whether a server that this process needs answers: 1 or 0.");
    }

    public void Answered(VideoCall call, int status, TimeSpan duration) => _requests.Record(
        duration.TotalSeconds, new("operation", call.Operation.Name()), new("provider", call.Provider?.Name ?? NoProvider), new("status_code", status.ToString(CultureInfo.InvariantCulture)));

    /// <summary>An exchange has ended.</summary>
    /// <param name="operation">What it was for.</param>
    /// <param name="provider">Who was asked.</param>
    /// <param name="outcome">How it ended.</param>
    /// <param name="duration">How long it took.</param>
    public void Exchanged(VideoOperation operation, Provider provider, ExchangeOutcome outcome, TimeSpan duration) => _upstream.Record(
        duration.TotalSeconds, new("operation", operation.Name()), new("provider", provider.Name), new("outcome", outcome.Label));

    /// <summary>A provider was asked for a submit.</summary>
    /// <param name="operation">Which of the four.</param>
    /// <param name="provider">Who was asked.</param>
    /// <param name="state">What became of it.</param>
    public void Submitted(VideoOperation operation, Provider provider, SubmissionState state)
    {
        var outcome = state switch
        {
            SubmissionState.Accepted => "accepted",
            SubmissionState.Refused => "refused",
            _ => "unknown",
        };
        _submissions.Add(1, new("operation", operation.Name()), new("provider", provider.Name), new("outcome", outcome));
    }

    /// <summary>The cache has been asked.</summary>
    /// <param name="operation">Which submit.</param>
    /// <param name="outcome">What it said.</param>
    /// <param name="duration">How long it took.</param>
    public void LookedUp(VideoOperation operation, CacheOutcome outcome, TimeSpan duration)
    {
        LookedUp(operation, outcome.Result, outcome.Tier, duration);
        if (outcome.Debug.Similarity is { } similarity) _similarities.Record(similarity, new KeyValuePair<string, object?>("result", outcome.Result));
        if (outcome.Hit is { } job && double.TryParse(job.Video.Seconds, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds))
            _saved.Add(seconds, new KeyValuePair<string, object?>("provider", job.Id.Provider));
    }

    /// <summary>As the other, where it did not come to an outcome.</summary>
    public void LookedUp(VideoOperation operation, string result, string tier, TimeSpan duration)
    {
        _lookups.Add(1, new("operation", operation.Name()), new("result", result), new("tier", tier));
        if (result != CacheOutcome.Bypass) _lookupDurations.Record(duration.TotalSeconds, new KeyValuePair<string, object?>("tier", tier));
    }

    /// <summary>A job was seen to end.</summary>
    public void Ended(VideoJob job)
    {
        var provider = new KeyValuePair<string, object?>("provider", job.Id.Provider);
        _jobs.Add(1, provider, new("status", job.Video.Status == VideoStatus.Completed ? "completed" : "failed"));
        if (job.Video.CompletedAt is { } completed) _jobDurations.Record(Math.Max(0, completed - job.Video.CreatedAt), provider);
    }

    public void Sent(Provider provider, int bytes) => _sent.Add(bytes, new KeyValuePair<string, object?>("provider", provider.Name));

    private static Measurement<int> Up(DependencyState state) => new(state.IsUp ? 1 : 0, new KeyValuePair<string, object?>("dependency", state.Name));

    private static Histogram<double> Seconds(Meter meter, string name, string description, double[] bounds) => Histogram(meter, name, "s", description, bounds);

    private static Histogram<double> Histogram(Meter meter, string name, string unit, string description, double[] bounds) =>
        meter.CreateHistogram(name, unit, description, tags: null, new InstrumentAdvice<double> { HistogramBucketBoundaries = bounds });
}
