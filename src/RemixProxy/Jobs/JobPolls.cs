using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;
using RemixProxy.Adapters;
using RemixProxy.Contract;
using RemixProxy.Exchanges;
using RemixProxy.Providers;
using RemixProxy.Resilience;

namespace RemixProxy.Jobs;

/// <summary>Asks providers for the state of jobs: once an interval however many callers ask, and never for what can't change.</summary>
internal sealed class JobPolls(IJobStore store, JobEnds ends, ExchangeRunner runner, TimeProvider time)
{
    private static readonly VideoSnapshot Forgotten = VideoSnapshot.Failed("expired", "The provider does not know the video any more.");

    private readonly ConcurrentDictionary<VideoId, Task<VideoJob>> _flights = new();

    /// <summary>The job in its present state: as stored, or as the provider says where it may be asked again.</summary>
    /// <param name="call">The call.</param>
    /// <param name="provider">Who has the job.</param>
    /// <param name="job">The job as stored.</param>
    /// <param name="deadline">Of a submit, which outlives its caller: cuts the asking and the waiting for another who asks. None: the provider's own time-out,
    /// and the caller's patience.</param>
    /// <exception cref="ApiException">The provider could not tell.</exception>
    /// <exception cref="OperationCanceledException">Another asks, and the time to wait for him is up.</exception>
    public async Task<VideoJob> PresentAsync(CallContext call, Provider provider, VideoJob job, CancellationToken deadline = default)
    {
        try
        {
            return await AskIfDueAsync(call, provider, job, deadline);
        }
        catch (ApiException) when (job.IsFinished)
        {
            // Only its URLs are stale. As it was stored after this try, so that content, which needs them, asks once more and tells why it can't have them.
            return await StoredAsync(job.Id) ?? job;
        }
    }

    /// <summary>As <see cref="PresentAsync"/>, but what the provider says of a finished video whose URLs are stale is an error too.</summary>
    public async Task<VideoJob> AskIfDueAsync(CallContext call, Provider provider, VideoJob job, CancellationToken deadline) =>
        job.IsPollDue(provider.Profile, provider.PollInterval, time.GetUtcNow()) ? await PollAsync(call, provider, job, mustBeNew: false, deadline) : job;

    /// <summary>The job with URLs that can be fetched now.</summary>
    public async Task<VideoJob> WithFreshUrlsAsync(CallContext call, Provider provider, VideoJob job, CancellationToken deadline = default)
    {
        var now = time.GetUtcNow();
        var isFresh = job.PolledAt is { } polled && now - polled < provider.PollInterval && !(job.UrlsUntil <= now);
        return isFresh || !provider.Profile.RefreshesUrls ? job : await PollAsync(call, provider, job, mustBeNew: true, deadline);
    }

    /// <summary>The job with URLs newer than those that were just found dead; null where the provider gives none.</summary>
    public async Task<VideoJob?> RefreshAsync(CallContext call, Provider provider, VideoJob job) =>
        provider.Profile.RefreshesUrls ? await PollAsync(call, provider, job, mustBeNew: true) : null;

    /// <summary>The video of an id: as remembered and asked for where due, or as the provider knows it.</summary>
    public Task<VideoJob> FindAsync(CallContext call, Provider provider, VideoId id, VideoJob? known, CancellationToken deadline = default) =>
        known is null ? AdoptAsync(call, provider, id, deadline) : PresentAsync(call, provider, known, deadline);

    /// <summary>What the provider says of a video, whatever is remembered of it.</summary>
    /// <exception cref="ApiException">It could not tell.</exception>
    public async Task<VideoSnapshot> AskAsync(CallContext call, Provider provider, VideoId id, CancellationToken deadline)
    {
        var outcome = await runner.AskAsync(call, provider, provider.Adapter.Retrieve(id.Native), deadline);
        return outcome is Outcome.Told { Snapshot: var snapshot } ? snapshot : throw new ApiException(Failures.OfRead(outcome, provider));
    }

