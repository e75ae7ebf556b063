using RemixProxy.Resilience;

namespace RemixProxy.Jobs.Submissions;

/// <summary>Where submits are recorded, so that none is sent twice.</summary>
/// <remarks>
/// Every method may throw <see cref="DependencyException"/>: the store can't be reached, and nothing is known. With a key that ends the call before anything is
/// sent.
/// </remarks>
internal interface ISubmissionStore
{
    /// <summary>Records a submit, unless it repeats an earlier one.</summary>
    ValueTask<Admission> AdmitAsync(SubmitTicket ticket, CancellationToken cancellationToken);

    /// <summary>Moves a submission on; a state never goes back.</summary>
    ValueTask<Submission> MoveAsync(Submission submission, Func<Submission, Submission> change, CancellationToken cancellationToken);

    /// <summary>
    /// Waits until a submission has ended. One whose holder died while sending ends as unknown by that. One that is still claimed on return lost its holder
    /// before anything was sent: whoever waited may begin anew.
    /// </summary>
    /// <exception cref="DependencyException">The store has been away for a while.</exception>
    ValueTask<Submission> WaitAsync(Submission submission, CancellationToken cancellationToken);
}
