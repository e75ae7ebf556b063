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

    private readonly JobFlights _flights = new();

    /// <summary>The job of an id: a known one in its present state, an unknown one as its provider describes it.</summary>
    public Task<Result<VideoJob>> FindAsync(CallContext call, Provider provider, VideoId id, VideoJob? known, CancellationToken deadline = default) =>
        known is null ? AdoptAsync(call, provider, id, deadline) : PresentAsync(call, provider, known, deadline);

    /// <summary>The job of an id as its provider says now, whenever it was asked last; a finished one as stored.</summary>
    public async Task<Result<VideoJob>> FindNowAsync(CallContext call, Provider provider, VideoId id, VideoJob? known) => known switch
    {
        null => await AdoptAsync(call, provider, id, deadline: default),
        { IsFinished: true } => known,
        _ => await PollAsync(call, provider, known, mustBeNew: true, deadline: default),
    };

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
    public async Task<Result<VideoSnapshot>> AskAsync(CallContext call, Provider provider, VideoId id, CancellationToken deadline)
    {
        var outcome = await PollAsync(call, provider, id, deadline);
        return outcome is Outcome.Told { Snapshot: var snapshot } ? snapshot.Bounded() : Failures.OfRead(outcome, provider);
    }

    /// <summary>Asks the provider for a clip that stands in its answer.</summary>
    /// <param name="call">The call that needs it.</param>
    /// <param name="provider">The provider to ask.</param>
    /// <param name="id">The video.</param>
    /// <param name="wanted">Where the clip stood in an earlier answer; null where that is not known.</param>
    /// <param name="deadline">See the remarks.</param>
    /// <returns><see cref="Outcome.Opened"/> if the clip is there; else what the answer says.</returns>
    public Task<Outcome> OpenAsync(CallContext call, Provider provider, VideoId id, ClipMark? wanted, CancellationToken deadline) =>
        runner.OpenAsync(call, provider, provider.Adapter.Retrieve(id.Native), wanted, deadline);

    /// <summary>Remembers where the clips stand in an answer.</summary>
    public Task LearnMarksAsync(Provider provider, VideoJob job, VideoSnapshot answer)
    {
        var now = time.GetUtcNow();
        return records.ChangeAsync(job, j => j.Apply(answer, provider.Profile, provider.Options.JobTimeout, now));
    }

    /// <summary>Forgets where the clips stood, because they are not there any more.</summary>
    public Task ForgetMarksAsync(VideoJob job) => records.ChangeAsync(job, j => j.WithoutMarks());

    private Task<Outcome> PollAsync(CallContext call, Provider provider, VideoId id, CancellationToken deadline) =>
        runner.AskAsync(call, provider, provider.Adapter.Retrieve(id.Native), deadline);

    /// <summary>Makes a job from what the provider says of an id that the store doesn't know, and stores it.</summary>
    private Task<Result<VideoJob>> AdoptAsync(CallContext call, Provider provider, VideoId id, CancellationToken deadline) =>
        _flights.OnceAsync(id, call, async () =>
        {
            if (!(await AskAsync(call, provider, id, deadline)).TryGet(out var snapshot, out var error)) return error;
            var known = new Video { Id = id.ToString() };
            var job = VideoJob.First(id, call.Caller, known, snapshot, provider.Profile, provider.Options.JobTimeout, time.GetUtcNow());
            if (!call.KeepsPrompts) job = job.WithoutPrompt();
            // A video that is met completed may have been so for long.
            var stored = await records.AddAsync(job with { Adopted = true, CompletedSeenAt = null });
            return stored.Caller == call.Caller ? stored : ApiError.VideoNotFound;
        }, deadline);

    /// <summary>Asks the provider. If this process or another replica asks already, uses that answer instead.</summary>
    private Task<Result<VideoJob>> PollAsync(CallContext call, Provider provider, VideoJob job, bool mustBeNew, CancellationToken deadline) =>
        // A poll that can't be made doesn't count as one.
        provider.LacksKey ? Task.FromResult<Result<VideoJob>>(Failures.NoCredential(provider)) : _flights.OnceAsync(job.Id, call, async () =>
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
        var outcome = await PollAsync(call, provider, job.Id, deadline);
        var now = time.GetUtcNow();
        if (outcome is Outcome.Told { Snapshot: var snapshot }) return await ApplyAsync(snapshot);
        var error = Failures.OfRead(outcome, provider);
        // A job of which nothing is known is over once its time is up. Before that, the provider may be wrong for a moment.
        var refusal = outcome is Outcome.Refused { Kind: ProviderErrorKind.PollRefused } refused ? refused.Error : null;
        var over = refusal is not null ? VideoSnapshot.Failed("expired", refusal.Message)
            : error.Status is StatusCodes.Status404NotFound or StatusCodes.Status410Gone ? Forgotten
            : null;
        if (over is not null && !job.IsFinished && now - job.SeenAt > provider.Options.JobTimeout) return await ApplyAsync(over, ranOutOfTime: true);
        var stored = await records.ChangeAsync(job, j => j with { PolledAt = now });
        // The job may have been cancelled while the provider was asked, and be gone there.
        if (refusal is not null || (stored.IsFinished && !job.IsFinished)) return stored;
        var isFresh = provider.Profile.IsOpenAiCompatible && !job.Adopted && now - job.SeenAt <= Fresh;
        return isFresh && outcome is Outcome.Refused { Status: StatusCodes.Status404NotFound } ? stored : error;

        Task<VideoJob> ApplyAsync(VideoSnapshot news, bool ranOutOfTime = false) => records.ChangeAsync(
            job, j => (j.IsFinished ? j : j with { RanOutOfTime = ranOutOfTime }).Apply(news, provider.Profile, provider.Options.JobTimeout, now));
    }
}
