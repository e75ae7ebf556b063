using RemixProxy.Contract;
using RemixProxy.Exchanges;
using RemixProxy.Jobs.Submissions;
using RemixProxy.Resilience;

namespace RemixProxy.Operations.Submit;

/// <summary>The record of one submit, as its own process moves it on. Before the first byte leaves, the gate writes so.</summary>
internal sealed class SubmitRecord(ISubmissionStore store, Submission submission) : ISubmitGate
{
    public Submission Submission { get; } = submission;

    public string Id => Submission.Id;

    /// <summary>Whether a byte may have left: known here, whatever the store says.</summary>
    public bool HasBegun { get; private set; }

    /// <summary>Writes that the first byte is about to leave.</summary>
    /// <returns>
    /// An error where the submit is not ours any more: another replica took this process for dead and began anew, or doesn't know whether it was sent.
    /// </returns>
    /// <exception cref="DependencyException">It could not be written: nothing may be sent.</exception>
    public async ValueTask<ApiError?> PassAsync()
    {
        var moved = await MoveAsync(s => s with { State = SubmissionState.Sending });
        HasBegun |= moved.State == SubmissionState.Sending;
        return moved.State switch
        {
            SubmissionState.Sending => null,
            SubmissionState.Refused => ApiError.SubmissionInProgress,
            _ => ApiError.SubmissionUnknown,
        };
    }

    /// <summary>Takes back that a byte may have left: whoever got it created nothing for certain, and another is tried.</summary>
    public void BeginAnew() => HasBegun = false;

    public ValueTask<Submission> MoveAsync(Func<Submission, Submission> change) => store.MoveAsync(Submission, change, CancellationToken.None);

    /// <summary>Moves it on; without the store as far as this process knows, and the store finds out by the missing holder.</summary>
    public async ValueTask<Submission> TryMoveAsync(Func<Submission, Submission> change)
    {
        try
        {
            return await MoveAsync(change);
        }
        catch (DependencyException)
        {
            return change(Submission with { State = HasBegun ? SubmissionState.Sending : SubmissionState.Claimed });
        }
    }
}
