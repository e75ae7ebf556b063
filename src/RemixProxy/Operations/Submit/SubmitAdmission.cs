using RemixProxy.Contract;
using RemixProxy.Jobs;
using RemixProxy.Jobs.Submissions;
using RemixProxy.Resilience;

namespace RemixProxy.Operations.Submit;

/// <summary>What admission decided about a submit.</summary>
internal abstract record Admitted
{
    private Admitted()
    {
    }

    /// <summary>The submit is new, or another RemixProxy is still at it and has to be asked again. This call may send it.</summary>
    /// <param name="Record">The record of the submit.</param>
    /// <param name="Fingerprint">Everything that shapes its result, hashed.</param>
    public sealed record New(SubmitRecord Record, Fingerprint Fingerprint) : Admitted;

    /// <summary>The submit repeats an earlier one that has a video.</summary>
    /// <param name="Job">The video in its present state.</param>
    public sealed record Repeat(VideoJob Job) : Admitted;

    /// <summary>The submit may not be sent, or repeats one that ended in an error.</summary>
    public sealed record Refused(ApiError Error) : Admitted;
}

/// <summary>Admits each wish once, and answers a repeat with the video of the earlier submit.</summary>
internal sealed class SubmitAdmission(ISubmissionStore submissions, VideoIdResolver ids, JobPolls polls)
{
    /// <summary>How often a submit asks to be admitted, if each earlier one that it repeats came to nothing.</summary>
    private const int MaxAdmissions = 16;

    private static readonly ApiError KeyIsTaken = new(
        422, "idempotency_key_reused", "This Idempotency-Key was used for another request. Use a new key.", "Idempotency-Key");

    // The provider took the submit. After a 404 or 503 a caller or its SDK would send it again.
    private static readonly ApiError NotAtHand = ApiError.SubmissionUnknown with
    {
        Message = "This request was taken before, but its video can't be looked up at this moment. "
            + "Send the same request again to get it, or look in GET /v1/videos.",
    };

    /// <summary>Records the submit, unless it repeats an earlier one.</summary>
    public async Task<Admitted> AdmitAsync(VideoCall call, SubmitInput input, CancellationToken deadline)
    {
        var fingerprint = await Fingerprint.OfAsync(call.Operation, input.Intent.SourceId, input.Body, call.CallerGone);
        var ticket = new SubmitTicket(call.Caller, call.Operation, fingerprint.Request, input.KeyHash, input.IsRetry, input.Policy.NoCache);
        for (var i = 0; i < MaxAdmissions; i++)
        {
            switch (await submissions.AdmitAsync(ticket, deadline))
            {
                case Admission.Granted { Submission: var submission }:
                    return new Admitted.New(new(submissions, submission), fingerprint);
                case Admission.Repeated { Earlier: var earlier }:
                    if (await RepeatAsync(call, earlier, fingerprint, deadline) is { } repeat) return repeat;
                    break;
                default:
                    return new Admitted.Refused(KeyIsTaken);
            }
        }

        return new Admitted.Refused(ApiError.SubmissionInProgress);
    }

    /// <returns>How the earlier submit ended; null if it ended before anything was sent, so that this one may be admitted instead.</returns>
    private async Task<Admitted?> RepeatAsync(VideoCall call, Submission earlier, Fingerprint fingerprint, CancellationToken deadline)
    {
        if (await WaitAsync(call, earlier, deadline) is not { } ended) return new Admitted.Refused(ApiError.SubmissionInProgress);
        if (ended.IsVoid) return null;
        call.Report.NoteReplay();
        if (ended is { Video: null, Pending: not null }) return new Admitted.New(new(submissions, ended), fingerprint);
        if (ended.Video is not { } id) return new Admitted.Refused(ended.Error ?? ApiError.SubmissionUnknown);
        return (await FindAsync(call, id, deadline)).TryGet(out var job, out var error) ? new Admitted.Repeat(job) : new Admitted.Refused(error);
    }

    /// <returns>The earlier submit after its end; null if the deadline passes first.</returns>
    private async Task<Submission?> WaitAsync(VideoCall call, Submission earlier, CancellationToken deadline)
    {
        using var wait = CancellationTokenSource.CreateLinkedTokenSource(deadline, call.CallerGone);
        try
        {
            while (true)
            {
                try
                {
                    return await submissions.WaitAsync(earlier, wait.Token);
                }
                catch (DependencyException)
                {
                    // The store is away. The repeat goes on waiting, because it must not become a submit of its own.
                    wait.Token.ThrowIfCancellationRequested();
                }
            }
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            return null;
        }
    }

    private async Task<Result<VideoJob>> FindAsync(VideoCall call, VideoId id, CancellationToken deadline)
    {
        try
        {
            if (!(await ids.ResolveAsync(call, id.ToString(), "video_id", call.CallerGone, mayBeUnknown: false)).TryGet(out var found, out var error))
                return error;
            if (found.Job is not { } job) return NotAtHand;
            try
            {
                // The video exists whatever the poll says. The caller would take a poll's error for the submit's, so the stored job answers.
                return (await polls.PresentAsync(call.Context, found.Provider, job, deadline)).TryGet(out var present, out _) ? present : job;
            }
            catch (OperationCanceledException)
            {
                return job;
            }
        }
        catch (DependencyException)
        {
            return NotAtHand;
        }
    }
}
