using System.Text.Json.Serialization;

namespace RemixProxy.Contract;

/// <summary>An error as callers see it.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Code">The stable word.</param>
/// <param name="Message">What the caller can do next. It has nothing internal, no credential and no upstream host.</param>
/// <param name="Param">The field at fault.</param>
internal sealed record ApiError(int Status, string Code, string Message, string? Param = null)
{
    /// <summary>
    /// What the provider did, for the operator's log: its status, the origin that it redirects to, its words. Null where no provider was asked. It is neither
    /// answered nor stored.
    /// </summary>
    [JsonIgnore]
    public string? Cause { get; init; }

    /// <summary>Seconds for <c>Retry-After</c>, 1–60.</summary>
    public int? RetryAfter { get; init; }

    /// <summary>Whether a repeat can help. If not, the answer carries <c>x-should-retry: false</c>.</summary>
    public bool Retryable { get; init; } = Status >= 500;

    /// <summary>Whether the operator is warned, because the caller can't mend it.</summary>
    public bool IsForOperator => Status is 424 or 429 or >= 500;

    public string Type => Status switch
    {
        401 => "authentication_error",
        403 => "permission_error",
        429 => "rate_limit_error",
        424 or >= 500 => "api_error",
        _ => "invalid_request_error",
    };

    /// <summary>The same error with its cause.</summary>
    public ApiError Because(string? cause) => this with { Cause = cause };

    public static ApiError Missing(string param) => new(400, "missing_required_parameter", $"Missing required parameter: '{param}'.", param);

    public static ApiError Invalid(string param, string message) => new(400, "invalid_value", message, param);

    public static ApiError InvalidId(string param, string message) => new(400, "invalid_video_id", message, param);

    public static ApiError NotAllowed(string message, string? param = null) => new(403, "not_allowed", message, param);

    /// <summary>429 that a wait mends.</summary>
    public static ApiError TooMany(string message, int retryAfter) => new(429, "rate_limit_exceeded", message) { RetryAfter = retryAfter, Retryable = true };

    public static ApiError VideoNotFound { get; } = new(404, "video_not_found", "There is no such video. List yours with GET /v1/videos.", "video_id");

    public static ApiError ModelNotFound(string message) => new(404, "model_not_found", message, "model");

    public static ApiError Unsupported(string message, string? param = null) => new(400, "unsupported_operation", message, param);

    public static ApiError UnsupportedParameter(string param, string message) => new(400, "unsupported_parameter", message, param);

    public static ApiError NotReady { get; } = new(
        409, "video_not_ready", "The video is not completed yet. Retrieve it until its status is 'completed'.", "video_id")
    { Retryable = true };

    public static ApiError VideoFailed { get; } = new(
        409, "video_failed", "The video failed and never will have content. Retrieve it to see why, and create another.", "video_id");

    public static ApiError VideoExpired { get; } = new(410, "video_expired", "The video's bytes are gone at the provider.", "video_id");

    public static ApiError Internal { get; } = new(
        500, "internal_error", "This proxy failed. Nothing was created by this call; its operator finds the cause in the log under the x-request-id.");

    public static ApiError SubmissionInProgress { get; } = new(
        409, "submission_in_progress", "The same request is still being submitted. Ask again shortly.")
    { RetryAfter = 2, Retryable = true };

    public static ApiError StoreUnavailable { get; } = new(
        503, "store_unavailable", "This proxy can't reach what it remembers. Nothing was created by this call; try again shortly.")
    { RetryAfter = 1 };

    public static ApiError Stopping { get; } = new(503, "provider_unavailable", "This process is stopping. Nothing was sent; try again.") { RetryAfter = 1 };

    public static ApiError SubmissionUnknown { get; } = new(
        424, "submission_unknown",
            "The provider did not say whether it took the request; it may have been billed and is not sent again. Look for the video at the provider. "
            + "To make it anew all the same, send the request with a new Idempotency-Key or with 'Cache-Control: no-cache'.");
}

/// <summary>Ends a call with an error from deep inside the reading of its request, where nobody on the way up can do anything about it.</summary>
internal sealed class ApiException(ApiError error) : Exception(error.Message)
{
    public ApiError Error { get; } = error;
}
