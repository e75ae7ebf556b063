using RemixProxy.Contract;

namespace RemixProxy.Jobs.Submissions;

/// <summary>The record of a submit.</summary>
internal sealed record Submission
{
    public required string Id { get; init; }

    public required SubmitTicket Ticket { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public SubmissionState State { get; init; }

    /// <summary>The accepted video.</summary>
    public VideoId? Video { get; init; }

    /// <summary>The answer of a refused or unknown one.</summary>
    public ApiError? Error { get; init; }

    /// <summary>Whether the caller hung up before the answer was fully written.</summary>
    public bool CallerGone { get; init; }

    /// <summary>Whether the answer was fully written. Until then the death of the process that holds it takes the caller's answer with it.</summary>
    public bool Answered { get; init; }

    public bool IsEnded => State is SubmissionState.Accepted or SubmissionState.Refused or SubmissionState.Unknown;

    /// <summary>The record of a submit that begins now.</summary>
    public static Submission Of(SubmitTicket ticket, DateTimeOffset now) =>
        new() { Id = Guid.CreateVersion7(now).ToString(), Ticket = ticket, StartedAt = now };

    /// <summary>
    /// Whether it came to nothing before anything was sent, for no reason of its own: its holder died, was taken over, or waited for another in vain. Whoever
    /// waited for it may begin anew.
    /// </summary>
    public bool IsVoid =>
        State == SubmissionState.Claimed || (State == SubmissionState.Refused && (Error is null || Error.Code == ApiError.SubmissionInProgress.Code));

    /// <summary>
    /// This record after a change. A state never goes back, and once ended only what comes late still counts: an answer after unknown, and whatever was sent by
    /// one that had been given up as dead.
    /// </summary>
    public Submission Moved(Func<Submission, Submission> change)
    {
        var changed = change(this);
        var isLate = (State == SubmissionState.Unknown && changed.State == SubmissionState.Accepted)
            || (State == SubmissionState.Refused && Error is null && changed.State is SubmissionState.Accepted or SubmissionState.Unknown);
        return !isLate && (IsEnded || changed.State < State) ? this with { CallerGone = changed.CallerGone, Answered = changed.Answered } : changed;
    }

    /// <summary>The further of two records of one submission.</summary>
    public Submission Joined(Submission other) =>
        Moved(s => other with { CallerGone = s.CallerGone || other.CallerGone, Answered = s.Answered || other.Answered });

    /// <summary>Whether a submit without a key repeats this one instead of being a new wish.</summary>
    public bool IsRepeatedBy(SubmitTicket ticket) =>
        State != SubmissionState.Refused && (ticket.IsRetry || (!ticket.NoCache && (State == SubmissionState.Unknown || CallerGone)));
}
