using RemixProxy.Contract;

namespace RemixProxy.Jobs.Submissions;

/// <summary>What decides whether a submit is a new wish.</summary>
/// <param name="Caller">Who submits.</param>
/// <param name="Operation">Which of the four.</param>
/// <param name="Fingerprint">Everything that shapes the result.</param>
/// <param name="Key">The caller's <c>Idempotency-Key</c>, hashed.</param>
/// <param name="IsRetry">Whether the SDK says that it sends again.</param>
/// <param name="NoCache">Whether the caller asks for a new video.</param>
internal sealed record SubmitTicket(string Caller, VideoOperation Operation, string Fingerprint, string? Key, bool IsRetry, bool NoCache)
{
    /// <summary>How long a request without a key may be repeated.</summary>
    public static readonly TimeSpan RepeatWindow = TimeSpan.FromMinutes(10);

    /// <summary>How long a key is bound.</summary>
    public static readonly TimeSpan KeyLifetime = TimeSpan.FromHours(24);

    /// <summary>How long its submission has to be remembered.</summary>
    public TimeSpan Lifetime => Key is null ? RepeatWindow : KeyLifetime;
}
