using RemixProxy.Adapters;
using RemixProxy.Contract;

namespace RemixProxy.Exchanges;

/// <summary>How one exchange with a provider ended.</summary>
internal abstract record ExchangeResult
{
    private ExchangeResult()
    {
    }

    /// <summary>The result as one word, for metrics and traces.</summary>
    public abstract string Label { get; }

    /// <summary>The error as one word; null where the exchange did not fail.</summary>
    public string? Error => Label is Words.Ok or Words.Cancelled ? null : Label;

    /// <summary>The HTTP status of the response; null where none was read.</summary>
    public virtual int? Status => null;

    /// <summary>The proxy read a response: whole, or only its beginning where it came in place of bytes.</summary>
    public sealed record Answered(NativeResponse Response) : ExchangeResult
    {
        /// <summary>The adapter's reading of a response that is not 2xx; null in place of bytes.</summary>
        public Outcome.Refused? Refusal { get; init; }

        /// <summary>Whether the provider refused this proxy's key when asked for bytes. A refusal because the URL expired does not count.</summary>
        public bool IsKeyRefused { get; init; }

        /// <summary>Whether the key is the caller's own. A refusal of it is no matter for the operator.</summary>
        public bool IsCallersKey { get; init; }

        /// <summary>How long the response asks callers to wait; null where it does not say.</summary>
        public TimeSpan? RetryAfter { get; init; }

        public override int? Status => Response.Status;

        public override string Label => Response.IsSuccess
            ? Words.Ok
            : (Refusal ?? new(Response.Status, new(ProviderErrorKind.ByStatus, null), Forwarded: false)).Kind switch
            {
                // For bytes, a 401 or 403 mostly means that a signed URL has expired.
                ProviderErrorKind.Unauthorized when Refusal is not null && !IsCallersKey => Words.Unauthorized,
                ProviderErrorKind.RateLimited or ProviderErrorKind.InsufficientQuota => "limited",
                _ => "refused",
            };
    }

    /// <summary>A good response with bytes. The receiver reads the bytes and disposes the response.</summary>
    public sealed record Opened(HttpResponseMessage Response) : ExchangeResult
    {
        public override string Label => Words.Ok;
    }

    /// <summary>A good response with the wanted clip inside. The receiver reads the clip and disposes it.</summary>
    public sealed record OpenedClip(ClipStream Clip) : ExchangeResult
    {
        public override string Label => Words.Ok;
    }

    /// <summary>The proxy passed a good response on to the caller.</summary>
    /// <param name="Cause">Why the stream broke off; null where it did not.</param>
    public sealed record Streamed(Interruption? Cause) : ExchangeResult
    {
        public override string Label => Cause is { } cause ? Words.Of(cause) : Words.Ok;
    }

    /// <summary>The proxy got no answer, or none that it could read.</summary>
    /// <param name="Cause">The reason.</param>
    /// <param name="Sent">Whether the first byte of the body may have left. After that nobody knows whether the provider acts.</param>
    /// <param name="Failure">The exception, where there was one; it tells a blocked address from other failures.</param>
    public sealed record NoAnswer(Interruption Cause, bool Sent, Exception? Failure) : ExchangeResult
    {
        public override string Label => Words.Of(Cause);
    }

    /// <summary>The submit gate stopped the exchange: the proxy sent nothing.</summary>
    public sealed record Withheld(ApiError Reason) : ExchangeResult
    {
        public override string Label => Words.Cancelled;
    }

    private static class Words
    {
        public const string Ok = "ok";
        public const string Cancelled = "cancelled";
        public const string Unauthorized = "unauthorized";

        public static string Of(Interruption cause) => cause switch
        {
            Interruption.Cancelled => Cancelled,
            Interruption.TimedOut => "timeout",
            Interruption.Unsigned => Unauthorized,
            Interruption.Broken or Interruption.HungUp => "broken",
            _ => "unreachable",
        };
    }
}
