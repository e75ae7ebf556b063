using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using RemixProxy.Cache;
using RemixProxy.Contract;
using RemixProxy.Jobs;
using RemixProxy.Jobs.Submissions;
using RemixProxy.Providers;
using RemixProxy.Resilience;

namespace RemixProxy.Redis;

/// <summary>
/// Jobs and submissions shared by all replicas. While Redis is away a submit without a key is recorded in this process, and what was paid for is kept here until Redis is back; what others may have done can't be known then,
/// so a submit with a key ends as <see cref="DependencyException"/>.
/// </summary>
internal sealed class RedisJobStore : IJobStore
{
    /// <summary>How often a holder shows that it lives.</summary>
    public static readonly TimeSpan Beat = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan LongestWait = TimeSpan.FromMilliseconds(200);

    private readonly RedisDatabase _redis;
    private readonly TimeProvider _time;
    private readonly RedisJobs _jobs;
    private readonly RedisSubmissions _submissions;
    private readonly RedisBacklog _backlog;

    // What this process has submitted, by whichever way it was admitted.
    private readonly MemoryJobStore _local;

    // Of these Redis knows, and by whose renewal it knows that their holder lives: when it last did.
    private readonly ConcurrentDictionary<string, DateTimeOffset> _held = new(StringComparer.Ordinal);

    // Of these it doesn't: they were admitted while it was away.
    private readonly ConcurrentDictionary<string, Submission> _admittedHere = new(StringComparer.Ordinal);

    private int _lossesSeen;

    public RedisJobStore(RedisDatabase redis, ProviderRegistry registry, TimeProvider time, ILogger<RedisJobStore> logger)
    {
        _redis = redis;
        _time = time;
        _jobs = new(redis, registry, time);
        _submissions = new(redis, time);
        _backlog = new(redis, _jobs, _submissions, logger);
        _local = new(registry, time);
    }

    /// <summary>Whether Redis serves.</summary>
    public DependencyState Redis => _redis.State;

    /// <summary>How much Redis has not been told yet.</summary>
    public int Pending => _backlog.Count;

    public ValueTask<VideoJob?> FindAsync(VideoId id, CancellationToken cancellationToken) => _backlog.Find(id) is { } kept ? new(kept) : _jobs.FindAsync(id, cancellationToken);

    public ValueTask<IReadOnlyList<VideoJob>> FindNativeAsync(string caller, string native, CancellationToken cancellationToken) => _jobs.FindNativeAsync(caller, native, cancellationToken);

    public async ValueTask<VideoJob> AddAsync(VideoJob job, CancellationToken cancellationToken)
    {
        // What was only read can be read again; what was paid for is kept.
        if (!job.Adopted && _redis.Dependency.IsInDoubt) return _backlog.Keep(job);
        try
        {
            return await _jobs.AddAsync(job, cancellationToken);
        }
        catch (DependencyException) when (!job.Adopted)
        {
            return _backlog.Keep(job);
        }
    }

    public async ValueTask<VideoJob?> UpdateAsync(VideoId id, Func<VideoJob, VideoJob> change, CancellationToken cancellationToken) =>
        _backlog.Change(id, change) ?? await _jobs.UpdateAsync(id, change, cancellationToken);

    public ValueTask<JobPage?> ListAsync(string caller, VideoId? after, int limit, bool ascending, CancellationToken cancellationToken) => _jobs.ListAsync(caller, after, limit, ascending, cancellationToken);

    public async ValueTask<Admission> AdmitAsync(SubmitTicket ticket, CancellationToken cancellationToken)
    {
        var fresh = Submission.Of(ticket, _time.GetUtcNow());
        try
        {
            await MeetAsync(ticket, cancellationToken);
            var admission = await _submissions.AdmitAsync(fresh, cancellationToken);
            if (admission is not Granted) return admission;
            _local.Remember(fresh);
            _held[fresh.Id] = fresh.StartedAt;
            return admission;
        }
        catch (DependencyException) when (ticket.Key is null && !IsUnsafe(ticket))
        {
            return AdmitHere(fresh);
        }
    }

