using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;
using RemixProxy.Adapters;
using RemixProxy.Contract;
using RemixProxy.Exchanges;
using RemixProxy.Providers;

namespace RemixProxy.Jobs;

/// <summary>Asks providers for the state of jobs: at most once per poll interval, however many callers ask, and never if nothing can change.</summary>
/// <remarks>
/// A <c>deadline</c> is that of a submit, which outlives its caller. It cuts the exchange with the provider and the wait for another call's exchange. Without
/// one, the provider's timeout cuts the exchange, and the caller's hang-up cuts the wait. A wait that is cut ends in
/// <see cref="OperationCanceledException"/>.
/// </remarks>
internal sealed class JobPolls(JobRecords records, ExchangeRunner runner, TimeProvider time)
{
    /// <summary>For how long an OpenAI-compatible server may not know a job that it took: many read from a replica, or write a moment later.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(30);

    private static readonly VideoSnapshot Forgotten = VideoSnapshot.Failed("expired", "The provider does not know the video any more.");

    private readonly ConcurrentDictionary<VideoId, Task<Result<VideoJob>>> _flights = new();

    /// <summary>The job of an id: a known one in its present state, an unknown one as its provider describes it.</summary>
    public Task<Result<VideoJob>> FindAsync(CallContext call, Provider provider, VideoId id, VideoJob? known, CancellationToken deadline = default) =>
        known is null ? AdoptAsync(call, provider, id, deadline) : PresentAsync(call, provider, known, deadline);

    /// <summary>The job in its present state: as the provider says if a poll is due, else as stored.</summary>
    public async Task<Result<VideoJob>> PresentAsync(CallContext call, Provider provider, VideoJob job, CancellationToken deadline = default)
    {
        var asked = await AskIfDueAsync(call, provider, job, deadline);
        if (asked.Error is null || !job.IsFinished) return asked;
        // The job is finished, and only its URLs are stale. The failed poll is stored. A content call needs URLs: it asks once more and reports why.
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

    /// <summary>The job with URLs newer than those that were just found dead; null if the provider never gives new ones.</summary>
    public async Task<Result<VideoJob>?> RefreshAsync(CallContext call, Provider provider, VideoJob job)
    {
        if (!provider.Profile.RefreshesUrls) return null;
        return await PollAsync(call, provider, job, mustBeNew: true, deadline: default);
    }

    /// <summary>What the provider says of a video now, whatever the store knows.</summary>
    public async Task<Result<VideoSnapshot>> AskAsync(CallContext call, Provider provider, VideoId id, CancellationToken deadline) =>
        ResultOf(await runner.AskAsync(call, provider, provider.Adapter.Retrieve(id.Native), deadline), provider);

    private static Result<VideoSnapshot> ResultOf(Outcome outcome, Provider provider) =>
        outcome is Outcome.Told { Snapshot: var snapshot } ? snapshot : Failures.OfRead(outcome, provider);

    /// <summary>Makes a job from what the provider says of an id that the store doesn't know, and stores it.</summary>
    private Task<Result<VideoJob>> AdoptAsync(CallContext call, Provider provider, VideoId id, CancellationToken deadline) =>
        OnceAsync(id, call, async () =>
        {
            if (!(await AskAsync(call, provider, id, deadline)).TryGet(out var snapshot, out var error)) return error;
            var known = new Video { Id = id.ToString() };
            var job = VideoJob.First(id, call.Caller, known, snapshot, provider.Profile, provider.Options.JobTimeout, time.GetUtcNow());
            // A video that is met completed may have been so for long.
            return await records.AddAsync(job with { Adopted = true, CompletedSeenAt = null });
        }, deadline);

    /// <summary>Asks the provider. If this process or another replica asks already, uses that answer instead.</summary>
    private Task<Result<VideoJob>> PollAsync(CallContext call, Provider provider, VideoJob job, bool mustBeNew, CancellationToken deadline) =>
        OnceAsync(job.Id, call, async () =>
        {
            var isMine = await records.BeginPollAsync(job.Id);
            try
            {
                // Another call may have polled between our look at the job and our turn.
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
        var outcome = await runner.AskAsync(call, provider, provider.Adapter.Retrieve(job.Id.Native), deadline);
        var asked = ResultOf(outcome, provider);
        var now = time.GetUtcNow();
        if (asked.TryGet(out var snapshot, out var error)) return await ApplyAsync(snapshot);
        // A job that the provider doesn't know is over once its time is up. Before that, the provider may be wrong for a moment.
        var isUnknown = error.Status is StatusCodes.Status404NotFound or StatusCodes.Status410Gone;
        if (isUnknown && !job.IsFinished && now - job.SeenAt > provider.Options.JobTimeout) return await ApplyAsync(Forgotten);
        var polled = await records.ChangeAsync(job, j => j with { PolledAt = now });
        var isFresh = provider.Profile.IsOpenAiCompatible && !job.Adopted && now - job.SeenAt <= Fresh;
        return isFresh && outcome is Outcome.Refused { Status: StatusCodes.Status404NotFound } ? polled : error;

        Task<VideoJob> ApplyAsync(VideoSnapshot news) =>
            records.ChangeAsync(job, j => j.Apply(news, provider.Profile, provider.Options.JobTimeout, now));
    }

    /// <summary>
    /// Lets the first call do the work, even after its caller hangs up. All other calls share its result: a submit waits until its deadline, any other call
    /// until its caller hangs up.
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
            // Nobody may be waiting: reading the exception marks it as observed.
            _ = mine.Task.Exception;
            throw;
        }
        finally
        {
            _flights.TryRemove(id, out _);
        }
    }
}
