using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using RemixProxy.Contract;
using RemixProxy.Dependencies;
using RemixProxy.Jobs;
using RemixProxy.Routing;

namespace RemixProxy.Redis;

/// <summary>
/// Jobs and submissions shared by all replicas. While Redis is away a submit without a key is recorded in this process, and what was paid for is kept here until Redis is back; what others may have done can't be known then,
/// so a submit with a key ends as <see cref="DependencyException"/>.
/// </summary>
internal sealed partial class RedisJobStore(RedisDatabase redis, ProviderRegistry registry, TimeProvider time, ILogger<RedisJobStore> logger) : IJobStore
{
    /// <summary>What is kept here for a Redis that is away; beyond, the oldest is not written back.</summary>
    private const int MaxPending = 10_000;

    /// <summary>How often a holder shows that it lives.</summary>
    public static readonly TimeSpan Beat = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan LongestWait = TimeSpan.FromMilliseconds(200);

    private readonly RedisJobs _jobs = new(redis, registry, time);
    private readonly RedisSubmissions _submissions = new(redis, time);

    // What this process has submitted, by whichever way it was admitted.
    private readonly MemoryJobStore _local = new(registry, time);

    // Submissions that this process holds: it renews them.
    private readonly ConcurrentDictionary<string, Submission> _held = new(StringComparer.Ordinal);

    // What Redis has not been told yet.
    private readonly ConcurrentDictionary<VideoId, VideoJob> _pendingJobs = new();
    private readonly ConcurrentDictionary<string, Submission> _pendingSubmissions = new(StringComparer.Ordinal);

    // Admitted in this process because Redis was away.
    private readonly ConcurrentDictionary<string, Submission> _admittedHere = new(StringComparer.Ordinal);

    public ValueTask<VideoJob?> FindAsync(VideoId id, CancellationToken cancellationToken) =>
        _pendingJobs.TryGetValue(id, out var pending) ? new(pending) : _jobs.FindAsync(id, cancellationToken);

    public ValueTask<IReadOnlyList<VideoJob>> FindNativeAsync(string caller, string native, CancellationToken cancellationToken) => _jobs.FindNativeAsync(caller, native, cancellationToken);

    public async ValueTask<VideoJob> AddAsync(VideoJob job, CancellationToken cancellationToken)
    {
        try
        {
            return await _jobs.AddAsync(job, cancellationToken);
        }
        catch (DependencyException)
        {
            return Keep(_pendingJobs, job.Id, job);
        }
    }

    public async ValueTask<VideoJob?> UpdateAsync(VideoId id, Func<VideoJob, VideoJob> change, CancellationToken cancellationToken)
    {
        while (_pendingJobs.TryGetValue(id, out var pending))
        {
            var changed = change(pending);
            if (_pendingJobs.TryUpdate(id, changed, pending)) return changed;
        }

        try
        {
            return await _jobs.UpdateAsync(id, change, cancellationToken);
        }
        catch (DependencyException)
        {
            // The change is made of what the provider says, and is made again from its next answer.
            return null;
        }
    }

    public ValueTask<JobPage?> ListAsync(string caller, VideoId? after, int limit, bool ascending, CancellationToken cancellationToken) => _jobs.ListAsync(caller, after, limit, ascending, cancellationToken);

    public async ValueTask<Admission> AdmitAsync(SubmitTicket ticket, CancellationToken cancellationToken)
    {
        var fresh = Submission.Of(ticket, time.GetUtcNow());
        try
        {
            var admission = await _submissions.AdmitAsync(fresh, cancellationToken);
            if (admission is Granted)
            {
                _local.Remember(fresh);
                _held[fresh.Id] = fresh;
            }

            return admission;
        }
        catch (DependencyException) when (ticket.Key is null)
        {
            // Under the same id: what was given up may still be carried out, and must not become another submission.
            var admission = _local.Admit(fresh);
            if (admission is Granted { Submission: var here })
            {
                // What can't be remembered must not be sent.
                if (_admittedHere.Count >= MaxPending) throw;
                _admittedHere[here.Id] = here;
            }

            return admission;
        }
    }