    public async ValueTask<Submission> MoveAsync(Submission submission, Func<Submission, Submission> change, CancellationToken cancellationToken)
    {
        if (_admittedHere.ContainsKey(submission.Id)) return _backlog.Keep(await _local.MoveAsync(submission, change, cancellationToken));
        var isHolder = _held.ContainsKey(submission.Id);
        // Of its own this process knows the latest, also when it holds them no more; of another's what it was told.
        var known = await _local.MoveAsync(submission, s => s, cancellationToken);
        var wanted = known.Moved(change);
        var mayBeToldLater = MayBeToldLater(known, wanted);
        if (mayBeToldLater && _redis.Dependency.IsInDoubt) return _backlog.Keep(await KnowAsync(wanted));
        try
        {
            // What Redis was not told yet is part of what it is told now.
            return await KnowAsync(await _submissions.MoveAsync(known, s => change(isHolder ? s.Joined(known) : s), isHolder, cancellationToken));
        }
        catch (DependencyException) when (mayBeToldLater)
        {
            return _backlog.Keep(await KnowAsync(wanted));
        }
    }

    public async ValueTask<Submission> WaitAsync(Submission submission, CancellationToken cancellationToken)
    {
        // Of its own this process learns by itself, whether Redis is there or not.
        if (_local.Find(submission.Id) is not null) return await _local.WaitAsync(submission, cancellationToken);
        var (furthest, lastHeard, lastKnown) = (submission, _time.GetTimestamp(), _time.GetTimestamp());
        for (var wait = ShortestWait; ; wait = Min(wait * 2, LongestWait))
        {
            try
            {
                var present = await _submissions.FindAsync(submission.Ticket.Caller, submission.Id, cancellationToken);
                lastHeard = _time.GetTimestamp();
                if (present is var (record, silent))
                {
                    (furthest, lastKnown) = (furthest.Joined(record), lastHeard);
                    if (record.IsEnded || (record.State == SubmissionState.Claimed && silent > RedisSubmissions.Lease)) return record;
                    if (record.State == SubmissionState.Sending && silent > RedisSubmissions.Silence) return await _submissions.MoveAsync(record, Died, isHolder: false, cancellationToken);
                }
                else if (_time.GetElapsedTime(lastKnown) > RedisSubmissions.Silence)
                {
                    // Redis came back empty; a living holder would have told it again by now. What was being sent is unknown; what was only claimed never was.
                    return Died(furthest);
                }
            }
            catch (DependencyException)
            {
                if (furthest.IsEnded) return furthest;
                if (_time.GetElapsedTime(lastHeard) > RedisSubmissions.Silence) throw;
            }

            await Task.Delay(wait, _time, cancellationToken);
        }
    }

    // Others could not wait for one that Redis doesn't know.
    public ValueTask<Claim> ClaimAsync(Submission submission, string entry, CancellationToken cancellationToken) =>
        _admittedHere.ContainsKey(submission.Id) ? throw new DependencyException(_redis.Dependency.Name) : _submissions.ClaimAsync(submission, entry, cancellationToken);

    public ValueTask<VideoId?> FindEntryAsync(string caller, string entry, CancellationToken cancellationToken) => _submissions.FindEntryAsync(caller, entry, cancellationToken);

    public ValueTask StoreEntryAsync(string caller, string entry, VideoId video, TimeSpan lifetime, CancellationToken cancellationToken) =>
        _redis.Dependency.IsInDoubt ? throw new DependencyException(_redis.Dependency.Name) : _submissions.StoreEntryAsync(caller, entry, video, lifetime, cancellationToken);

    public ValueTask RemoveEntryAsync(string caller, string entry, VideoId video, CancellationToken cancellationToken) => _submissions.RemoveEntryAsync(caller, entry, video, cancellationToken);

    public ValueTask<bool> BeginPollAsync(VideoId id, CancellationToken cancellationToken) => _jobs.BeginPollAsync(id, cancellationToken);

    public ValueTask EndPollAsync(VideoId id, CancellationToken cancellationToken) => _jobs.EndPollAsync(id, cancellationToken);

    /// <summary>Connects, so that the first request finds Redis where it is there.</summary>
    public Task ConnectAsync() => _redis.ConnectAsync();

    /// <summary>Looks for Redis, and shows that this process lives; once a <see cref="Beat"/>.</summary>
    public async Task RenewAsync(CancellationToken cancellationToken)
    {
        await _redis.ReviveAsync(cancellationToken);
        if (_redis.Dependency.IsInDoubt) return;
        TellAgain();
        await Task.WhenAll(_held.Keys.Select(id => RenewAsync(id, cancellationToken)));
    }

