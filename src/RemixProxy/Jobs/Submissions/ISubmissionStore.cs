using RemixProxy.Resilience;

namespace RemixProxy.Jobs.Submissions;

/// <summary>Where submits are recorded, so that none is sent twice.</summary>
/// <remarks>
/// Every method may throw <see cref="DependencyException"/>: the store can't be reached, and nothing is known. A call with an <c>Idempotency-Key</c> then ends
/// before anything is sent.
/// </remarks>
internal interface ISubmissionStore
{
    /// <summary>Records a submit, unless it repeats an earlier one.</summary>
    ValueTask<Admission> AdmitAsync(SubmitTicket ticket, CancellationToken cancellationToken);

    /// <summary>Moves a submission on; a state never goes back.</summary>
    ValueTask<Submission> MoveAsync(Submission submission, Func<Submission, Submission> change, CancellationToken cancellationToken);

    /// <summary>
    /// Waits until a submission has ended. If its holder died while sending, it ends as unknown. If it is still claimed on return, its holder died before
    /// anything was sent, and the caller that waited may begin anew.
    /// </summary>
    /// <exception cref="DependencyException">The store has been away for a while.</exception>
    ValueTask<Submission> WaitAsync(Submission submission, CancellationToken cancellationToken);
}
