using RemixProxy.Adapters;

namespace RemixProxy.Exchanges;

/// <summary>How an exchange with a provider ended, in one word.</summary>
/// <param name="Label">The word.</param>
internal readonly record struct ExchangeOutcome(string Label)
{
    /// <summary>Why it failed; null where it did not.</summary>
    public string? Error => Label is "ok" or "cancelled" ? null : Label;

    public static ExchangeOutcome Of(OutboundExchange exchange) => new(exchange switch
    {
        // Read whole: what ran out of time meanwhile was not waited for.
        { Response.IsSuccess: true } => "ok",
        { Response: { } response } => Failures.KindOf(exchange.Refusal ?? new(response.Status, new(ProviderErrorKind.ByStatus, null), Forwarded: false)) switch
        {
            // Of bytes: an address whose time is over, mostly.
            ProviderErrorKind.Unauthorized when !exchange.Streams => "unauthorized",
            ProviderErrorKind.RateLimited or ProviderErrorKind.InsufficientQuota => "limited",
            _ => "refused",
        },
        { Cancelled: true } => "cancelled",
        { TimedOut: true } => "timeout",
        { Broken: true } => "broken",
        { Streamed: true } => "ok",
        // It took the request and hung up.
        { Sent: true } or { HungUp: true } => "broken",
        _ => "unreachable",
    });
}
