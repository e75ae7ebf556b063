using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using RemixProxy.Contract;
using RemixProxy.Jobs;
using RemixProxy.Telemetry;

namespace RemixProxy.Operations.Submit;

/// <summary>One line for each submit: who served it, as what, how long it waited for the provider, and what the cache said. Never a prompt or a key.</summary>
internal static partial class SubmitLog
{
    /// <summary>The provider took it.</summary>
    public const string Accepted = "accepted";

    /// <summary>A video that was there answered it.</summary>
    public const string Cached = "cached";

    /// <summary>The video of the submit that it repeats answered it.</summary>
    public const string Replayed = "replayed";

    private const string None = "none";

    /// <summary>It has a video.</summary>
    /// <param name="logger">Where to.</param>
    /// <param name="call">The call.</param>
    /// <param name="outcome">One of the words above.</param>
    /// <param name="job">The video.</param>
    public static void Served(ILogger logger, VideoCall call, string outcome, VideoJob job)
    {
        var (provider, model) = (job.Id.Provider, job.Video.Model);
        var isKnown = call.Providers.Find(provider) is { } its && call.Providers.IsKnown(its, model);
        call.Report.NoteLogged();
        Served(logger, call.Operation.Name(), outcome, provider, isKnown ? model : None, job.Video.Id, call.Report.CacheWord ?? None,
            (long)call.Context.Upstream.Time.TotalMilliseconds, call.RequestId);
    }

    /// <summary>It has none.</summary>
    /// <param name="logger">Where to.</param>
    /// <param name="call">The call.</param>
    /// <param name="error">What it ended in.</param>
    public static void NotServed(ILogger logger, VideoCall call, ApiError error)
    {
        // What becomes of the answer doesn't undo a video.
        if (call.Report.IsLogged) return;
        var isUnknown = error.Code == ApiError.SubmissionUnknown.Code;
        // What the caller can mend is no news for the operator.
        var level = isUnknown || error.Status is StatusCodes.Status429TooManyRequests or >= 500 ? LogLevel.Warning : LogLevel.Information;
        var (report, operation) = (call.Report, call.Operation.Name());
        NotServed(
            logger, level, operation, isUnknown ? "unknown" : "refused", error.Code, report.Provider?.Name ?? None, report.Model ?? None,
            report.CacheWord ?? None, (long)call.Context.Upstream.Time.TotalMilliseconds, call.RequestId);
    }

    [LoggerMessage(EventIds.SubmitServed, LogLevel.Information,
        "{Operation} {Outcome}: {Provider}, {Model}, {VideoId}, cache {Cache}, {Milliseconds} ms upstream; {RequestId}")]
    private static partial void Served(
        ILogger logger, string operation, string outcome, string provider, string model, string videoId, string cache, long milliseconds, string requestId);

    [LoggerMessage(EventId = EventIds.SubmitNotServed,
        Message = "{Operation} {Outcome}: {Code}, {Provider}, {Model}, cache {Cache}, {Milliseconds} ms upstream; {RequestId}")]
    private static partial void NotServed(
        ILogger logger, LogLevel level, string operation, string outcome, string code, string provider, string model, string cache, long milliseconds,
            string requestId);
}
