using System.Collections.Concurrent;
using RemixProxy.Contract;
using RemixProxy.Jobs.Submissions;
using RemixProxy.Resilience;

namespace RemixProxy.Redis;

/// <summary>
/// Submissions shared by all replicas. While Redis is away a submit without a key is recorded in this process, and what became of it is told when Redis is
/// back;
/// what others may have done can't be known then, so a submit with a key ends as <see cref="DependencyException"/>.
/// </summary>
internal sealed class RedisSubmissionStore(
    RedisDatabase redis, RedisSubmissions submissions, RedisBacklog backlog, SubmissionLedger ledger, TimeProvider time) : ISubmissionStore
{
    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan LongestWait = TimeSpan.FromMilliseconds(200);

    // Of these Redis knows, and by whose renewal it knows that their holder lives: when it last did.
    private readonly ConcurrentDictionary<string, DateTimeOffset> _held = new(StringComparer.Ordinal);

    private int _lossesSeen;

    public async ValueTask<Admission> AdmitAsync(SubmitTicket ticket, CancellationToken cancellationToken)
    {
        var fresh = Submission.Of(ticket, time.GetUtcNow());
        try
        {
            await MeetAsync(ticket, cancellationToken);
            var admission = await submissions.AdmitAsync(fresh, cancellationToken);
            if (admission is not Admission.Granted) return admission;
            ledger.Record(fresh);
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
        if (backlog.IsUnheardOf(submission.Id)) return backlog.Keep(ledger.Move(submission, change));
        var isHolder = _held.ContainsKey(submission.Id);
        // Of its own this process knows the latest, also when it holds them no more; of another's what it was told.
        var known = ledger.Find(submission.Id) ?? submission;
        var wanted = known.Moved(change);
        var mayBeToldLater = MayBeToldLater(known, wanted);
        if (mayBeToldLater && redis.Dependency.IsInDoubt) return backlog.Keep(Know(wanted));
        try
        {
            // What Redis was not told yet is part of what it is told now.
            return Know(await submissions.MoveAsync(known, s => change(isHolder ? s.Joined(known) : s), isHolder, cancellationToken));
        }
        catch (DependencyException) when (mayBeToldLater)
        {
            return backlog.Keep(Know(wanted));
        }
    }

    public async ValueTask<Submission> WaitAsync(Submission submission, CancellationToken cancellationToken)
    {
        // Of its own this process learns by itself, whether Redis is there or not.
        if (ledger.Find(submission.Id) is not null) return await ledger.WaitAsync(submission, cancellationToken);
        var (furthest, lastHeard, lastKnown) = (submission, time.GetTimestamp(), time.GetTimestamp());
        for (var wait = ShortestWait; ; wait = Min(wait * 2, LongestWait))
        {
            try
            {
                var present = await submissions.FindAsync(submission.Ticket.Caller, submission.Id, cancellationToken);
                lastHeard = time.GetTimestamp();
                if (present is var (record, silent))
                {
                    (furthest, lastKnown) = (furthest.Joined(record), lastHeard);
                    if (record.IsEnded || (record.State == SubmissionState.Claimed && silent > RedisSubmissions.Lease)) return record;
                    if (record.State == SubmissionState.Sending && silent > RedisSubmissions.Silence)
                        return await submissions.MoveAsync(record, Died, isHolder: false, cancellationToken);
                }
                else if (time.GetElapsedTime(lastKnown) > RedisSubmissions.Silence)
                {
                    // Redis came back empty; a living holder would have told it again by now. What was being sent is unknown; what was only claimed never was.
                    return Died(furthest);
                }
            }
            catch (DependencyException)
            {
                if (furthest.IsEnded) return furthest;
                if (time.GetElapsedTime(lastHeard) > RedisSubmissions.Silence) throw;
            }

            await Task.Delay(wait, time, cancellationToken);
        }
    }

    /// <summary>Shows that this process lives, and tells a Redis that has lost what it knew again; once a beat.</summary>
    public async Task RenewAsync(CancellationToken cancellationToken)
    {
        if (redis.Dependency.IsInDoubt) return;
        TellAgain();
        await Task.WhenAll(_held.Keys.Select(id => RenewAsync(id, cancellationToken)));
    }

    /// <summary>Gives up what was claimed here and not begun, at the end: whoever waits for it begins anew at once.</summary>
    public Task ReleaseAsync(CancellationToken cancellationToken) => Task.WhenAll(
        _held.Keys.Select(ledger.Find).OfType<Submission>().Where(s => s.State == SubmissionState.Claimed).Select(s => ReleaseAsync(s, cancellationToken)));

    /// <summary>Tells Redis what it has missed, jobs and submissions; once a beat, and at the end.</summary>
    public Task WriteBackAsync(CancellationToken cancellationToken) => backlog.WriteBackAsync(Hold, cancellationToken);

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private static Submission Died(Submission submission) =>
        submission.State == SubmissionState.Sending ? submission with { State = SubmissionState.Unknown, Error = ApiError.SubmissionUnknown } : submission;

    /// <summary>
    /// Behind a new connection another Redis may answer, or the same one empty; and what this process knows of an equal request Redis has to know before it
    /// decides.
    /// </summary>
    private async ValueTask MeetAsync(SubmitTicket ticket, CancellationToken cancellationToken)
    {
        if (redis.IsNew) await redis.LookAsync(cancellationToken);
        TellAgain();
        if (ledger.Earlier(ticket) is { } earlier && backlog.Find(earlier.Id) is { } untold) await backlog.WriteBackAsync(untold, Hold, cancellationToken);
        if (IsUnsafe(ticket)) throw new DependencyException(redis.Dependency.Name);
    }

    // Redis has just lost what it knew: other replicas need a beat to tell it again what they hold.
    private bool IsUnsafe(SubmitTicket ticket) =>
        (ticket.Key is not null || ticket.IsRetry) && redis.LostAt is { } lost && time.GetElapsedTime(lost) <= RedisSubmissions.Silence;

    private Admission AdmitHere(Submission fresh)
    {
        // Under the same id: what was given up may still be carried out, and must not become another submission.
        var admission = ledger.Admit(fresh);
        if (admission is not Admission.Granted || backlog.TryAdmit(fresh)) return admission;
        // What can't be remembered must not be sent.
        ledger.Withdraw(fresh);
        throw new DependencyException(redis.Dependency.Name);
    }

    private void TellAgain()
    {
        var losses = redis.Losses;
        if (Interlocked.Exchange(ref _lossesSeen, losses) == losses) return;
        foreach (var submission in ledger.Latest(RedisBacklog.MaxCount)) backlog.Keep(submission);
    }

    private async Task RenewAsync(string id, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (ledger.Find(id) is not { IsEnded: false } submission)
        {
            _held.TryRemove(id, out _);
            return;
        }

        try
        {
            await submissions.RenewAsync(submission, cancellationToken);
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
        return known.Ticket.Key is null && time.GetUtcNow() - renewedAt <= RedisSubmissions.Silence;
    }

    // What this process did it recognises by itself when Redis is away.
    private Submission Know(Submission moved)
    {
        var merged = ledger.Move(moved, s => s.Joined(moved));
        if (merged.IsEnded) _held.TryRemove(merged.Id, out _);
        return merged;
    }

    // Redis has heard of it now: from here on it is renewed and moved on as if admitted there.
    private void Hold(Submission submission) => _held[submission.Id] = time.GetUtcNow();
}
