using RemixProxy.Adapters;
using RemixProxy.Telemetry;

namespace RemixProxy.Exchanges;

/// <summary>How an operation's exchanges ended.</summary>
internal abstract record Outcome;

/// <summary>The provider told the state of the video.</summary>
internal sealed record Answered(VideoSnapshot Snapshot) : Outcome;

/// <summary>The provider refused.</summary>
/// <param name="Status">HTTP status; 200 for a refusal in a 2xx response.</param>
/// <param name="Error">Its reason.</param>
/// <param name="Forwarded">Whether it refused the operation's own exchange, not a preliminary one.</param>
internal sealed record Refused(int Status, ProviderError Error, bool Forwarded) : Outcome;

/// <summary>No whole answer came.</summary>
/// <param name="Sent">Whether the operation's own exchange may have reached the provider.</param>
/// <param name="TimedOut">Whether time ran out.</param>
/// <param name="Begun">Whether an answer began.</param>
internal sealed record Unanswered(bool Sent, bool TimedOut, bool Begun) : Outcome;

/// <summary>A 2xx answer that can't be read.</summary>
/// <param name="Forwarded">Whether it answered the operation's own exchange.</param>
internal sealed record Unreadable(bool Forwarded) : Outcome;
