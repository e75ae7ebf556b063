using RemixProxy.Adapters;
using RemixProxy.Contract;

namespace RemixProxy.Exchanges;

/// <summary>The end of an operation's exchanges.</summary>
internal abstract record Outcome
{
    private Outcome()
    {
    }

    /// <summary>How the last exchange ended, for the operator's log; null after a success.</summary>
    public string? Said { get; init; }

    /// <summary>The provider reported the state of the video.</summary>
    public sealed record Told(VideoSnapshot Snapshot) : Outcome;

    /// <summary>The provider described its models.</summary>
    public sealed record Listed(IReadOnlyList<NativeModel> Models) : Outcome;

    /// <summary>The provider's answer has the wanted clip. The receiver disposes it.</summary>
    public sealed record Opened(ClipStream Clip) : Outcome;

    /// <summary>The provider refused.</summary>
    /// <param name="Status">The HTTP status; 200 for a refusal in a 2xx response.</param>
    /// <param name="Error">The provider's reason.</param>
    /// <param name="Forwarded">Whether the operation's main exchange was sent; false where only preliminary ones were.</param>
    public sealed record Refused(int Status, ProviderError Error, bool Forwarded) : Outcome
    {
        /// <summary>The meaning by the adapter's reading, else by the status.</summary>
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

    /// <summary>The proxy got no complete answer.</summary>
    /// <param name="Sent">Whether the operation's main exchange may have reached the provider.</param>
    /// <param name="Cause">The reason.</param>
    public sealed record Unanswered(bool Sent, Interruption Cause) : Outcome;

    /// <summary>The submit gate stopped the operation: the proxy did not send the exchange that costs money.</summary>
    public sealed record Withheld(ApiError Reason) : Outcome;

    /// <summary>The proxy can't read a 2xx answer, or a preliminary exchange failed after the main one.</summary>
    /// <param name="Forwarded">Whether the operation's main exchange was sent.</param>
    public sealed record Unreadable(bool Forwarded) : Outcome;
}