    public async ValueTask<Submission> MoveAsync(Submission submission, Func<Submission, Submission> change, CancellationToken cancellationToken)
    {
        if (_admittedHere.ContainsKey(submission.Id))
        {
            var here = await _local.MoveAsync(submission, change, cancellationToken);
            return Keep(_pendingSubmissions, here.Id, here);
        }

        var isHolder = _held.ContainsKey(submission.Id);
        // Of its own this process knows the latest, also when it holds them no more; of another's what it was told.
        var known = await _local.MoveAsync(submission, s => s, cancellationToken);
        try
        {
            // What Redis was not told yet is part of what it is told now.
            return await KnowAsync(await _submissions.MoveAsync(known, s => change(isHolder ? Later(s, known) : s), isHolder, cancellationToken));
        }
        catch (DependencyException) when (isHolder)
        {
            var moved = known.Moved(change);
            // With a key another replica may hold the right to send by now.
            if (known.State == SubmissionState.Claimed && moved.State == SubmissionState.Sending && known.Ticket.Key is not null) throw;
            return await KnowAsync(Keep(_pendingSubmissions, moved.Id, moved));
        }
        catch (DependencyException) when (known.Moved(change) is var moved && moved.State == known.State)
        {
            // Only that its caller has gone, or has its answer: no reason to fail, and told later.
            return await KnowAsync(Keep(_pendingSubmissions, moved.Id, moved));
        }
    }

    public async ValueTask<Submission> WaitAsync(Submission submission, CancellationToken cancellationToken)
    {
        if (_admittedHere.ContainsKey(submission.Id)) return await _local.WaitAsync(submission, cancellationToken);
        var lastSeen = time.GetTimestamp();
        for (var wait = ShortestWait; ; wait = Min(wait * 2, LongestWait))
        {
            if (_pendingSubmissions.TryGetValue(submission.Id, out var pending) && pending.IsEnded) return pending;
            var (isKnown, ended) = await LookAsync(submission, cancellationToken);
            if (ended is not null) return ended;
            if (isKnown || _held.ContainsKey(submission.Id)) lastSeen = time.GetTimestamp();
            // Redis came back empty; a living holder would have told it again by now.
            else if (time.GetElapsedTime(lastSeen) > RedisSubmissions.Silence) return submission with { State = SubmissionState.Claimed };
            await Task.Delay(wait, time, cancellationToken);
        }
    }

    public ValueTask<Claim> ClaimAsync(Submission submission, string entry, CancellationToken cancellationToken) => _submissions.ClaimAsync(submission, entry, cancellationToken);

    public ValueTask<VideoId?> FindEntryAsync(string caller, string entry, CancellationToken cancellationToken) => _submissions.FindEntryAsync(caller, entry, cancellationToken);

    public ValueTask StoreEntryAsync(string caller, string entry, VideoId video, TimeSpan lifetime, CancellationToken cancellationToken) =>
        _submissions.StoreEntryAsync(caller, entry, video, lifetime, cancellationToken);

    public ValueTask RemoveEntryAsync(string caller, string entry, VideoId video, CancellationToken cancellationToken) => _submissions.RemoveEntryAsync(caller, entry, video, cancellationToken);

    public ValueTask<bool> BeginPollAsync(VideoId id, CancellationToken cancellationToken) => _jobs.BeginPollAsync(id, cancellationToken);

    public ValueTask EndPollAsync(VideoId id, CancellationToken cancellationToken) => _jobs.EndPollAsync(id, cancellationToken);

    /// <summary>Connects, so that the first request finds Redis where it is there.</summary>
    public Task ConnectAsync() => redis.ConnectAsync();