    /// <summary>The job of an id that the store doesn't know, as the provider says; remembered from then on.</summary>
    private async Task<VideoJob> AdoptAsync(CallContext call, Provider provider, VideoId id, CancellationToken deadline)
    {
        return await OnceAsync(id, call, async () =>
        {
            var snapshot = await AskAsync(call, provider, id, deadline);
            var job = VideoJob.First(
                id, call.Caller, new Video { Id = id.ToString() }, snapshot, provider.Profile, provider.Options.JobTimeout, time.GetUtcNow())
                    with
            { Adopted = true };
            try
            {
                return await store.AddAsync(job, CancellationToken.None);
            }
            catch (DependencyException)
            {
                // Served without being remembered.
                return job;
            }
        }, deadline);
    }

    /// <summary>Asks the provider, or shares the answer of whoever asks already, in this process or in another replica.</summary>
    private async Task<VideoJob> PollAsync(CallContext call, Provider provider, VideoJob job, bool mustBeNew, CancellationToken deadline = default)
    {
        return await OnceAsync(job.Id, call, async () =>
        {
            var isMine = await BeginAsync(job.Id);
            try
            {
                // Another caller may have asked between our look and our turn.
                var stored = await StoredAsync(job.Id);
                if (stored is not null && stored.PolledAt != job.PolledAt) return stored;
                if (!isMine && !mustBeNew) return stored ?? job;
                return await AskAndRememberAsync(call, provider, job, deadline);
            }
            finally
            {
                if (isMine) await EndAsync(job.Id);
            }
        }, deadline);
    }

    private async Task<VideoJob> AskAndRememberAsync(CallContext call, Provider provider, VideoJob job, CancellationToken deadline)
    {
        try
        {
            var snapshot = await AskAsync(call, provider, job.Id, deadline);
            return await ChangeAsync(job, j => j.Apply(snapshot, provider.Profile, provider.Options.JobTimeout, time.GetUtcNow()));
        }
        catch (ApiException e)
        {
            // Past its time a job that the provider has forgotten is over; before, the provider may only be confused.
            var now = time.GetUtcNow();
            var isUnknown = e.Error.Status is StatusCodes.Status404NotFound or StatusCodes.Status410Gone;
            if (isUnknown && !job.IsFinished && now - job.SeenAt > provider.Options.JobTimeout)
                return await ChangeAsync(job, j => j.Apply(Forgotten, provider.Profile, provider.Options.JobTimeout, now));
            await ChangeAsync(job, j => j with { PolledAt = now });
            throw;
        }
    }

    // Without the store the change is this call's alone.
    private async Task<VideoJob> ChangeAsync(VideoJob job, Func<VideoJob, VideoJob> change)
    {
        // Of all replicas that see a job end, the one whose change is kept tells it.
        var isEnd = false;
        try
        {
            var stored = await store.UpdateAsync(
                job.Id,
                before =>
                {
                    var after = change(before);
                    isEnd = after.IsFinished && !before.IsFinished;
                    return after;
                },
                CancellationToken.None);
            if (stored is null) return change(job);
            if (isEnd) await ends.TellAsync(stored);
            return stored;
        }
        catch (DependencyException)
        {
            return change(job);
        }
    }

    // Without the store every replica is on its own: it asks, and remembers nothing.
    private async Task<VideoJob?> StoredAsync(VideoId id)
    {
        try
        {
            return await store.FindAsync(id, CancellationToken.None);
        }
        catch (DependencyException)
        {
            return null;
        }
    }

    private async Task<bool> BeginAsync(VideoId id)
    {
        try
        {
            return await store.BeginPollAsync(id, CancellationToken.None);
        }
        catch (DependencyException)
        {
            return true;
        }
    }

    private async Task EndAsync(VideoId id)
    {
        try
        {
            await store.EndPollAsync(id, CancellationToken.None);
        }
        catch (DependencyException)
        {
            // It ends by itself.
        }
    }

    // The first caller's call does the work and outlives it; the others wait as long as they like, a submit until its deadline whether its caller is there or
    // not.
    private async Task<VideoJob> OnceAsync(VideoId id, CallContext call, Func<Task<VideoJob>> work, CancellationToken deadline)
    {
        var mine = new TaskCompletionSource<VideoJob>(TaskCreationOptions.RunContinuationsAsynchronously);
        var flight = _flights.GetOrAdd(id, mine.Task);
        if (flight != mine.Task) return await flight.WaitAsync(deadline.CanBeCanceled ? deadline : call.CallerGone);
        try
        {
            var job = await work();
            mine.SetResult(job);
            return job;
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
