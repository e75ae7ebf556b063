using Microsoft.AspNetCore.Http;
using RemixProxy.Contract;
using RemixProxy.Exchanges;
using RemixProxy.Resilience;

namespace RemixProxy.Operations;

/// <summary>The one place that says what an exception means to callers.</summary>
internal static class CallFailures
{
    /// <summary>The caller hung up: nobody is answered.</summary>
    public static readonly ApiError CallerGone = new(StatusCodes.Status499ClientClosedRequest, "caller_gone", "The caller hung up.");

    /// <summary>The error that an exception is.</summary>
    /// <param name="exception">What was thrown.</param>
    /// <param name="callerGone">Fires when the caller hangs up, where that may end the call.</param>
    /// <param name="deadline">Fires when the time of a submit is up.</param>
    /// <returns><see cref="ApiError.Internal"/> where it is a defect of ours.</returns>
    public static ApiError Of(Exception exception, CancellationToken callerGone = default, CancellationToken deadline = default) => exception switch
    {
        ApiException e => e.Error,
        // The dependency's breaker logs it once for all calls.
        DependencyException => ApiError.StoreUnavailable,
        OperationCanceledException when deadline.IsCancellationRequested => Failures.TimedOut,
        OperationCanceledException when callerGone.IsCancellationRequested => CallerGone,
        _ => ApiError.Internal,
    };
}