    /// <summary>Renews what this process holds, and writes back what Redis has missed; once a <see cref="Beat"/>.</summary>
    public async Task UpkeepAsync(CancellationToken cancellationToken)
    {
        try
        {
            await redis.ReviveAsync(cancellationToken);
            await Task.WhenAll(_held.Values.Select(s => _submissions.RenewAsync(s, cancellationToken).AsTask()));
            await WriteBackAsync(cancellationToken);
        }
        catch (DependencyException)
        {
            // Logged where it began; the next beat tries again.
        }
    }

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private static Submission Died(Submission submission) =>
        submission.State == SubmissionState.Sending ? submission with { State = SubmissionState.Unknown, Error = ApiError.SubmissionUnknown } : submission;

    // The further of two records of one submission.
    private static Submission Later(Submission stored, Submission known) => stored.Moved(s => known with { CallerGone = s.CallerGone || known.CallerGone, Answered = s.Answered || known.Answered });

    // Whether it may still be known, and it itself where there is nothing more to wait for.
    private async ValueTask<(bool IsKnown, Submission? Ended)> LookAsync(Submission submission, CancellationToken cancellationToken)
    {
        try
        {
            if (await _submissions.FindAsync(submission.Ticket.Caller, submission.Id, cancellationToken) is not var (present, silent)) return (false, null);
            return (true, present.State switch
            {
                SubmissionState.Claimed => silent > RedisSubmissions.Lease ? present : null,
                SubmissionState.Sending when silent > RedisSubmissions.Silence => await _submissions.MoveAsync(present, Died, isHolder: false, cancellationToken),
                SubmissionState.Sending => null,
                _ => present,
            });
        }
        catch (DependencyException)
        {
            return (true, null);
        }
    }

    private async ValueTask<Submission> KnowAsync(Submission moved)
    {
        // What this process did it recognises by itself when Redis is away.
        await _local.MoveAsync(moved, _ => moved, CancellationToken.None);
        if (moved.IsEnded) _held.TryRemove(moved.Id, out _);
        else if (_held.ContainsKey(moved.Id)) _held[moved.Id] = moved;
        return moved;
    }

    private async Task WriteBackAsync(CancellationToken cancellationToken)
    {
        foreach (var (id, job) in _pendingJobs)
        {
            var stored = await _jobs.AddAsync(job, cancellationToken);
            if (!ReferenceEquals(stored, job)) await _jobs.UpdateAsync(id, there => Further(there, job), cancellationToken);
            // Changed in the meantime it is written once more.
            _pendingJobs.TryRemove(new(id, job));
        }

        foreach (var (id, submission) in _pendingSubmissions)
        {
            await _submissions.MoveAsync(submission, s => Later(s, submission), isHolder: true, cancellationToken);
            if (!_pendingSubmissions.TryRemove(new(id, submission))) continue;
            // Redis knows it now: from here on it is renewed and moved on as if admitted there.
            if (!submission.IsEnded && _admittedHere.ContainsKey(id)) _held[id] = submission;
            _admittedHere.TryRemove(id, out _);
        }
    }

    // Never another caller's; deleted wins, then finished, then the later sight.
    private static VideoJob Further(VideoJob there, VideoJob here)
    {
        if (there.Caller != here.Caller || there.Deleted) return there;
        return here.Deleted || (!there.IsFinished && (here.IsFinished || here.PolledAt > there.PolledAt)) ? here : there;
    }

    private TValue Keep<TKey, TValue>(ConcurrentDictionary<TKey, TValue> pending, TKey key, TValue value)
        where TKey : notnull
    {
        if (pending.Count >= MaxPending && !pending.ContainsKey(key)) Log.Lost(logger, key.ToString()!);
        else pending[key] = value;
        return value;
    }

    private static partial class Log
    {
        [LoggerMessage(34, LogLevel.Error, "Redis has been away for so long that {Id} is not kept for it.")]
        public static partial void Lost(ILogger logger, string id);
    }
}
