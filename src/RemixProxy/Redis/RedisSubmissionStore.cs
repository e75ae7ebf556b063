using System.Collections.Concurrent;
using RemixProxy.Contract;
using RemixProxy.Jobs.Submissions;
using RemixProxy.Resilience;

namespace RemixProxy.Redis;

/// <summary>
/// Submissions shared by all replicas. While Redis is away, this process records a submit without a key and tells Redis of it later. What other replicas have
/// done can't be known then, so a submit with a key ends as <see cref="DependencyException"/>.
/// </summary>
internal sealed class RedisSubmissionStore(
    RedisDatabase redis, RedisSubmissions submissions, RedisBacklog backlog, SubmissionLedger ledger, TimeProvider time) : ISubmissionStore
{
    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan LongestWait = TimeSpan.FromMilliseconds(200);

    // Submissions of this process that Redis knows, with the time of their last renewal.
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
        // This process knows its own submissions best, also those that it no longer holds. Of others it has what was handed in.
        var known = ledger.Find(submission.Id) ?? submission;
        var wanted = known.Moved(change);
        var mayBeToldLater = MayBeToldLater(known, wanted);
        if (mayBeToldLater && redis.Dependency.IsInDoubt) return backlog.Keep(Know(wanted));
        try
        {
            // The change includes whatever Redis was not told before.
            return Know(await submissions.MoveAsync(known, s => change(isHolder ? s.Joined(known) : s), isHolder, cancellationToken));
        }
        catch (DependencyException) when (mayBeToldLater)
        {
            return backlog.Keep(Know(wanted));
        }
    }

    public async ValueTask<Submission> WaitAsync(Submission submission, CancellationToken cancellationToken)
    {
        // The ledger knows when a submission of this process ends, with or without Redis.
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
                    // Redis came back empty, and a living holder would have told it by now. What was being sent is unknown; a mere claim was never sent.
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

    /// <summary>Renews the leases of this process, and notes what a Redis that has lost its data has to be told again. Runs once a beat.</summary>
    public async Task RenewAsync(CancellationToken cancellationToken)
    {
        if (redis.Dependency.IsInDoubt) return;
        TellAgain();
        await Task.WhenAll(_held.Keys.Select(id => RenewAsync(id, cancellationToken)));
    }

    /// <summary>Gives up claims that were not begun when the process stops: a request that waits for one can then begin at once.</summary>
    public Task ReleaseAsync(CancellationToken cancellationToken) => Task.WhenAll(
        _held.Keys.Select(ledger.Find).OfType<Submission>().Where(s => s.State == SubmissionState.Claimed).Select(s => ReleaseAsync(s, cancellationToken)));

    /// <summary>Tells Redis the jobs and submissions that it has missed. Runs once a beat, and at the end.</summary>
    public Task WriteBackAsync(CancellationToken cancellationToken) => backlog.WriteBackAsync(Hold, cancellationToken);

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private static Submission Died(Submission submission) =>
        submission.State == SubmissionState.Sending ? submission with { State = SubmissionState.Unknown, Error = ApiError.SubmissionUnknown } : submission;

    /// <summary>
    /// Prepares Redis to decide on a ticket. Behind a new connection another Redis may answer, or the same one without its data. And Redis has to know of
    /// an equal request whatever this process knows.
    /// </summary>
    private async ValueTask MeetAsync(SubmitTicket ticket, CancellationToken cancellationToken)
    {
        if (redis.IsNew) await redis.LookAsync(cancellationToken);
        TellAgain();
        if (ledger.Earlier(ticket) is { } earlier && backlog.Find(earlier.Id) is { } untold) await backlog.WriteBackAsync(untold, Hold, cancellationToken);
        if (IsUnsafe(ticket)) throw new DependencyException(redis.Dependency.Name);
    }

    // Redis has just lost its data, and other replicas need a beat to tell it again what they hold.
    private bool IsUnsafe(SubmitTicket ticket) =>
        (ticket.Key is not null || ticket.IsRetry) && redis.LostAt is { } lost && time.GetElapsedTime(lost) <= RedisSubmissions.Silence;

    private Admission AdmitHere(Submission fresh)
    {
        // The submission keeps its id. The script that was given up may still be carried out, and must not become another submission.
        var admission = ledger.Admit(fresh);
        if (admission is not Admission.Granted || backlog.TryAdmit(fresh)) return admission;
        // A submit that can't be remembered must not be sent.
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
            // The dependency has logged it; the next beat tries again.
        }
    }

    private async Task ReleaseAsync(Submission submission, CancellationToken cancellationToken)
    {
        try
        {
            // A submission that has begun in the meantime is not given up.
            await MoveAsync(submission, s => s.State == SubmissionState.Claimed ? s with { State = SubmissionState.Refused } : s, cancellationToken);
        }
        catch (DependencyException)
        {
            // The lease runs out by itself.
        }
    }

    private bool MayBeToldLater(Submission known, Submission wanted)
    {
        // A change that moves no state (the caller has gone, or has its answer) may always wait.
        if (!_held.TryGetValue(known.Id, out var renewedAt)) return wanted.State == known.State;
        if (known.State != SubmissionState.Claimed || wanted.State != SubmissionState.Sending) return true;
        // If it has a key, or if its lease may have run out, another replica may have the right to send by now.
        return known.Ticket.Key is null && time.GetUtcNow() - renewedAt <= RedisSubmissions.Silence;
    }

    // The ledger lets this process recognise its own submits while Redis is away.
    private Submission Know(Submission moved)
    {
        var merged = ledger.Move(moved, s => s.Joined(moved));
        if (merged.IsEnded) _held.TryRemove(merged.Id, out _);
        return merged;
    }

    // Redis now knows the submission. From here on it is renewed and moved on as if Redis had admitted it.
    private void Hold(Submission submission) => _held[submission.Id] = time.GetUtcNow();
}
