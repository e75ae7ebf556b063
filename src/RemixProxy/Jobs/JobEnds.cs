using RemixProxy.Telemetry;

namespace RemixProxy.Jobs;

/// <summary>Counts the ends of jobs and calls the listeners.</summary>
internal sealed class JobEnds(IEnumerable<IJobListener> listeners, VideoMetrics metrics)
{
    private readonly IJobListener[] _listeners = [.. listeners];

    /// <summary>Reports that a job has ended and that its end is stored.</summary>
    public async ValueTask TellAsync(VideoJob job)
    {
        metrics.Ended(job.Id.Provider, job.Video);
        foreach (var listener in _listeners) await listener.EndedAsync(job);
    }
}
