using Microsoft.Extensions.Logging;
using RemixProxy.Contract;
using RemixProxy.Exchanges;
using RemixProxy.Telemetry;

namespace RemixProxy.Jobs;

/// <summary>Counts the ends of jobs, logs the failures, and calls the listeners.</summary>
internal sealed partial class JobEnds(IEnumerable<IJobListener> listeners, VideoMetrics metrics, ILogger<JobEnds> logger)
{
    private readonly IJobListener[] _listeners = [.. listeners];

    /// <summary>Reports that a job has ended and that its end is stored.</summary>
    public async ValueTask TellAsync(VideoJob job)
    {
        metrics.Ended(job.Id.Provider, job.Video);
        if (job.Video.Error is { } error) Log.Failed(logger, job.Video.Id, error.Code, WordsOf(job, error));
        foreach (var listener in _listeners) await listener.EndedAsync(job);
    }

    // Where nobody knows the prompt, it can't be told from the provider's words.
    private static string? WordsOf(VideoJob job, VideoError error) =>
        job.Video.Prompt is { } prompt ? ProviderText.WithoutQuotes(error.Message, prompt) : null;

    private static partial class Log
    {
        [LoggerMessage(EventIds.JobFailed, LogLevel.Information, "{VideoId} failed: {Code}, {Message}")]
        public static partial void Failed(ILogger logger, string videoId, string code, string? message);
    }
}
