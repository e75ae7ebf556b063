namespace RemixProxy.Adapters;

/// <summary>A provider's refusal, as its response body explains it.</summary>
/// <param name="Kind">The meaning; <see cref="ProviderErrorKind.ByStatus"/> where the body says no more than the status.</param>
/// <param name="Message">The provider's reason, for people; null where it gives none.</param>
public sealed record ProviderError(ProviderErrorKind Kind, string? Message)
{
    /// <summary>The field at fault, by its name in the unified request; null where unknown.</summary>
    public string? Param { get; init; }

    /// <summary>How long the provider asks callers to wait; null where it does not say.</summary>
    public TimeSpan? RetryAfter { get; init; }
}

/// <summary>The meaning of a refusal.</summary>
public enum ProviderErrorKind
{
    /// <summary>The HTTP status alone gives the meaning.</summary>
    ByStatus,

    /// <summary>The request is malformed, or asks for something that the provider does not offer.</summary>
    InvalidRequest,

    /// <summary>Moderation refused the request.</summary>
    Moderation,

    /// <summary>The video, or the source of a remix, does not exist.</summary>
    NotFound,

    /// <summary>The video's bytes are no longer available.</summary>
    Expired,

    /// <summary>The model does not exist, or no longer.</summary>
    ModelNotFound,

    /// <summary>The server has no such operation.</summary>
    Unsupported,

    /// <summary>Too many requests; the provider created nothing.</summary>
    RateLimited,

    /// <summary>The account has no credit or quota left; the provider created nothing.</summary>
    InsufficientQuota,

    /// <summary>
    /// The server is itself a proxy that records submits, and does not know whether its own provider took this one. The caller is told so in its words.
    /// </summary>
    SubmissionUnknown,

    /// <summary>
    /// The server is itself a proxy that records submits, and is still at this one. Only the same request with the same <see cref="SubmitRequest.SubmitKey"/>
    /// may follow.
    /// </summary>
    SubmissionInProgress,

    /// <summary>The provider's key is wrong or missing. That is what 401 means; some providers answer 400 instead.</summary>
    Unauthorized,

    /// <summary>
    /// The provider has a job with this submit's key already: this submit's own, which the proxy looks for (<see cref="IVideoAdapter.Find"/>).
    /// </summary>
    Duplicate,

    /// <summary>A poll was refused for a reason that says nothing of the job, which goes on. The proxy asks again until the job's time is up.</summary>
    PollRefused,
}
