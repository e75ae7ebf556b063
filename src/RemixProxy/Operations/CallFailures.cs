using Microsoft.AspNetCore.Http;
using RemixProxy.Contract;
using RemixProxy.Exchanges;
using RemixProxy.Resilience;

namespace RemixProxy.Operations;

/// <summary>The one place that turns exceptions into the errors that callers get.</summary>
internal static class CallFailures
{
    /// <summary>The caller hung up, so no answer is written.</summary>
    public static readonly ApiError CallerGone = new(StatusCodes.Status499ClientClosedRequest, "caller_gone", "The caller hung up.");

    /// <summary>What this process holds has grown beyond its memory. What the call held is free again.</summary>
    private static readonly ApiError NoMemory = new(
        503, "provider_unavailable", "This proxy has no memory left for the request. Try again shortly.")
    { RetryAfter = 1 };

    /// <summary>The error for an exception.</summary>
    /// <param name="exception">What was thrown.</param>
    /// <param name="callerGone">Fires when the caller hangs up. Pass none if the call outlives its caller.</param>
    /// <param name="deadline">Fires when the deadline of a submit has passed.</param>
    /// <returns><see cref="ApiError.Internal"/> for an exception that only a defect in this proxy can cause.</returns>
    public static ApiError Of(Exception exception, CancellationToken callerGone = default, CancellationToken deadline = default) => exception switch
    {
        ApiException e => e.Error,
        OutOfMemoryException => NoMemory,
        // The dependency's breaker logs it once for all calls.
        DependencyException => ApiError.StoreUnavailable,
        OperationCanceledException when deadline.IsCancellationRequested => Failures.TimedOut,
        // What was being read from the caller, or written to it, breaks off too.
        OperationCanceledException or IOException when callerGone.IsCancellationRequested => CallerGone,
        _ => ApiError.Internal,
    };
}
