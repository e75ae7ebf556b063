namespace RemixProxy.Adapters;

/// <summary>A provider's refusal, read from its body.</summary>
/// <param name="Kind">What it means, where the body says more than the status.</param>
/// <param name="Message">The provider's reason, for people.</param>
public sealed record ProviderError(ProviderErrorKind Kind, string? Message)
{
    /// <summary>The native field at fault, as the unified request names it.</summary>
    public string? Param { get; init; }

    /// <summary>How long the provider asks to wait.</summary>
    public TimeSpan? RetryAfter { get; init; }
}

/// <summary>What a refusal means.</summary>
public enum ProviderErrorKind
{
    /// <summary>What its HTTP status says.</summary>
    ByStatus,

    /// <summary>The request is malformed or asks for what the provider has not.</summary>
    InvalidRequest,

    /// <summary>Refused by moderation.</summary>
    Moderation,

    /// <summary>The video, or a remix's source, isn't there.</summary>
    NotFound,

    /// <summary>The video's bytes are gone.</summary>
    Expired,

    /// <summary>The model isn't there, or no more.</summary>
    ModelNotFound,

    /// <summary>The server has no such operation.</summary>
    Unsupported,

    /// <summary>Too many requests; nothing was created.</summary>
    RateLimited,

    /// <summary>No credit or quota; nothing was created.</summary>
    InsufficientQuota,

    /// <summary>The provider's key is wrong or missing, as 401 says; some say it in a 400.</summary>
    Unauthorized,
}
