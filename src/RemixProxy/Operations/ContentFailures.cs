using RemixProxy.Contract;
using RemixProxy.Exchanges;
using RemixProxy.Providers;

namespace RemixProxy.Operations;

/// <summary>The errors that callers get when a source gives no video bytes.</summary>
internal static class ContentFailures
{
    /// <summary>The source answered, but without media.</summary>
    public static ApiError Refused(ExchangeResult.Answered answered, Provider provider) =>
        answered.IsKeyRefused ? Failures.AuthFailed(provider) : Unavailable(answered.Response.Status, answered.RetryAfter);

    /// <summary>The source can't be reached.</summary>
    public static ApiError Unreachable(Exception? failure) => MisdirectedException.IsIn(failure)
        ? new(502, "provider_invalid_response",
        "The provider's address of the bytes leads to where this proxy doesn't go. Its operator finds the host in the log; AssetHosts allows it.")
        {
            Retryable = false,
        }
        : new(503, "provider_unavailable", "The video's bytes can't be reached. Try again later.");

    /// <summary>The source gave no media; only its HTTP status is known.</summary>
    public static ApiError Unavailable(int status, TimeSpan? wait = null) => status switch
    {
        403 or 404 or 410 => ApiError.VideoExpired,
        429 => ApiError.TooMany("The provider serves no more downloads now.", Failures.Seconds(wait)),
        >= 200 and < 300 => new(502, "provider_invalid_response", "The provider sent something that is no video. Try again later."),
        _ => new(502, "provider_error", Invariant($"The provider could not serve the video's bytes: it answered {status}. Try again later.")),
    };
}
