using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using RemixProxy.Adapters;
using RemixProxy.Contract;
using RemixProxy.Operations;
using RemixProxy.Pipeline;
using RemixProxy.Providers;
using RemixProxy.Telemetry;
using Yarp.ReverseProxy;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;

namespace RemixProxy.Exchanges;

/// <summary>Runs the exchanges that an adapter plans: the operation's own one through YARP's forwarder, the preliminary ones beside it over the same cluster, with the same transforms.</summary>
internal sealed class ExchangeRunner(IProxyStateLookup clusters, VideoMetrics metrics, TimeProvider time)
{
    /// <summary>Runs an operation to its end.</summary>
    /// <param name="call">The call.</param>
    /// <param name="provider">Who is asked.</param>
    /// <param name="step">The first step.</param>
    /// <param name="sending">Called before the operation's own exchange.</param>
    /// <param name="deadline">Cuts whatever is under way. The caller's hanging up does not.</param>
    public async Task<Outcome> RunAsync(
        VideoCall call, Provider provider, ProviderStep step, Func<ValueTask>? sending, CancellationToken deadline)
    {
        var (forwarded, sent) = (false, false);
        while (step is Exchange exchange)
        {
            forwarded |= exchange.Forward;
            var outbound = new OutboundExchange(provider, exchange.Request);
            // Before it is measured: what can't be recorded is not sent, and no fault of the provider.
            if (exchange.Forward && sending is not null) await sending();
            await SendAsync(call, outbound, exchange, isSubmit: exchange.Forward && sending is not null, deadline);
            sent |= exchange.Forward && outbound.Sent;
            if (outbound.Response is not { } response) return new Unanswered(sent, outbound.TimedOut, outbound.Broken);
            // What a look-up after the operation's own exchange refuses takes nothing of that back.
            if (!response.IsSuccess) return forwarded && !exchange.Forward ? new Unreadable(Forwarded: true) : outbound.Refusal!;
            call.Raw?.Add(exchange.Request, response);
            try
            {
                step = exchange.Next(response);
            }
            catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException or KeyNotFoundException or OverflowException)
            {
                return new Unreadable(forwarded);
            }
        }

