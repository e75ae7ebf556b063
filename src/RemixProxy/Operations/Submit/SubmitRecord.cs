using RemixProxy.Contract;
using RemixProxy.Exchanges;
using RemixProxy.Jobs.Submissions;
using RemixProxy.Resilience;

namespace RemixProxy.Operations.Submit;

/// <summary>The record of one submit in the process that sends it. As a gate it records the sending before the first byte leaves.</summary>
internal sealed class SubmitRecord(ISubmissionStore store, Submission submission) : ISubmitGate
{
    public Submission Submission { get; } = submission;

    /// <summary>The key by which a provider tells this submit from others. A submit that is asked for again keeps its first one.</summary>
    public string Key => Submission.Pending?.Key ?? Submission.Id;

    /// <summary>Where the submit is asked for again; null for one that is new.</summary>
    public PendingSubmit? Pending => Submission.Pending;

    /// <summary>What a repeat is told while the outcome is unknown: what the first call was.</summary>
    public ApiError Doubt => Submission.Error is { } told && told.Code == ApiError.SubmissionUnknown.Code ? told : ApiError.SubmissionUnknown;

    /// <summary>Where the submit can be looked for if its answer is lost; null where nobody can be asked.</summary>
    public PendingSubmit? Findable { get; set; }

    /// <summary>Whether a byte may have left for the provider. This process knows it even if the store is away.</summary>
    public bool HasBegun { get; private set; } = submission.Pending is not null;

    /// <summary>Records that the first byte is about to leave.</summary>
    /// <returns>
    /// Null if the submit may be sent. An error if another replica took this process for dead: it began anew, or recorded that the outcome is unknown.
    /// </returns>
    /// <exception cref="DependencyException">The store could not record it, so nothing may be sent.</exception>
    public async ValueTask<ApiError?> PassAsync()
    {
        if (Pending is not null) return null;
        var moved = await MoveAsync(s => s with { State = SubmissionState.Sending, Pending = Findable });
        HasBegun |= moved.State == SubmissionState.Sending;
        return moved.State switch
        {
            SubmissionState.Sending => null,
            SubmissionState.Refused => ApiError.SubmissionInProgress,
            _ => ApiError.SubmissionUnknown,
        };
    }

    /// <summary>Notes that no byte counts as sent, because the provider that got it certainly created nothing. The next target may be tried.</summary>
    public void BeginAnew() => HasBegun = false;

    public ValueTask<Submission> MoveAsync(Func<Submission, Submission> change) => store.MoveAsync(Submission, change, CancellationToken.None);

    /// <summary>
    /// Moves the record on. While the store is away, it returns the record as this process knows it; the store later finds that the holder is missing.
    /// </summary>
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
