using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RemixProxy.Cache;
using RemixProxy.Callers;
using RemixProxy.Contract;
using RemixProxy.Exchanges;
using RemixProxy.Limits;
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
    private readonly PageAccess _pages;
    private readonly ContentLinks _links;
    private readonly Drain _drain;
    private readonly ILimitStore _limits;
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
        PageAccess pages,
        ContentLinks links,
        Drain drain,
        ILimitStore limits,
        IHostApplicationLifetime lifetime,
        VideoMetrics metrics,
        TimeProvider time,
        ILogger<VideoCallMiddleware> logger)
    {
        _next = next;
        _registry = registry;
        _pages = pages;
        _links = links;
        _drain = drain;
        _limits = limits;
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
        var operation = Enum.Parse<VideoOperation>(name!);
        var ownKey = providers.HasCallersKeys ? CallerKeys.OwnKey(context.Request, providers.Clients) : null;
        var who = Identify(context, operation, providers, ownKey);
        providers = providers.With(ownKey);
        var isRaw = providers.Options.AllowRaw && context.Request.Headers["x-remix-raw"] == "true";
        var call = new VideoCall
        {
            Http = context,
            Context = new()
            {
                Operation = operation,
                Caller = who.Caller,
                CallerGone = context.RequestAborted,
                KeepsPrompts = providers.Options.Jobs.KeepPrompts,
                Upstream = new(isRaw ? new RawCapture() : null),
            },
            RequestId = "req_" + Guid.CreateVersion7().ToString("N"),
            At = _time.GetUtcNow(),
            Providers = who.Client is null ? providers : providers.For(who.Client),
            AllProviders = providers,
            Client = who.Client,
            IsByLink = who.IsByLink,
            Links = _links,
            Refusal = who.Refusal,
            Stopping = _stopping,
        };
        return ServeAsync(call);
    }

    private Identity Identify(HttpContext context, VideoOperation operation, ProviderSet providers, string? ownKey)
    {
        if (providers.Clients.IsOpen)
            return new(null, ownKey is null ? "" : CallerKeys.NameOf(ownKey)) { Refusal = OpenAccess.Check(context, providers.Options) };
        // A link is good for whoever has it, whatever else the request says. Beside one that is not, a key decides.
        var link = operation == VideoOperation.Content ? _links.Read(context.Request, providers, _time.GetUtcNow()) : null;
        if (link is { } linked && linked.TryGet(out var owner, out _)) return new(owner, owner.Name) { IsByLink = true };
        if (!CallerKeys.Read(context.Request, providers.Clients, ownKey is not null).TryGet(out var client, out var error))
            return new(null, "") { Refusal = error == CallerKeys.Missing && link?.Error is { } ended ? ended : error };
        var other = context.Request.Query["client"].ToString();
        if (other.Length == 0 || other == client.Name) return new(client, client.Name);
        var isRead = operation is VideoOperation.Retrieve or VideoOperation.List or VideoOperation.Content;
        return isRead && client.IsAdmin
            ? new(client, other)
            : new(client, client.Name) { Refusal = ApiError.NotAllowed("Only an admin reads for another client.", "client") };
    }

    private async Task ServeAsync(VideoCall call)
    {
        UnreadBody.Accept(call.Http);
        await MeasureAsync(call);
        await UnreadBody.DiscardAsync(call.Http, _time);
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
        var (request, response) = (call.Http.Request, call.Http.Response);
        var headers = response.Headers;
        headers[Answers.RequestIdHeader] = call.RequestId;
        // Replicas share an address. Without this, the next request on this connection would reach the stopping process again.
        // A client that asked before it sends its body may send its next request instead, which would be taken for the body.
        var mustEnd = _stopping.IsCancellationRequested || (response.StatusCode >= StatusCodes.Status400BadRequest && request.Headers.Expect.Count > 0);
        if (mustEnd && HttpProtocol.IsHttp11(request.Protocol)) headers.Connection = "close";
        if (call.Report.CacheStatus is { } status) headers[CacheStatus.Header] = status.ToString();
        if (call.Report.IsReplay) headers[Answers.ReplayedHeader] = "true";
        if (call.Report.Requests is { } left) RateLimitHeaders.Write(headers, left);
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
        if (error.Status == StatusCodes.Status405MethodNotAllowed) response.Headers.Allow = AllowedOf(call);
        await Answers.WriteErrorAsync(call, error);
        return error;
    }

    /// <returns>The error to write; null if the answer is written.</returns>
    private async Task<ApiError?> TryAnswerAsync(VideoCall call)
    {
        try
        {
            if (_pages.Admit(call.Http, call.Providers.Options)) return null;
            var isGuarded = call.Operation != VideoOperation.None || NoOperation.IsOfApi(call.Http.Request);
            if (isGuarded && (call.Refusal ?? await CountAsync(call)) is { } refusal) return refusal;
            if (!_operations.TryGetValue(call.Operation, out var operation)) return await NoOperation.AnswerAsync(call, AllowedOf(call));
            using var underWay = call.Context.IsSubmit || call.Operation == VideoOperation.Content ? _drain.Enter() : null;
            return await operation.AnswerAsync(call);
        }
        catch (Exception e) when (CallFailures.Of(e, call.CallerGone) is var error && (error == CallFailures.CallerGone || !call.Http.Response.HasStarted))
        {
            if (error == ApiError.Internal) Log.Failed(_logger, e, call.Operation.RequestType(), call.Report.Provider?.Name, call.RequestId);
            return error;
        }
    }

    /// <returns>429 if the client has sent as many requests in a minute as it may.</returns>
    private async ValueTask<ApiError?> CountAsync(VideoCall call)
    {
        // A player asks for range after range, and must not use up its client's requests.
        if (call.IsByLink || call.Client is not { Options.RequestsPerMinute: { } perMinute } client) return null;
        var left = await _limits.TakeRequestAsync(client.Name, perMinute, call.CallerGone);
        call.Report.NoteRequests(left);
        if (left.IsGranted) return null;
        _metrics.LimitReached(LimitNames.Requests);
        return ApiError.TooMany(
            Invariant($"This client may send {perMinute} requests a minute, and has. Try again after Retry-After."),
            retryAfter: (int)Math.Ceiling(left.Next.TotalSeconds));
    }

    private static string? AllowedOf(VideoCall call) => call.Http.GetReverseProxyFeature().Route.Config.Metadata?.GetValueOrDefault(ProxyNames.Allow);

    private void LogFailure(VideoCall call, ApiError error, string cause)
    {
        var (level, operation) = (error.IsForOperator ? LogLevel.Warning : LogLevel.Information, call.Operation.Name());
        var said = call.Report.WithoutQuotes(cause);
        Log.NotAnswered(_logger, level, operation, error.Code, call.Report.Provider?.Name, said, call.RequestId);
    }

    /// <summary>Who calls.</summary>
    /// <param name="Client">The client; null in open mode, and where nobody is known.</param>
    /// <param name="Caller">The name that owns the videos of the call.</param>
    private readonly record struct Identity(Client? Client, string Caller)
    {
        /// <summary>Why the call is refused; null if it is not.</summary>
        public ApiError? Refusal { get; init; }

        /// <summary>Whether a signed content URL let the call in, in place of a key.</summary>
        public bool IsByLink { get; init; }
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
