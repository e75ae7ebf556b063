using Microsoft.AspNetCore.Http;
using RemixProxy.Adapters;
using RemixProxy.Contract;
using RemixProxy.Providers;
using RemixProxy.Telemetry;
using Yarp.ReverseProxy.Forwarder;

namespace RemixProxy.Exchanges;

/// <summary>
/// Sends native requests: an operation's main exchange through YARP's forwarder, preliminary ones without it. It measures each exchange and gives it a span.
/// </summary>
internal sealed class ExchangeSender(ForwardPipeline pipeline, VideoMetrics metrics, TimeProvider time)
{
    /// <summary>Sends an exchange and reads the whole response.</summary>
    /// <param name="call">The call that needs it.</param>
    /// <param name="provider">The provider to ask.</param>
    /// <param name="exchange">The exchange to send.</param>
    /// <param name="isSubmit">Whether the exchange costs money.</param>
    /// <param name="answers">Pays for a long answer.</param>
    /// <param name="clips">Counts the clips in the answer. Where one is wanted, the exchange may end with it.</param>
    /// <param name="deadline">Cancels the exchange, as the provider's own time-out does.</param>
    public async Task<ExchangeResult> SendAsync(
        CallContext call, Provider provider, Exchange exchange, bool isSubmit, AnswerBudget.Lease answers, AnswerClips clips, CancellationToken deadline)
    {
        // The pause before an exchange is ours, so it is not measured as the provider's time.
        if (exchange.Delay > TimeSpan.Zero) await Task.Delay(exchange.Delay, time, deadline).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (exchange.Delay > TimeSpan.Zero && deadline.IsCancellationRequested)
            return new ExchangeResult.NoAnswer(Interruption.TimedOut, Sent: false, Failure: null);
        using var timeout = new CancellationTokenSource(provider.Options.Timeout, time);
        using var cut = CancellationTokenSource.CreateLinkedTokenSource(deadline, timeout.Token);
        var outbound = new OutboundExchange(provider, exchange.Request) { Answers = answers, Clips = clips, IsSubmit = isSubmit };
        return await MeasureAsync(call, outbound, isSubmit, async () =>
        {
            var failure = await FailureOfAsync(call.Operation, outbound, exchange.Forward, cut.Token);
            Interruption? interrupted = IsTimeout(failure) || cut.IsCancellationRequested ? Interruption.TimedOut : null;
            return outbound.End(interrupted, failure, exchange.Forward, time.GetUtcNow());
        });
    }

    /// <summary>Requests bytes, and streams a good response to the caller.</summary>
    public Task<ExchangeResult> StreamAsync(CallContext call, HttpContext caller, OutboundExchange exchange) =>
        MeasureAsync(call, exchange, isSubmit: false, async () =>
    {
        using var counting = SentBytesStream.Count(caller.Response, Sent);
        var error = await pipeline.StreamAsync(caller, exchange);
        return exchange.End(InterruptionOf(error, call.CallerGone), FailureOf(error), forwarded: true, time.GetUtcNow());

        // An error body in place of the video is not counted as content.
        void Sent(int bytes)
        {
            if (exchange.IsHandedOver) metrics.Sent(exchange.Provider.Name, bytes);
        }
    });

    /// <summary>Requests bytes for the proxy itself, and returns a good response unread.</summary>
    public Task<ExchangeResult> OpenAsync(CallContext call, OutboundExchange exchange, CancellationToken cancellationToken) =>
        MeasureAsync(call, exchange, isSubmit: false, async () =>
    {
        HttpResponseMessage? response = null;
        try
        {
            response = await pipeline.SendBesideAsync(call.Operation, exchange, cancellationToken);
            if (ContentHeaders.IsMedia(response)) return new ExchangeResult.Opened(response);
            using (response) await exchange.ReadRefusalAsync(response, cancellationToken);
            return exchange.End(interrupted: null, failure: null, forwarded: false, time.GetUtcNow());
        }
        catch (OperationCanceledException e)
        {
            response?.Dispose();
            // A submit goes on when its caller hangs up.
            var interrupted = call.CallerGone.IsCancellationRequested && !call.IsSubmit ? Interruption.Cancelled : Interruption.TimedOut;
            return exchange.End(interrupted, e, forwarded: false, time.GetUtcNow());
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            response?.Dispose();
            return exchange.End(interrupted: null, e, forwarded: false, time.GetUtcNow());
        }
    });

    private async Task<Exception?> FailureOfAsync(VideoOperation operation, OutboundExchange exchange, bool forward, CancellationToken cancellationToken)
    {
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            // A response that stays open can't be the forwarder's, which disposes it.
            if (forward && exchange.Clips?.IsSearch != true) return FailureOf(await pipeline.ForwardAsync(operation, exchange, cancellationToken));
            var response = await pipeline.SendBesideAsync(operation, exchange, cancellationToken);
            try
            {
                await exchange.ReadAsync(response, cancellationToken);
            }
            finally
            {
                if (exchange.Clips?.Found is null) response.Dispose();
            }

            return null;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException)
        {
            return e;
        }
    }

    private async Task<ExchangeResult> MeasureAsync(CallContext call, OutboundExchange exchange, bool isSubmit, Func<Task<ExchangeResult>> send)
    {
        // An exchange that is not sent is no fault of the provider, and is not measured.
        if (exchange.LacksKey) return new ExchangeResult.NoAnswer(Interruption.Unsigned, Sent: false, Failure: null);
        var started = time.GetTimestamp();
        var provider = exchange.Provider;
        using var activity = isSubmit
            ? VideoActivities.Submit(call.Operation, provider.Name, provider.Profile.TelemetryName ?? provider.Profile.Type, call.Model)
            : VideoActivities.Exchange(call.Operation, provider.Name);
        ExchangeResult? result = null;
        try
        {
            return result = await send();
        }
        finally
        {
            var duration = time.GetElapsedTime(started);
            call.Upstream.Waited(duration);
            // An exception here is a defect, of RemixProxy or of an application's transform. As far as is known, nobody was reached.
            result ??= new ExchangeResult.NoAnswer(Interruption.Unreachable, Sent: false, Failure: null);
            metrics.Exchanged(call.Operation, provider.Name, result.Label, duration);
            activity?.Ended(result.Status, result.Error);
        }
    }

    // When a source breaks off, YARP ends the caller's connection. The caller has not left.
    private static Interruption? InterruptionOf(IForwarderErrorFeature? error, CancellationToken callerGone)
    {
        if (callerGone.IsCancellationRequested && error?.Error != ForwarderError.ResponseBodyDestination) return Interruption.Cancelled;
        return error?.Error == ForwarderError.RequestTimedOut || IsTimeout(error?.Exception) ? Interruption.TimedOut : null;
    }

    private static Exception? FailureOf(IForwarderErrorFeature? error) => error switch
    {
        null => null,
        { Error: ForwarderError.RequestTimedOut } => new TimeoutException(),
        _ => error.Exception ?? new HttpRequestException(error.Error.ToString()),
    };

    private static bool IsTimeout(Exception? e) => e is TimeoutException || (e?.InnerException is { } inner && IsTimeout(inner));
}
