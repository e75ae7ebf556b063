using Microsoft.Extensions.Logging;
using RemixProxy.Contract;
using RemixProxy.Jobs;
using RemixProxy.Telemetry;

namespace RemixProxy.Operations.Submit;

/// <summary>
/// Logs one line for each submit: provider, model, video, time spent at the provider, the cache outcome, and the cause of a failure. Never logs a prompt or a
/// key.
/// </summary>
internal static partial class SubmitLog
{
    /// <summary>A provider accepted the submit.</summary>
    public const string Accepted = "accepted";

    /// <summary>A stored or shared video answered the submit.</summary>
    public const string Cached = "cached";

    /// <summary>The submit was a repeat, and the video of the earlier submit answered it.</summary>
    public const string Replayed = "replayed";

    private const string None = "none";

    /// <summary>Logs a submit that has a video.</summary>
    /// <param name="logger">Where to.</param>
    /// <param name="call">The call.</param>
    /// <param name="outcome"><see cref="Accepted"/>, <see cref="Cached"/> or <see cref="Replayed"/>.</param>
    /// <param name="job">The video.</param>
    public static void Served(ILogger logger, VideoCall call, string outcome, VideoJob job)
    {
        var (provider, model) = (job.Id.Provider, job.Video.Model);
        var isKnown = call.Providers.Find(provider) is { } its && call.Providers.IsKnown(its, model);
        call.Report.NoteLogged();
        Served(logger, call.Operation.Name(), outcome, provider, isKnown ? model : None, job.Video.Id, call.Report.CacheWord ?? None,
            (long)call.Context.Upstream.Time.TotalMilliseconds, call.RequestId);
    }

    /// <summary>Logs a submit that has no video.</summary>
    /// <param name="logger">Where to.</param>
    /// <param name="call">The call.</param>
    /// <param name="error">The error that it ended in.</param>
    public static void NotServed(ILogger logger, VideoCall call, ApiError error)
    {
        // The line that names the video is written. A lost answer doesn't undo the video.
        if (call.Report.IsLogged) return;
        var isUnknown = error.Code == ApiError.SubmissionUnknown.Code;
        var level = error.IsForOperator ? LogLevel.Warning : LogLevel.Information;
        var (report, operation) = (call.Report, call.Operation.Name());
        NotServed(
            logger, level, operation, isUnknown ? "unknown" : "refused", error.Code, report.Provider?.Name ?? None, report.Model ?? None,
            report.CacheWord ?? None, (long)call.Context.Upstream.Time.TotalMilliseconds, error.Cause ?? None, call.RequestId);
    }

    [LoggerMessage(EventIds.SubmitServed, LogLevel.Information,
        "{Operation} {Outcome}: {Provider}, {Model}, {VideoId}, cache {Cache}, {Milliseconds} ms upstream; {RequestId}")]
    private static partial void Served(
        ILogger logger, string operation, string outcome, string provider, string model, string videoId, string cache, long milliseconds, string requestId);

    [LoggerMessage(EventId = EventIds.SubmitNotServed,
        Message = "{Operation} {Outcome}: {Code}, {Provider}, {Model}, cache {Cache}, {Milliseconds} ms upstream, cause {Cause}; {RequestId}")]
    private static partial void NotServed(
        ILogger logger, LogLevel level, string operation, string outcome, string code, string provider, string model, string cache, long milliseconds,
            string cause, string requestId);
}
