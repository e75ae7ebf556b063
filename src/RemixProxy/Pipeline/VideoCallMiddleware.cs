using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using RemixProxy.Cache;
using RemixProxy.Contract;
using RemixProxy.Exchanges;
using RemixProxy.Operations;
using RemixProxy.Providers;
using RemixProxy.Resilience;
using RemixProxy.Telemetry;
using Yarp.ReverseProxy.Model;

namespace RemixProxy.Pipeline;

/// <summary>Recognises the calls of our routes, answers them, and turns whatever goes wrong into the error that callers know. Other routes pass through untouched.</summary>
internal sealed partial class VideoCallMiddleware
{
    private readonly RequestDelegate _next;
    private readonly ProviderRegistry _registry;
    private readonly Drain _drain;
    private readonly VideoMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger<VideoCallMiddleware> _logger;
    private readonly Dictionary<VideoOperation, IVideoOperation> _operations = [];

    public VideoCallMiddleware(
        RequestDelegate next, ProviderRegistry registry, IEnumerable<IVideoOperation> operations, Drain drain, VideoMetrics metrics, TimeProvider time, ILogger<VideoCallMiddleware> logger)
    {
        _next = next;
        _registry = registry;
        _drain = drain;
        _metrics = metrics;
        _time = time;
        _logger = logger;
        foreach (var operation in operations)
        {
            foreach (var value in Enum.GetValues<VideoOperation>().Where(v => v != VideoOperation.None && operation.Operations.HasFlag(v))) _operations[value] = operation;
        }
    }

    public async Task InvokeAsync(HttpContext context)
    {
        if (context.GetReverseProxyFeature().Route.Config.Metadata?.TryGetValue(RemixProxyConfigProvider.OperationKey, out var name) is not true)
        {
            await _next(context);
            return;
        }

        var providers = _registry.Current;
        var call = new VideoCall
        {
            Context = context,
            Next = _next,
            Operation = Enum.Parse<VideoOperation>(name!),
            RequestId = "req_" + Guid.CreateVersion7().ToString("N"),
            At = _time.GetUtcNow(),
            CallerGone = context.RequestAborted,
            Providers = providers,
            Raw = providers.Options.AllowRaw && context.Request.Headers["x-remix-raw"] == "true" ? new RawCapture() : null,
        };
        context.Features.Set(call);
        context.Response.OnStarting(() =>
        {
            // A submit that outlives its caller is answered all the same, to nobody.
            call.IsUnheard = call.CallerGone.IsCancellationRequested;
            context.Response.Headers["x-request-id"] = call.RequestId;
            // Behind an address that many share, the next request of a kept connection would come here again.
            if (_drain.IsStopping && HttpProtocol.IsHttp11(context.Request.Protocol)) context.Response.Headers.Connection = "close";
            if (call.CacheStatus is { } status) context.Response.Headers[CacheStatus.Header] = status.ToString();
            return Task.CompletedTask;
        });
        await MeasureAsync(call);
    }

    private async Task MeasureAsync(VideoCall call)
    {
        var started = _time.GetTimestamp();
        using var activity = VideoActivities.Call(call);
        try
        {
            await AnswerAsync(call);
        }
        finally
        {
            var response = call.Context.Response;
            var isUnheard = response.HasStarted ? call.IsUnheard : call.CallerGone.IsCancellationRequested;
            var status = isUnheard ? StatusCodes.Status499ClientClosedRequest : response.StatusCode;
            _metrics.Answered(call, status, _time.GetElapsedTime(started));
            activity?.Answered(call, status);
        }
    }

    private async Task AnswerAsync(VideoCall call)
    {
        var context = call.Context;
        try
        {
            OpenAccess.Check(context, call.Providers.Options);
            if (!_operations.TryGetValue(call.Operation, out var operation)) throw new ApiException(NoSuchOperation(call));
            await operation.AnswerAsync(call);
        }
        catch (ApiException e) when (!context.Response.HasStarted)
        {
            await WriteErrorAsync(call, e.Error);
        }
        catch (DependencyException) when (!context.Response.HasStarted)
        {
            // Logged once for all calls where it was noticed.
            await WriteErrorAsync(call, ApiError.StoreUnavailable);
        }
        catch (OperationCanceledException) when (call.CallerGone.IsCancellationRequested)
        {
            // Nobody is there to be answered.
            context.Abort();
        }
        catch (Exception e) when (e is not (ApiException or DependencyException) && !context.Response.HasStarted)
        {
            Log.Failed(_logger, e, call.RequestType, call.Provider?.Name, call.RequestId);
            await WriteErrorAsync(call, ApiError.Internal);
        }
    }

    private static Task WriteErrorAsync(VideoCall call, ApiError error)
    {
        var context = call.Context;
        call.Error = error;
        // What a failed forward left there; ranges and retry hints are part of the error.
        var contentRange = context.Response.Headers.ContentRange;
        context.Response.Clear();
        if (error.Status == StatusCodes.Status416RangeNotSatisfiable) context.Response.Headers.ContentRange = contentRange;
        return Answers.WriteErrorAsync(call, error);
    }

    private static ApiError NoSuchOperation(VideoCall call) => call.Operation switch
    {
        VideoOperation.Character => ApiError.Unsupported("Characters are not supported by any provider."),
        _ when call.Context.Request.Path.Value is "/v1/videos" or "/v1/videos/" or "/v1/models" => new(405, "unsupported_operation", $"{call.Context.Request.Method} is not possible here."),
        _ => new(404, "unsupported_operation", $"There is no {call.Context.Request.Method} {call.Context.Request.Path}."),
    };

    private static partial class Log
    {
        [LoggerMessage(20, LogLevel.Error, "{Operation} failed; provider {Provider}; {RequestId}")]
        public static partial void Failed(ILogger logger, Exception exception, string operation, string? provider, string requestId);
    }
}
