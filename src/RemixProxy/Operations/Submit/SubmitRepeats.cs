using RemixProxy.Contract;
using RemixProxy.Jobs;
using RemixProxy.Jobs.Submissions;
using RemixProxy.Providers;
using RemixProxy.Resilience;

namespace RemixProxy.Operations.Submit;

/// <summary>Answers repeats of an earlier submit by its video.</summary>
internal sealed class SubmitRepeats(ISubmissionStore submissions, VideoIdResolver ids, JobPolls polls)
{
    // It was taken, and is not to be sent again for that nobody can look at it at this moment; 404 or 503 would have it sent again.
    private static readonly ApiError NotAtHand = ApiError.SubmissionUnknown
        with
    {
        Message = "This request was taken before, but its video can't be looked up at this moment. "
            + "Send the same request again to get it, or look in GET /v1/videos."
    };

    /// <summary>
    /// The earlier submit's video in its present state, once it has one; null where it came to nothing before anything was sent, so that the repeat is the
    /// first.
    /// </summary>
    /// <exception cref="ApiException">What the earlier one ended in, or 409 where it doesn't end in time.</exception>
    public async Task<VideoJob?> FindAsync(VideoCall call, Submission earlier, CancellationToken deadline)
    {
        var ended = await WaitAsync(call, earlier, deadline);
        if (ended.IsVoid) return null;
        if (ended.Video is not { } id) throw new ApiException(ended.Error ?? ApiError.SubmissionUnknown);
        var (provider, job) = await LookUpAsync(call, id);
        try
        {
            return await polls.PresentAsync(call.Context, provider, job, deadline);
        }
        catch (Exception e) when (e is ApiException or OperationCanceledException)
        {
            // The video exists, whatever its provider says of it now; an error here would be read as the submit's.
            return job;
        }
    }

    private async Task<(Provider Provider, VideoJob Job)> LookUpAsync(VideoCall call, VideoId id)
    {
        try
        {
            var (_, provider, job) = await ids.ResolveAsync(call, id.ToString(), "video_id", call.CallerGone, mayBeUnknown: false);
            return (provider, job ?? throw new ApiException(NotAtHand));
        }
        catch (DependencyException)
        {
            throw new ApiException(NotAtHand);
        }
    }

    private async Task<Submission> WaitAsync(VideoCall call, Submission earlier, CancellationToken deadline)
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
                    // A repeat must not become a submit because the store is away: it waits on.
                    wait.Token.ThrowIfCancellationRequested();
                }
            }
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            throw new ApiException(ApiError.SubmissionInProgress);
        }
    }
}
