using RemixProxy.Contract;
using RemixProxy.Jobs;
using RemixProxy.Routing;

namespace RemixProxy.Submit;

/// <summary>Answers repeats of an earlier submit by its video.</summary>
internal sealed class SubmitRepeats(IJobStore store, VideoIdResolver ids, JobPolls polls)
{
    /// <summary>The earlier submit's video in its present state, once it has one; null where it came to nothing before anything was sent, so that the repeat is the first.</summary>
    /// <exception cref="ApiException">What the earlier one ended in, or 409 where it doesn't end in time.</exception>
    public async Task<VideoJob?> FindAsync(VideoCall call, Submission earlier, CancellationToken deadline)
    {
        var ended = await WaitAsync(call, earlier, deadline);
        if (ended.IsVoid) return null;
        if (ended.Video is not { } id) throw new ApiException(ended.Error ?? ApiError.SubmissionUnknown);
        var (_, provider, job) = await ids.ResolveAsync(call, id.ToString(), "video_id", call.CallerGone, mayBeUnknown: false);
        if (job is null) throw new ApiException(ApiError.VideoNotFound);
        try
        {
            return await polls.PresentAsync(call, provider, job, deadline);
        }
        catch (Exception e) when (e is ApiException or OperationCanceledException)
        {
            // The video exists, whatever its provider says of it now; an error here would be read as the submit's.
            return job;
        }
    }

    private async Task<Submission> WaitAsync(VideoCall call, Submission earlier, CancellationToken deadline)
    {
        using var wait = CancellationTokenSource.CreateLinkedTokenSource(deadline, call.CallerGone);
        try
        {
            return await store.WaitAsync(earlier, wait.Token);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            throw new ApiException(ApiError.SubmissionInProgress);
        }
    }
}
