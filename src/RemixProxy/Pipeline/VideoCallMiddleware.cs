using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RemixProxy.Cache;
using RemixProxy.Contract;
using RemixProxy.Exchanges;
using RemixProxy.Operations;
using RemixProxy.Providers;
using RemixProxy.Telemetry;

namespace RemixProxy.Pipeline;

/// <summary>
/// Recognises the calls of the Videos API, answers them, and turns every failure into an error of that API. Other routes pass through untouched.
/// </summary>
internal sealed partial class VideoCallMiddleware
{
    private readonly RequestDelegate _next;
    private readonly ProviderRegistry _registry;
    private readonly Drain _drain;
    private readonly VideoMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger<VideoCallMiddleware> _logger;
    private readonly CancellationToken _stopping;
    private readonly Dictionary<VideoOperation, IVideoOperation> _operations = [];

    public VideoCallMiddleware(
        RequestDelegate next,
        ProviderRegistry registry,
        IEnumerable<IVideoOperation> operations,
        ForwardPipeline pipeline,
        Drain drain,
        IHostApplicationLifetime lifetime,
        VideoMetrics metrics,
        TimeProvider time,
        ILogger<VideoCallMiddleware> logger)
    {
        _next = next;
        _registry = registry;
        _drain = drain;
        _metrics = metrics;
        _time = time;
        _logger = logger;
        _stopping = lifetime.ApplicationStopping;
        pipeline.Connect(next);
        foreach (var operation in operations)
        {
            foreach (var value in Enum.GetValues<VideoOperation>().Where(v => v != VideoOperation.None && operation.Operations.HasFlag(v)))
                _operations[value] = operation;
        }
    }

    public Task InvokeAsync(HttpContext context)
    {
        // This is one of our own exchanges on its way to a provider.
        if (context.Features.Get<OutboundExchange>() is not null) return _next(context);
        if (context.GetReverseProxyFeature().Route.Config.Metadata?.TryGetValue(ProxyNames.Operation, out var name) is not true) return _next(context);
        var providers = _registry.Current;
        var isRaw = providers.Options.AllowRaw && context.Request.Headers["x-remix-raw"] == "true";
        var call = new VideoCall
        {
            Http = context,
            Context = new()
            {
                Operation = Enum.Parse<VideoOperation>(name!),
                Caller = "",
                CallerGone = context.RequestAborted,
                Upstream = new(isRaw ? new RawCapture() : null),
            },
            RequestId = "req_" + Guid.CreateVersion7().ToString("N"),
            At = _time.GetUtcNow(),
            Providers = providers,
            Stopping = _stopping,
        };
        return MeasureAsync(call);
    }

    private async Task MeasureAsync(VideoCall call)
    {
        var started = _time.GetTimestamp();
        var response = call.Http.Response;
        bool? isUnheard = null;
        response.OnStarting(() =>
        {
            // A submit that outlives its caller is still answered. Nobody reads that answer.
            isUnheard = call.CallerGone.IsCancellationRequested;
            WriteHeaders(call);
            return Task.CompletedTask;
        });
        using var activity = VideoActivities.Call(call.Operation, call.RequestId);
        ApiError? error = null;
        try
        {
            error = await AnswerAsync(call);
        }
        finally
        {
            var status = isUnheard ?? call.CallerGone.IsCancellationRequested ? StatusCodes.Status499ClientClosedRequest : response.StatusCode;
            var provider = call.Report.Provider?.Name;
            _metrics.Answered(call.Operation, provider, status, _time.GetElapsedTime(started));
            activity?.Answered(provider, status, error?.Code);
        }
    }

    private void WriteHeaders(VideoCall call)
    {
        var headers = call.Http.Response.Headers;
        headers["x-request-id"] = call.RequestId;
        // Replicas share an address. Without this, the next request on this connection would reach the stopping process again.
        if (_stopping.IsCancellationRequested && HttpProtocol.IsHttp11(call.Http.Request.Protocol)) headers.Connection = "close";
        if (call.Report.CacheStatus is { } status) headers[CacheStatus.Header] = status.ToString();
        if (call.Report.IsReplay) headers[Answers.ReplayedHeader] = "true";
    }

    /// <returns>The error that was written as the answer; null if none was.</returns>
    private async Task<ApiError?> AnswerAsync(VideoCall call)
    {
        var error = await TryAnswerAsync(call);
        if (error is null) return null;
        // A submit has its own line.
        if (error.Cause is { } cause && !call.Context.IsSubmit) LogFailure(call, error, cause);
        if (error == CallFailures.CallerGone)
        {
            if (!call.Context.IsSubmit) Log.CallerGone(_logger, call.Operation.Name(), call.Report.Provider?.Name, call.RequestId);
            call.Http.Abort();
            return null;
        }

        var response = call.Http.Response;
        // The answer has begun: the caller sees it break off.
        if (response.HasStarted) return error;
        // Clear() removes what a failed forward left in the response. The range belongs to the error and is kept.
        var contentRange = response.Headers.ContentRange;
        response.Clear();
        if (error.Status == StatusCodes.Status416RangeNotSatisfiable) response.Headers.ContentRange = contentRange;
        await Answers.WriteErrorAsync(call, error);
        return error;
    }

    /// <returns>The error to write; null if the answer is written.</returns>
    private async Task<ApiError?> TryAnswerAsync(VideoCall call)
    {
        try
        {
            if (OpenAccess.Check(call.Http, call.Providers.Options) is { } refusal) return refusal;
            if (!_operations.TryGetValue(call.Operation, out var operation)) return NoSuchOperation(call);
            using var underWay = call.Context.IsSubmit || call.Operation == VideoOperation.Content ? _drain.Enter() : null;
            return await operation.AnswerAsync(call);
        }
        catch (Exception e) when (CallFailures.Of(e, call.CallerGone) is var error && (error == CallFailures.CallerGone || !call.Http.Response.HasStarted))
        {
            if (error == ApiError.Internal) Log.Failed(_logger, e, call.Operation.RequestType(), call.Report.Provider?.Name, call.RequestId);
            return error;
        }
    }

    private static ApiError NoSuchOperation(VideoCall call)
    {
        var request = call.Http.Request;
        return call.Operation switch
        {
            VideoOperation.Character => ApiError.Unsupported("Characters are not supported by any provider."),
            _ when request.Path.Value is "/v1/videos" or "/v1/videos/" or "/v1/models" =>
                new(405, "unsupported_operation", $"{request.Method} is not possible here."),
            _ => new(404, "unsupported_operation", $"There is no {request.Method} {request.Path}."),
        };
    }

    private void LogFailure(VideoCall call, ApiError error, string cause)
    {
        var (level, operation) = (error.IsForOperator ? LogLevel.Warning : LogLevel.Information, call.Operation.Name());
        Log.NotAnswered(_logger, level, operation, error.Code, call.Report.Provider?.Name, cause, call.RequestId);
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.CallerGone, LogLevel.Information, "{Operation} ended by its caller, who hung up; provider {Provider}; {RequestId}")]
        public static partial void CallerGone(ILogger logger, string operation, string? provider, string requestId);

        [LoggerMessage(EventId = EventIds.CallNotAnswered, Message = "{Operation} refused: {Code}, {Provider}, cause {Cause}; {RequestId}")]
        public static partial void NotAnswered(
            ILogger logger, LogLevel level, string operation, string code, string? provider, string cause, string requestId);

        [LoggerMessage(EventIds.CallFailed, LogLevel.Error, "{Operation} failed; provider {Provider}; {RequestId}")]
        public static partial void Failed(ILogger logger, Exception exception, string operation, string? provider, string requestId);
    }
}
