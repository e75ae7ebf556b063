using RemixProxy.Contract;

namespace RemixProxy.Jobs.Submissions;

/// <summary>
/// What this process knows of submissions, whether it shares them or not: which were admitted, how far each has come, and which cache entry each may make.
/// </summary>
internal sealed class SubmissionLedger(TimeProvider time)
{
    /// <summary>The most submissions. It is not the bound of jobs, because a small bound there must not make this forget a submit.</summary>
    public const int MaxCount = 200_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Held> _submissions = new(StringComparer.Ordinal);
    private readonly Queue<string> _oldest = new();
    private readonly Dictionary<(string Caller, VideoOperation Operation, string Key), string> _keys = [];
    private readonly Dictionary<(string Caller, string Fingerprint), string> _latest = [];
    private readonly Dictionary<(string Caller, string Entry), string> _claims = [];

    /// <summary>Records a new submission, unless it repeats an earlier one.</summary>
    public Admission Admit(Submission fresh)
    {
        var ticket = fresh.Ticket;
        lock (_lock)
        {
            var earlier = FindEarlier(ticket);
            if (ticket.Key is not null)
            {
                if (earlier is not null && IsWithin(earlier, SubmitTicket.KeyLifetime) && earlier.State != SubmissionState.Refused)
                    return earlier.Ticket.Fingerprint == ticket.Fingerprint ? new Admission.Repeated(earlier) : new Admission.KeyReused();
            }
            else if (earlier is not null && IsWithin(earlier, SubmitTicket.RepeatWindow) && earlier.IsRepeatedBy(ticket))
            {
                return new Admission.Repeated(earlier);
            }

            Add(fresh);
            return new Admission.Granted(fresh);
        }
    }

    /// <summary>Records a submission that was admitted elsewhere.</summary>
    public void Record(Submission submission)
    {
        lock (_lock) Add(submission);
    }

    /// <summary>Takes back a submission that must not be sent.</summary>
    public void Withdraw(Submission submission)
    {
        lock (_lock)
        {
            if (_submissions.TryGetValue(submission.Id, out var held)) held.Value = held.Value with { State = SubmissionState.Refused };
        }
    }

    /// <summary>Moves a submission on; a state never goes back. An unknown submission is changed as it was handed in.</summary>
    public Submission Move(Submission submission, Func<Submission, Submission> change)
    {
        lock (_lock)
        {
            if (!_submissions.TryGetValue(submission.Id, out var held)) return change(submission);
            held.Value = held.Value.Moved(change);
            if (held.Value.IsEnded)
            {
                held.Ended.TrySetResult();
                if (held.Claim is { } claim) RemoveIf(_claims, claim, submission.Id);
            }

            return held.Value;
        }
    }

    /// <summary>Waits until a submission has ended. An unknown submission is returned at once.</summary>
    public async Task<Submission> WaitAsync(Submission submission, CancellationToken cancellationToken)
    {
        Held? held;
        lock (_lock) _submissions.TryGetValue(submission.Id, out held);
        if (held is null) return submission;
        await held.Ended.Task.WaitAsync(cancellationToken);
        lock (_lock) return held.Value;
    }

    /// <summary>A submission as this process knows it.</summary>
    public Submission? Find(string id)
    {
        lock (_lock) return _submissions.GetValueOrDefault(id)?.Value;
    }

    /// <summary>The last submission with the ticket's key or, if the ticket has none, the last of the same request.</summary>
    public Submission? Earlier(SubmitTicket ticket)
    {
        lock (_lock) return FindEarlier(ticket);
    }

    /// <summary>The latest submissions that a caller may still repeat.</summary>
    public IReadOnlyList<Submission> Latest(int count)
    {
        lock (_lock)
        {
            return [.. _submissions.Values.Select(h => h.Value).Where(
                s => s.State != SubmissionState.Refused && IsWithin(s, s.Ticket.Lifetime)).OrderByDescending(s => s.StartedAt).Take(count)];
        }
    }

    /// <summary>Reserves a cache entry for this submission until it ends, unless another submission has reserved it.</summary>
    /// <returns>The other submission, which is under way; null where the entry is now reserved for this one.</returns>
    public Submission? Claim(Submission submission, string entry)
    {
        var key = (submission.Ticket.Caller, entry);
        lock (_lock)
        {
            if (_claims.TryGetValue(key, out var id) && id != submission.Id && _submissions.TryGetValue(id, out var holder) && !holder.Value.IsEnded)
                return holder.Value;
            if (_submissions.TryGetValue(submission.Id, out var mine))
            {
                mine.Claim = key;
                _claims[key] = submission.Id;
            }

            return null;
        }
    }

    /// <summary>Gives back a reserved entry before the submission ends.</summary>
    public void GiveBack(Submission submission, string entry)
    {
        lock (_lock) RemoveIf(_claims, (submission.Ticket.Caller, entry), submission.Id);
    }

    private static void RemoveIf<TKey>(Dictionary<TKey, string> index, TKey key, string value)
        where TKey : notnull
    {
        if (index.TryGetValue(key, out var present) && present == value) index.Remove(key);
    }

    private bool IsWithin(Submission submission, TimeSpan span) => time.GetUtcNow() - submission.StartedAt <= span;

    private Submission? FindEarlier(SubmitTicket ticket)
    {
        var id = ticket.Key is { } key
            ? _keys.GetValueOrDefault((ticket.Caller, ticket.Operation, key))
            : _latest.GetValueOrDefault((ticket.Caller, ticket.Fingerprint));
        return id is null ? null : _submissions.GetValueOrDefault(id)?.Value;
    }

    private void Add(Submission submission)
    {
        ForgetOldest();
        var ticket = submission.Ticket;
        _submissions.Add(submission.Id, new(submission));
        _oldest.Enqueue(submission.Id);
        _latest[(ticket.Caller, ticket.Fingerprint)] = submission.Id;
        if (ticket.Key is { } key) _keys[(ticket.Caller, ticket.Operation, key)] = submission.Id;
    }

    // Forgets in order of arrival. A submission with a key holds back later ones for its 24 hours at most; the count bounds both.
    private void ForgetOldest()
    {
        while (_oldest.TryPeek(out var id))
        {
            var oldest = _submissions[id].Value;
            if (!oldest.IsEnded || (IsWithin(oldest, oldest.Ticket.Lifetime) && _submissions.Count < MaxCount)) return;
            _oldest.Dequeue();
            _submissions.Remove(id);
            var ticket = oldest.Ticket;
            RemoveIf(_latest, (ticket.Caller, ticket.Fingerprint), id);
            if (ticket.Key is { } key) RemoveIf(_keys, (ticket.Caller, ticket.Operation, key), id);
        }
    }

    private sealed class Held(Submission value)
    {
        public Submission Value { get; set; } = value;

        /// <summary>The cache entry that is reserved for this submission.</summary>
        public (string Caller, string Entry)? Claim { get; set; }

        public TaskCompletionSource Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
