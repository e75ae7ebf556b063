using RemixProxy.Adapters;
using RemixProxy.Contract;

namespace RemixProxy.Exchanges;

/// <summary>How an operation's exchanges ended.</summary>
internal abstract record Outcome
{
    private Outcome()
    {
    }

    /// <summary>The provider told the state of the video.</summary>
    public sealed record Told(VideoSnapshot Snapshot) : Outcome;

    /// <summary>The provider refused.</summary>
    /// <param name="Status">HTTP status; 200 for a refusal in a 2xx response.</param>
    /// <param name="Error">Its reason.</param>
    /// <param name="Forwarded">Whether it refused the operation's own exchange, not a preliminary one.</param>
    public sealed record Refused(int Status, ProviderError Error, bool Forwarded) : Outcome
    {
        /// <summary>What it means, by the adapter's word, else by its status.</summary>
        public ProviderErrorKind Kind => (Error.Kind, Status) switch
        {
            (not ProviderErrorKind.ByStatus, _) => Error.Kind,
            (_, 400 or 422) => ProviderErrorKind.InvalidRequest,
            (_, 401 or 402 or 403) => ProviderErrorKind.Unauthorized,
            (_, 404) => ProviderErrorKind.NotFound,
            (_, 410) => ProviderErrorKind.Expired,
            (_, 405 or 501) => ProviderErrorKind.Unsupported,
            (_, 429) => ProviderErrorKind.RateLimited,
            _ => ProviderErrorKind.ByStatus,
        };
    }

    /// <summary>No whole answer came.</summary>
    /// <param name="Sent">Whether the operation's own exchange may have reached the provider.</param>
    /// <param name="Cause">Why.</param>
    public sealed record Unanswered(bool Sent, Interruption Cause) : Outcome;

    /// <summary>The gate of a submit did not let it pass: nothing was sent.</summary>
    public sealed record Withheld(ApiError Reason) : Outcome;

    /// <summary>A 2xx answer that can't be read.</summary>
    /// <param name="Forwarded">Whether it answered the operation's own exchange.</param>
    public sealed record Unreadable(bool Forwarded) : Outcome;
}
