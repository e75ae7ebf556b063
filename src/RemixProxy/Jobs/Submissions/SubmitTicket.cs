using RemixProxy.Contract;

namespace RemixProxy.Jobs.Submissions;

/// <summary>What decides whether a submit is a new wish or a repeat.</summary>
/// <param name="Caller">Who submits.</param>
/// <param name="Operation">One of the four operations that cost money.</param>
/// <param name="Fingerprint">The hash of everything that shapes the result.</param>
/// <param name="Key">The caller's <c>Idempotency-Key</c>, hashed.</param>
/// <param name="IsRetry">Whether the SDK says that it sends again.</param>
/// <param name="NoCache">Whether the caller asks for a new video.</param>
internal sealed record SubmitTicket(string Caller, VideoOperation Operation, string Fingerprint, string? Key, bool IsRetry, bool NoCache)
{
    /// <summary>For how long a request without a key is recognised as a repeat.</summary>
    public static readonly TimeSpan RepeatWindow = TimeSpan.FromMinutes(10);

    /// <summary>For how long a key is bound to its request.</summary>
    public static readonly TimeSpan KeyLifetime = TimeSpan.FromHours(24);

    /// <summary>How long the ticket's submission has to be remembered.</summary>
    public TimeSpan Lifetime => Key is null ? RepeatWindow : KeyLifetime;
}
