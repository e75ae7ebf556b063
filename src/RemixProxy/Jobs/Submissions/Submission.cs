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

    /// <summary>The error that a refused or unknown submission was answered with.</summary>
    public ApiError? Error { get; init; }

    /// <summary>
    /// Where an unknown submission may be asked for again; null where nobody can be asked. It is written before the first byte leaves, so that a dead holder's
    /// submission has it too.
    /// </summary>
    public PendingSubmit? Pending { get; init; }

    /// <summary>Whether the caller hung up before the answer was fully written.</summary>
    public bool CallerGone { get; init; }

    /// <summary>Whether the answer was fully written. If the holding process dies before that, the caller has no answer.</summary>
    public bool Answered { get; init; }

    public bool IsEnded => State is SubmissionState.Accepted or SubmissionState.Refused or SubmissionState.Unknown;

    /// <summary>The record of a submit that begins now.</summary>
    public static Submission Of(SubmitTicket ticket, DateTimeOffset now) =>
        new() { Id = Guid.CreateVersion7(now).ToString(), Ticket = ticket, StartedAt = now };

    /// <summary>
    /// Whether the submission came to nothing before anything was sent, through no fault of the request: its holder died, was replaced, or waited in vain for
    /// another. A caller that waited for it may begin anew.
    /// </summary>
    public bool IsVoid =>
        State == SubmissionState.Claimed || (State == SubmissionState.Refused && (Error is null || Error.Code == ApiError.SubmissionInProgress.Code));

    /// <summary>
    /// This record after a change. A state never goes back. After the end only late news changes it: an answer after unknown, and the outcome of a holder that
    /// was given up as dead but sent after all.
    /// </summary>
    public Submission Moved(Func<Submission, Submission> change)
    {
        var changed = change(this);
        var isLate = (State == SubmissionState.Unknown && changed.State == SubmissionState.Accepted)
            || (State == SubmissionState.Refused && Error is null && changed.State is SubmissionState.Accepted or SubmissionState.Unknown);
        return !isLate && (IsEnded || changed.State < State) ? this with { CallerGone = changed.CallerGone, Answered = changed.Answered } : changed;
    }

    /// <summary>Of two records of one submission, the one that has come further.</summary>
    public Submission Joined(Submission other) =>
        Moved(s => other with { CallerGone = s.CallerGone || other.CallerGone, Answered = s.Answered || other.Answered });

    /// <summary>Whether a submit without a key repeats this one and is no new wish.</summary>
    public bool IsRepeatedBy(SubmitTicket ticket) =>
        State != SubmissionState.Refused && (ticket.IsRetry || (!ticket.NoCache && (State == SubmissionState.Unknown || CallerGone)));
}
