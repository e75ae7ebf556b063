using RemixProxy.Adapters;
using RemixProxy.Contract;

namespace RemixProxy.Exchanges;

/// <summary>How one exchange with a provider ended.</summary>
internal abstract record ExchangeResult
{
    private ExchangeResult()
    {
    }

    /// <summary>In a word, for metrics and traces.</summary>
    public abstract string Label { get; }

    /// <summary>Why it failed; null where it did not.</summary>
    public string? Error => Label is Words.Ok or Words.Cancelled ? null : Label;

    /// <summary>The status of the answer, where one was read.</summary>
    public virtual int? Status => null;

    /// <summary>A response was read whole; what stands in place of bytes, as far as it tells anything.</summary>
    public sealed record Answered(NativeResponse Response) : ExchangeResult
    {
        /// <summary>What a response that is no success means, by the adapter's reading; null in place of bytes.</summary>
        public Outcome.Refused? Refusal { get; init; }

        /// <summary>In place of bytes: this proxy's key was refused, not a URL whose time is over.</summary>
        public bool IsKeyRefused { get; init; }

        /// <summary>How long the response asks to wait.</summary>
        public TimeSpan? RetryAfter { get; init; }

        public override int? Status => Response.Status;

        public override string Label => Response.IsSuccess
            ? Words.Ok
            : (Refusal ?? new(Response.Status, new(ProviderErrorKind.ByStatus, null), Forwarded: false)).Kind switch
            {
                // For bytes, a 401 or 403 mostly means that a signed URL has expired.
                ProviderErrorKind.Unauthorized when Refusal is not null => Words.Unauthorized,
                ProviderErrorKind.RateLimited or ProviderErrorKind.InsufficientQuota => "limited",
                _ => "refused",
            };
    }

    /// <summary>A good response with bytes in it; they are the receiver's to read, and the response to dispose.</summary>
    public sealed record Opened(HttpResponseMessage Response) : ExchangeResult
    {
        public override string Label => Words.Ok;
    }

    /// <summary>A good response went to the caller as it came.</summary>
    /// <param name="Cause">Why it broke off; null where it did not.</param>
    public sealed record Streamed(Interruption? Cause) : ExchangeResult
    {
        public override string Label => Cause is { } cause ? Words.Of(cause) : Words.Ok;
    }

    /// <summary>No answer came, or none that could be taken.</summary>
    /// <param name="Cause">Why.</param>
    /// <param name="Sent">Whether the first byte of the body may have left: from then on nobody knows whether the provider acts.</param>
    /// <param name="Failure">What failed, where it was thrown; for telling addresses that are refused from others.</param>
    public sealed record NoAnswer(Interruption Cause, bool Sent, Exception? Failure) : ExchangeResult
    {
        public override string Label => Words.Of(Cause);
    }

    /// <summary>The gate of a submit did not let it pass: nothing was sent.</summary>
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
