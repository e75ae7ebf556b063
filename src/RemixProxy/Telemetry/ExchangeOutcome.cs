using RemixProxy.Transforms;

namespace RemixProxy.Telemetry;

/// <summary>How an exchange with a provider ended, in one word.</summary>
/// <param name="Label">The word.</param>
internal readonly record struct ExchangeOutcome(string Label)
{
    /// <summary>Why it failed; null where it did not.</summary>
    public string? Error => Label is "ok" or "cancelled" ? null : Label;

    public static ExchangeOutcome Of(OutboundExchange exchange) => new(exchange switch
    {
        { Cancelled: true } => "cancelled",
        { TimedOut: true } => "timeout",
        { Broken: true } => "broken",
        { Streamed: true } or { Response.IsSuccess: true } => "ok",
        { Response: not null } => "refused",
        // It took the request and hung up.
        { Sent: true } => "broken",
        _ => "unreachable",
    });
}
