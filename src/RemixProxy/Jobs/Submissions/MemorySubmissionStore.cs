namespace RemixProxy.Jobs.Submissions;

/// <summary>Submissions that only this process knows.</summary>
internal sealed class MemorySubmissionStore(SubmissionLedger ledger, TimeProvider time) : ISubmissionStore
{
    public ValueTask<Admission> AdmitAsync(SubmitTicket ticket, CancellationToken cancellationToken) =>
        new(ledger.Admit(Submission.Of(ticket, time.GetUtcNow())));

    public ValueTask<Submission> MoveAsync(Submission submission, Func<Submission, Submission> change, CancellationToken cancellationToken) =>
        new(ledger.Move(submission, change));

    public ValueTask<Submission> WaitAsync(Submission submission, CancellationToken cancellationToken) => new(ledger.WaitAsync(submission, cancellationToken));
}