        return step switch
        {
            Answer { Snapshot: var snapshot } => new Answered(snapshot with { Error = snapshot.Error is { } e ? e with { Message = ProviderText.Clean(e.Message, provider) } : null }),
            Refusal { Error: var error } => new Refused(StatusCodes.Status200OK, Clean(provider, error), forwarded),
            _ => throw new InvalidOperationException($"Unknown step {step.GetType()}."),
        };
    }

    /// <summary>Forwards a request for bytes: a good response goes to the caller as it comes, any other is in the exchange.</summary>
    public async Task StreamAsync(VideoCall call, OutboundExchange outbound)
    {
        var started = time.GetTimestamp();
        using var activity = VideoActivities.Exchange(call, outbound, isSubmit: false);
        try
        {
            await SentBytesStream.DuringAsync(call.Context.Response, Count, () => ForwardAsync(call, outbound, call.CallerGone));
            outbound.Cancelled = call.CallerGone.IsCancellationRequested;
            outbound.Broken = outbound.Streamed && call.Context.GetForwarderErrorFeature() is not null;
        }
        finally
        {
            Ended(call, outbound, started, activity);
        }

        // What stands in place of bytes is no content.
        void Count(int bytes)
        {
            if (outbound.Streamed) metrics.Sent(outbound.Provider, bytes);
        }
    }

    /// <summary>Sends a request for bytes that are ours to read. The response is handed over unread; the caller disposes it.</summary>
    /// <exception cref="HttpRequestException">It could not be sent.</exception>
    public async Task<HttpResponseMessage> FetchAsync(VideoCall call, OutboundExchange outbound, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        using var activity = VideoActivities.Exchange(call, outbound, isSubmit: false);
        try
        {
            var response = await OpenAsync(call, outbound, cancellationToken);
            if (response.IsSuccessStatusCode) outbound.Streamed = true;
            else outbound.Response = new((int)response.StatusCode, new Dictionary<string, string>(), default);
            return response;
        }
        catch (OperationCanceledException)
        {
            // A submit outlives its caller.
            (outbound.TimedOut, outbound.Cancelled) = (true, call.CallerGone.IsCancellationRequested && !VideoOperation.Submit.HasFlag(call.Operation));
            throw;
        }
        finally
        {
            Ended(call, outbound, started, activity);
        }
    }

    private async Task<HttpResponseMessage> OpenAsync(VideoCall call, OutboundExchange outbound, CancellationToken cancellationToken)
    {
        var cluster = Cluster(outbound.Provider) ?? throw new HttpRequestException("The provider's cluster is gone.");
        var destination = cluster.DestinationsState.AvailableDestinations is [var first, ..] ? first : throw new HttpRequestException("No destination is available.");
        using var message = new HttpRequestMessage { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionOrLower };
        call.Exchange = outbound;
        var transformer = call.Context.GetReverseProxyFeature().Route.Transformer;
        await transformer.TransformRequestAsync(call.Context, message, destination.Model.Config.Address, cancellationToken);
        return await cluster.Model.HttpClient.SendAsync(message, cancellationToken);
    }

    /// <summary>How long a response asks to wait, in seconds or until a date.</summary>
    public TimeSpan? RetryAfter(NativeResponse response) =>
        response.Headers.TryGetValue("Retry-After", out var text) && RetryConditionHeaderValue.TryParse(text, out var wait) ? wait.Delta ?? wait.Date - time.GetUtcNow() : null;

    private async Task SendAsync(VideoCall call, OutboundExchange outbound, Exchange exchange, bool isSubmit, CancellationToken deadline)
    {
        // Our own pause between two looks is no time of the provider's.
        if (exchange.Delay > TimeSpan.Zero)
        {
            await Task.Delay(exchange.Delay, time, deadline).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            outbound.TimedOut = deadline.IsCancellationRequested;
            if (outbound.TimedOut) return;
        }

        using var timeout = new CancellationTokenSource(outbound.Provider.Options.Timeout, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(deadline, timeout.Token);
        var started = time.GetTimestamp();
        using var activity = VideoActivities.Exchange(call, outbound, isSubmit);
        try
        {
            if (!exchange.Forward)
            {
                using var response = await OpenAsync(call, outbound, linked.Token);
                await VideoTransformProvider.ReadAsync(outbound, response, linked.Token);
            }
            else
            {
                linked.Token.ThrowIfCancellationRequested();
                await ForwardAsync(call, outbound, linked.Token);
            }
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException)
        {
            outbound.TimedOut = IsTimeout(e);
        }
        finally
        {
            outbound.TimedOut |= linked.IsCancellationRequested;
            try
            {
                if (outbound.Response is { IsSuccess: false } refusal) outbound.Refusal = RefusedBy(outbound, refusal, exchange.Forward);
            }
            finally
            {
                Ended(call, outbound, started, activity);
            }
        }
    }

    private void Ended(VideoCall call, OutboundExchange outbound, long started, Activity? activity)
    {
        var duration = time.GetElapsedTime(started);
        call.UpstreamTime += duration;
        var outcome = ExchangeOutcome.Of(outbound);
        metrics.Exchanged(call.Operation, outbound.Provider, outcome, duration);
        activity?.Ended(outbound, outcome);
    }

    private async Task ForwardAsync(VideoCall call, OutboundExchange outbound, CancellationToken cancellationToken)
    {
        if (Cluster(outbound.Provider) is not { } cluster) return;
        var context = call.Context;
        var route = context.GetReverseProxyFeature().Route;
        context.ReassignProxyRequest(new RouteModel(route.Config, cluster, route.Transformer), cluster);
        // Each forward starts clean: an alias may need several for one answer.
        context.Features.Set<IForwarderErrorFeature>(null);
        context.Features.Set<IHttpRequestBodyDetectionFeature>(NoBody.Instance);
        context.Response.Clear();
        call.Exchange = outbound;
        var callersToken = context.RequestAborted;
        context.RequestAborted = cancellationToken;
        try
        {
            await call.Next(context);
        }
        finally
        {
            var error = context.GetForwarderErrorFeature();
            outbound.TimedOut = error is { Error: ForwarderError.RequestTimedOut } || IsTimeout(error?.Exception);
            context.RequestAborted = callersToken;
        }
    }

    // While a reload is under way YARP's cluster and the call's provider may differ: a key must not go where another configuration points.
    private ClusterState? Cluster(Provider provider) =>
        clusters.TryGetCluster(provider.ClusterId, out var cluster) && cluster.Model.Config.Metadata?.GetValueOrDefault(RemixProxyConfigProvider.BaseUrlKey) == provider.BaseUrl.AbsoluteUri ? cluster : null;

    // What a bucket or another foreign host says is no word of the provider's.
    private Refused RefusedBy(OutboundExchange outbound, NativeResponse response, bool forwarded) =>
        Uri.TryCreate(outbound.Request.Target, UriKind.Absolute, out var url) && !outbound.IsOwn(url)
            ? new(StatusCodes.Status502BadGateway, new(ProviderErrorKind.ByStatus, null), forwarded)
            : new(response.Status, WithRetryAfter(Clean(outbound.Provider, outbound.Provider.Adapter.ReadError(response)), response), forwarded);

    // Adapters read their vendor's own hints and have no clock for a date; the standard header counts wherever they found none.
    private ProviderError WithRetryAfter(ProviderError error, NativeResponse response) => error.RetryAfter is null ? error with { RetryAfter = RetryAfter(response) } : error;

    private static ProviderError Clean(Provider provider, ProviderError error) => error with { Message = ProviderText.Clean(error.Message, provider), Param = ProviderText.FieldName(error.Param) };

    private static bool IsTimeout(Exception? e) => e is TimeoutException || (e?.InnerException is { } inner && IsTimeout(inner));

    /// <summary>The body was read by us: YARP must not forward what is left of it.</summary>
    private sealed class NoBody : IHttpRequestBodyDetectionFeature
    {
        public static readonly NoBody Instance = new();

        public bool CanHaveBody => false;
    }
}