    /// <summary>Gives up what was claimed here and not begun, at the end: whoever waits for it begins anew at once.</summary>
    public Task ReleaseAsync(CancellationToken cancellationToken) => Task.WhenAll(
        _held.Keys.Select(_local.Find).OfType<Submission>().Where(s => s.State == SubmissionState.Claimed).Select(s => ReleaseAsync(s, cancellationToken)));

    /// <summary>Tells Redis what it has missed; once a <see cref="Beat"/>, and at the end.</summary>
    public Task WriteBackAsync(CancellationToken cancellationToken) => _backlog.WriteBackAsync(Told, cancellationToken);

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private static Submission Died(Submission submission) =>
        submission.State == SubmissionState.Sending ? submission with { State = SubmissionState.Unknown, Error = ApiError.SubmissionUnknown } : submission;

    /// <summary>Behind a new connection another Redis may answer, or the same one empty; and what this process knows of an equal request Redis has to know before it decides.</summary>
    private async ValueTask MeetAsync(SubmitTicket ticket, CancellationToken cancellationToken)
    {
        if (_redis.IsNew) await _redis.LookAsync(cancellationToken);
        TellAgain();
        if (_local.Earlier(ticket) is { } earlier && _backlog.Find(earlier.Id) is { } untold) await _backlog.WriteBackAsync(untold, Told, cancellationToken);
        if (IsUnsafe(ticket)) throw new DependencyException(_redis.Dependency.Name);
    }

    // Redis has just lost what it knew: other replicas need a beat to tell it again what they hold.
    private bool IsUnsafe(SubmitTicket ticket) => (ticket.Key is not null || ticket.IsRetry) && _redis.LostAt is { } lost && _time.GetElapsedTime(lost) <= RedisSubmissions.Silence;

    private Admission AdmitHere(Submission fresh)
    {
        // Under the same id: what was given up may still be carried out, and must not become another submission.
        var admission = _local.Admit(fresh);
        if (admission is not Granted { Submission: var here }) return admission;
        if (_admittedHere.Count < RedisBacklog.MaxCount)
        {
            _admittedHere[here.Id] = here;
            return admission;
        }

        // What can't be remembered must not be sent.
        _local.Forget(here);
        throw new DependencyException(_redis.Dependency.Name);
    }

    private void TellAgain()
    {
        var losses = _redis.Losses;
        if (Interlocked.Exchange(ref _lossesSeen, losses) == losses) return;
        foreach (var submission in _local.Latest(RedisBacklog.MaxCount)) _backlog.Keep(submission);
    }

    private async Task RenewAsync(string id, CancellationToken cancellationToken)
    {
        var now = _time.GetUtcNow();
        if (_local.Find(id) is not { IsEnded: false } submission)
        {
            _held.TryRemove(id, out _);
            return;
        }

        try
        {
            await _submissions.RenewAsync(submission, cancellationToken);
            if (_held.TryGetValue(id, out var before)) _held.TryUpdate(id, now, before);
        }
        catch (DependencyException)
        {
            // Logged where it began; the next beat tries again.
        }
    }

    private async Task ReleaseAsync(Submission submission, CancellationToken cancellationToken)
    {
        try
        {
            // Begun meanwhile, it is not ours to give up.
            await MoveAsync(submission, s => s.State == SubmissionState.Claimed ? s with { State = SubmissionState.Refused } : s, cancellationToken);
        }
        catch (DependencyException)
        {
            // Its lease runs out.
        }
    }

    private bool MayBeToldLater(Submission known, Submission wanted)
    {
        // A change that is no move (its caller has gone, or has its answer) is no reason to fail.
        if (!_held.TryGetValue(known.Id, out var renewedAt)) return wanted.State == known.State;
        if (known.State != SubmissionState.Claimed || wanted.State != SubmissionState.Sending) return true;
        // With a key, or without a lease that certainly holds, another replica may have the right to send by now.
        return known.Ticket.Key is null && _time.GetUtcNow() - renewedAt <= RedisSubmissions.Silence;
    }

    // What this process did it recognises by itself when Redis is away.
    private async ValueTask<Submission> KnowAsync(Submission moved)
    {
        var merged = await _local.MoveAsync(moved, s => s.Joined(moved), CancellationToken.None);
        if (merged.IsEnded) _held.TryRemove(merged.Id, out _);
        return merged;
    }

    // From here on it is renewed and moved on as if admitted there.
    private void Told(Submission submission)
    {
        if (_admittedHere.TryRemove(submission.Id, out _) && !submission.IsEnded) _held[submission.Id] = _time.GetUtcNow();
    }
}
