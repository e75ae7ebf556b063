using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;
using RemixProxy.Adapters;
using RemixProxy.Contract;
using RemixProxy.Exchanges;
using RemixProxy.Providers;

namespace RemixProxy.Jobs;

/// <summary>Asks providers for the state of jobs: once an interval however many callers ask, and never for what can't change.</summary>
/// <remarks>
/// A <c>deadline</c> is a submit's, which outlives its caller: it cuts the question and the wait for somebody else's. Without one the provider's time-out and
/// the caller's patience do. A wait that is cut ends in <see cref="OperationCanceledException"/>.
/// </remarks>
internal sealed class JobPolls(JobRecords records, ExchangeRunner runner, TimeProvider time)
{
    private static readonly VideoSnapshot Forgotten = VideoSnapshot.Failed("expired", "The provider does not know the video any more.");

    private readonly ConcurrentDictionary<VideoId, Task<Result<VideoJob>>> _flights = new();

    /// <summary>The video of an id: a known job in its present state, or what the provider says of an unknown id.</summary>
    public Task<Result<VideoJob>> FindAsync(CallContext call, Provider provider, VideoId id, VideoJob? known, CancellationToken deadline = default) =>
        known is null ? AdoptAsync(call, provider, id, deadline) : PresentAsync(call, provider, known, deadline);

    /// <summary>The job in its present state: as stored, or as the provider says where it may be asked again.</summary>
    public async Task<Result<VideoJob>> PresentAsync(CallContext call, Provider provider, VideoJob job, CancellationToken deadline = default)
    {
        var asked = await AskIfDueAsync(call, provider, job, deadline);
        if (asked.Error is null || !job.IsFinished) return asked;
        // Only the URLs of a finished job are stale. The failed try is stored by now: content, which needs URLs, asks once more and says why there are none.
        return await records.FindAsync(job.Id) ?? job;
    }

    /// <summary>As <see cref="PresentAsync"/>, but a failure to refresh the URLs of a finished job is an error too.</summary>
    public async Task<Result<VideoJob>> AskIfDueAsync(CallContext call, Provider provider, VideoJob job, CancellationToken deadline) =>
        job.IsPollDue(provider.Profile, provider.PollInterval, time.GetUtcNow()) ? await PollAsync(call, provider, job, mustBeNew: false, deadline) : job;

    /// <summary>The job with URLs that can be fetched now.</summary>
    public async Task<Result<VideoJob>> WithFreshUrlsAsync(CallContext call, Provider provider, VideoJob job, CancellationToken deadline = default)
    {
        var now = time.GetUtcNow();
        var isFresh = job.PolledAt is { } polled && now - polled < provider.PollInterval && !(job.UrlsUntil <= now);
        return isFresh || !provider.Profile.RefreshesUrls ? job : await PollAsync(call, provider, job, mustBeNew: true, deadline);
    }

    /// <summary>The job with URLs newer than those that were just found dead; null where the provider gives none.</summary>
    public async Task<Result<VideoJob>?> RefreshAsync(CallContext call, Provider provider, VideoJob job)
    {
        if (!provider.Profile.RefreshesUrls) return null;
        return await PollAsync(call, provider, job, mustBeNew: true, deadline: default);
    }

    /// <summary>What the provider says of a video, whatever is remembered of it.</summary>
    public async Task<Result<VideoSnapshot>> AskAsync(CallContext call, Provider provider, VideoId id, CancellationToken deadline)
    {
        var outcome = await runner.AskAsync(call, provider, provider.Adapter.Retrieve(id.Native), deadline);
        return outcome is Outcome.Told { Snapshot: var snapshot } ? snapshot : Failures.OfRead(outcome, provider);
    }

    /// <summary>The job of an id that the store doesn't know, as the provider says; remembered from then on.</summary>
    private Task<Result<VideoJob>> AdoptAsync(CallContext call, Provider provider, VideoId id, CancellationToken deadline) =>
        OnceAsync(id, call, async () =>
        {
            if (!(await AskAsync(call, provider, id, deadline)).TryGet(out var snapshot, out var error)) return error;
            var known = new Video { Id = id.ToString() };
            var job = VideoJob.First(id, call.Caller, known, snapshot, provider.Profile, provider.Options.JobTimeout, time.GetUtcNow());
            return await records.AddAsync(job with { Adopted = true });
        }, deadline);

    /// <summary>Asks the provider, or shares the answer of whoever asks already, in this process or in another replica.</summary>
    private Task<Result<VideoJob>> PollAsync(CallContext call, Provider provider, VideoJob job, bool mustBeNew, CancellationToken deadline) =>
        OnceAsync(job.Id, call, async () =>
        {
            var isMine = await records.BeginPollAsync(job.Id);
            try
            {
                // Another caller may have asked between our look and our turn.
                var stored = await records.FindAsync(job.Id);
                if (stored is not null && stored.PolledAt != job.PolledAt) return stored;
                if (!isMine && !mustBeNew) return stored ?? job;
                return await AskAndRememberAsync(call, provider, job, deadline);
            }
            finally
            {
                if (isMine) await records.EndPollAsync(job.Id);
            }
        }, deadline);

    private async Task<Result<VideoJob>> AskAndRememberAsync(CallContext call, Provider provider, VideoJob job, CancellationToken deadline)
    {
        var asked = await AskAsync(call, provider, job.Id, deadline);
        var now = time.GetUtcNow();
        if (asked.TryGet(out var snapshot, out var error)) return await ApplyAsync(snapshot);
        // Past its time a job that the provider has forgotten is over; before, the provider may only be confused.
        var isUnknown = error.Status is StatusCodes.Status404NotFound or StatusCodes.Status410Gone;
        if (isUnknown && !job.IsFinished && now - job.SeenAt > provider.Options.JobTimeout) return await ApplyAsync(Forgotten);
        await records.ChangeAsync(job, j => j with { PolledAt = now });
        return error;

        Task<VideoJob> ApplyAsync(VideoSnapshot news) =>
            records.ChangeAsync(job, j => j.Apply(news, provider.Profile, provider.Options.JobTimeout, now));
    }

    /// <summary>
    /// Lets the first call do the work, and outlive its caller. All others share its result: they wait as long as their callers do, a submit until its
    /// deadline.
    /// </summary>
    private async Task<Result<VideoJob>> OnceAsync(VideoId id, CallContext call, Func<Task<Result<VideoJob>>> work, CancellationToken deadline)
    {
        var mine = new TaskCompletionSource<Result<VideoJob>>(TaskCreationOptions.RunContinuationsAsynchronously);
        var flight = _flights.GetOrAdd(id, mine.Task);
        if (flight != mine.Task) return await flight.WaitAsync(deadline.CanBeCanceled ? deadline : call.CallerGone);
        try
        {
            var result = await work();
            mine.SetResult(result);
            return result;
        }
        catch (Exception e)
        {
            mine.SetException(e);
            // Nobody may be waiting.
            _ = mine.Task.Exception;
            throw;
        }
        finally
        {
            _flights.TryRemove(id, out _);
        }
    }
}
