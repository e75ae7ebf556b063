using RemixProxy.Cache;
using RemixProxy.Contract;
using RemixProxy.Jobs.Submissions;
using RemixProxy.Providers;

namespace RemixProxy.Jobs;

/// <summary>Jobs and submissions in this process, bounded by retention and by count.</summary>
internal sealed class MemoryJobStore(ProviderRegistry registry, TimeProvider time) : IJobStore
{
    /// <summary>Not the jobs' bound: a small one there must not forget what is not to be sent again.</summary>
    public const int MaxSubmissions = 200_000;

    /// <summary>Cache entries; beyond, the oldest go.</summary>
    public const int MaxEntries = 100_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<VideoId, Entry> _jobs = [];
    private readonly Dictionary<(string Caller, string Native), List<VideoId>> _natives = [];
    private readonly Dictionary<string, SortedSet<Position>> _lists = new(StringComparer.Ordinal);
    private readonly Queue<VideoId> _oldestJobs = new();
    private readonly Dictionary<string, Held> _submissions = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Caller, VideoOperation Operation, string Key), string> _keys = [];
    private readonly Dictionary<(string Caller, string Fingerprint), string> _latest = [];
    private readonly Queue<string> _oldestSubmissions = new();
    private readonly Dictionary<(string Caller, string Entry), (VideoId Video, DateTimeOffset ExpiresAt)> _entries = [];
    private readonly Queue<(string Caller, string Entry)> _oldestEntries = new();
    private readonly Dictionary<(string Caller, string Entry), string> _claims = [];
    private long _sequence;

    private JobsOptions Options => registry.Current.Options.Jobs;

    public ValueTask<VideoJob?> FindAsync(VideoId id, CancellationToken cancellationToken)
    {
        lock (_lock) return new(Live(id)?.Job);
    }

    public ValueTask<IReadOnlyList<VideoJob>> FindNativeAsync(string caller, string native, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return _natives.TryGetValue((caller, native), out var ids)
                ? new([.. ids.Select(Live).OfType<Entry>().Select(e => e.Job).Where(j => !j.Deleted)])
                : new([]);
        }
    }

    public ValueTask<VideoJob> AddAsync(VideoJob job, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (Live(job.Id) is { } known) return new(known.Job);
            if (_jobs.TryGetValue(job.Id, out var over)) Forget(over);
            ForgetOldJobs();
            _oldestJobs.Enqueue(job.Id);
            Record(job);
            return new(job);
        }
    }

    public ValueTask<VideoJob?> UpdateAsync(VideoId id, Func<VideoJob, VideoJob> change, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (Live(id) is not { } entry) return default;
            var job = change(entry.Job);
            if (job.Video.CreatedAt == entry.Position.CreatedAt)
            {
                entry.Job = job;
            }
            else
            {
                // Another video under the same id: the list is by age.
                Forget(entry);
                Record(job);
            }

            return new(job);
        }
    }

    public ValueTask<JobPage?> ListAsync(string caller, VideoId? after, int limit, bool ascending, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            Position? start = null;
            if (after is { } id)
            {
                if (Live(id) is not { } cursor || cursor.Job.Caller != caller) return default;
                start = cursor.Position;
            }

            if (!_lists.TryGetValue(caller, out var list)) return new(new JobPage([], HasMore: false));
            var jobs = Behind(list, start, ascending).Select(p => Live(p.Id)).OfType<Entry>().Select(e => e.Job).Where(j => !j.Deleted).Take(limit + 1).ToList();
            return new(new JobPage(jobs[..Math.Min(limit, jobs.Count)], jobs.Count > limit));
        }
    }

    public ValueTask<Admission> AdmitAsync(SubmitTicket ticket, CancellationToken cancellationToken) => new(Admit(Submission.Of(ticket, time.GetUtcNow())));

    /// <summary>As <see cref="AdmitAsync"/>, under an id that is known already.</summary>
    public Admission Admit(Submission fresh)
    {
        var ticket = fresh.Ticket;
        lock (_lock)
        {
            if (ticket.Key is { } key)
            {
                if (_keys.TryGetValue((ticket.Caller, ticket.Operation, key), out var id) && _submissions.TryGetValue(id, out var bound)
                    && time.GetUtcNow() - bound.Value.StartedAt <= SubmitTicket.KeyLifetime && bound.Value.State != SubmissionState.Refused)
                    return bound.Value.Ticket.Fingerprint == ticket.Fingerprint ? new Repeated(bound.Value) : new KeyReused();
            }
            else if (_latest.TryGetValue((ticket.Caller, ticket.Fingerprint), out var latest) && _submissions.TryGetValue(latest, out var earlier)
                && time.GetUtcNow() - earlier.Value.StartedAt <= SubmitTicket.RepeatWindow && earlier.Value.IsRepeatedBy(ticket))
            {
                return new Repeated(earlier.Value);
            }

            return new Granted(Record(fresh));
        }
    }

    public ValueTask<Submission> MoveAsync(Submission submission, Func<Submission, Submission> change, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (!_submissions.TryGetValue(submission.Id, out var held)) return new(change(submission));
            held.Value = held.Value.Moved(change);
            if (held.Value.IsEnded)
            {
                held.Ended.TrySetResult();
                if (held.Claim is { } claim) RemoveIf(_claims, claim, submission.Id);
            }

            return new(held.Value);
        }
    }

    public async ValueTask<Submission> WaitAsync(Submission submission, CancellationToken cancellationToken)
    {
        Held? held;
        lock (_lock) _submissions.TryGetValue(submission.Id, out held);
        if (held is null) return submission;
        await held.Ended.Task.WaitAsync(cancellationToken);
        lock (_lock) return held.Value;
    }

    public ValueTask<Claim> ClaimAsync(Submission submission, string entry, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            var key = (submission.Ticket.Caller, entry);
            if (_entries.TryGetValue(key, out var stored) && stored.ExpiresAt > time.GetUtcNow()) return new(new Stored(stored.Video));
            if (_claims.TryGetValue(key, out var id) && id != submission.Id && _submissions.TryGetValue(id, out var holder) && !holder.Value.IsEnded) return new(new UnderWay(holder.Value));
            if (_submissions.TryGetValue(submission.Id, out var mine))
            {
                mine.Claim = key;
                _claims[key] = submission.Id;
            }

            return new(new Claimed());
        }
    }

    public ValueTask<VideoId?> FindEntryAsync(string caller, string entry, CancellationToken cancellationToken)
    {
        lock (_lock) return new(_entries.TryGetValue((caller, entry), out var stored) && stored.ExpiresAt > time.GetUtcNow() ? stored.Video : (VideoId?)null);
    }

    public ValueTask StoreEntryAsync(string caller, string entry, VideoId video, TimeSpan lifetime, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            var now = time.GetUtcNow();
            // An entry stands in the queue once more each time it was removed and stored again; the queue has its own bound.
            while (_oldestEntries.TryPeek(out var oldest)
                && (_entries.Count >= MaxEntries || _oldestEntries.Count >= 2 * MaxEntries || !_entries.TryGetValue(oldest, out var old) || old.ExpiresAt <= now))
            {
                _oldestEntries.Dequeue();
                _entries.Remove(oldest);
            }

            if (!_entries.ContainsKey((caller, entry))) _oldestEntries.Enqueue((caller, entry));
            _entries[(caller, entry)] = (video, now + lifetime);
        }

        return default;
    }

    public ValueTask RemoveEntryAsync(string caller, string entry, VideoId video, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_entries.TryGetValue((caller, entry), out var stored) && stored.Video == video) _entries.Remove((caller, entry));
        }

        return default;
    }

    // One process: its polls are single flights already.
    public ValueTask<bool> BeginPollAsync(VideoId id, CancellationToken cancellationToken) => new(true);

    public ValueTask EndPollAsync(VideoId id, CancellationToken cancellationToken) => default;

    private void Record(VideoJob job)
    {
        var entry = new Entry(job, new(job.Video.CreatedAt, ++_sequence, job.Id));
        _jobs.Add(job.Id, entry);
        Index(_natives, (job.Caller, job.Id.Native)).Add(job.Id);
        Index(_lists, job.Caller).Add(entry.Position);
    }

    /// <summary>Records a submission that was admitted elsewhere.</summary>
    public void Remember(Submission submission)
    {
        lock (_lock) Record(submission);
    }

    /// <summary>Forgets a submission that is not to be.</summary>
    public void Forget(Submission submission)
    {
        lock (_lock)
        {
            if (_submissions.TryGetValue(submission.Id, out var held)) held.Value = held.Value with { State = SubmissionState.Refused };
        }
    }

    /// <summary>A submission as this process knows it.</summary>
    public Submission? Find(string id)
    {
        lock (_lock) return _submissions.GetValueOrDefault(id)?.Value;
    }

    /// <summary>The last submission of this process with the ticket's key, or without one of the same request.</summary>
    public Submission? Earlier(SubmitTicket ticket)
    {
        lock (_lock)
        {
            var id = ticket.Key is { } key ? _keys.GetValueOrDefault((ticket.Caller, ticket.Operation, key)) : _latest.GetValueOrDefault((ticket.Caller, ticket.Fingerprint));
            return id is null ? null : _submissions.GetValueOrDefault(id)?.Value;
        }
    }

    /// <summary>The latest submissions that somebody may still repeat.</summary>
    public IReadOnlyList<Submission> Latest(int count)
    {
        lock (_lock)
        {
            var now = time.GetUtcNow();
            return [.. _submissions.Values.Select(h => h.Value).Where(s => s.State != SubmissionState.Refused && now - s.StartedAt <= s.Ticket.Lifetime)
                .OrderByDescending(s => s.StartedAt).Take(count)];
        }
    }

    private Submission Record(Submission submission)
    {
        ForgetOldSubmissions();
        var ticket = submission.Ticket;
        _submissions.Add(submission.Id, new(submission));
        _oldestSubmissions.Enqueue(submission.Id);
        _latest[(ticket.Caller, ticket.Fingerprint)] = submission.Id;
        if (ticket.Key is { } key) _keys[(ticket.Caller, ticket.Operation, key)] = submission.Id;
        return submission;
    }

    private void ForgetOldSubmissions()
    {
        // In order of arrival: one with a key holds back those behind it for its 24 hours at most, the count bounds both.
        var now = time.GetUtcNow();
        while (_oldestSubmissions.TryPeek(out var id))
        {
            var held = _submissions[id];
            if (!held.Value.IsEnded || (now - held.Value.StartedAt <= held.Value.Ticket.Lifetime && _submissions.Count < MaxSubmissions)) return;
            _oldestSubmissions.Dequeue();
            _submissions.Remove(id);
            var ticket = held.Value.Ticket;
            RemoveIf(_latest, (ticket.Caller, ticket.Fingerprint), id);
            if (ticket.Key is { } key) RemoveIf(_keys, (ticket.Caller, ticket.Operation, key), id);
        }
    }

    private void ForgetOldJobs()
    {
        // An id stands in the queue once more where it was forgotten and added again; the later place may then go early, never late.
        while (_oldestJobs.TryPeek(out var id) && (!_jobs.TryGetValue(id, out var oldest) || _jobs.Count >= Options.MaxCount || IsOver(oldest)))
        {
            _oldestJobs.Dequeue();
            if (_jobs.TryGetValue(id, out oldest)) Forget(oldest);
        }
    }

    private void Forget(Entry entry)
    {
        var job = entry.Job;
        _jobs.Remove(job.Id);
        var native = (job.Caller, job.Id.Native);
        if (_natives[native].Remove(job.Id) && _natives[native].Count == 0) _natives.Remove(native);
        if (_lists[job.Caller].Remove(entry.Position) && _lists[job.Caller].Count == 0) _lists.Remove(job.Caller);
    }

    private Entry? Live(VideoId id) => _jobs.TryGetValue(id, out var entry) && !IsOver(entry) ? entry : null;

    private bool IsOver(Entry entry) => time.GetUtcNow() - entry.Job.SeenAt > Options.Retention;

    private static IEnumerable<Position> Behind(SortedSet<Position> list, Position? start, bool ascending)
    {
        if (list.Count == 0) return [];
        if (ascending) return start is null ? list : list.GetViewBetween(start.Value, list.Max).SkipWhile(p => p == start);
        return start is null ? list.Reverse() : list.GetViewBetween(list.Min, start.Value).Reverse().SkipWhile(p => p == start);
    }

    private static TValue Index<TKey, TValue>(Dictionary<TKey, TValue> index, TKey key)
        where TKey : notnull
        where TValue : new()
    {
        if (!index.TryGetValue(key, out var value)) index.Add(key, value = new());
        return value;
    }

    private static void RemoveIf<TKey>(Dictionary<TKey, string> index, TKey key, string value)
        where TKey : notnull
    {
        if (index.TryGetValue(key, out var present) && present == value) index.Remove(key);
    }

    private sealed class Entry(VideoJob job, Position position)
    {
        public VideoJob Job { get; set; } = job;

        public Position Position { get; } = position;
    }

    /// <summary>Where a job stands in its caller's list; it never changes, so a cursor stays right while jobs arrive.</summary>
    private readonly record struct Position(long CreatedAt, long Sequence, VideoId Id) : IComparable<Position>
    {
        public int CompareTo(Position other) => CreatedAt != other.CreatedAt ? CreatedAt.CompareTo(other.CreatedAt) : Sequence.CompareTo(other.Sequence);

        public static bool operator <(Position a, Position b) => a.CompareTo(b) < 0;

        public static bool operator >(Position a, Position b) => a.CompareTo(b) > 0;

        public static bool operator <=(Position a, Position b) => a.CompareTo(b) <= 0;

        public static bool operator >=(Position a, Position b) => a.CompareTo(b) >= 0;
    }

    private sealed class Held(Submission value)
    {
        public Submission Value { get; set; } = value;

        /// <summary>The cache entry that is this one's to make.</summary>
        public (string Caller, string Entry)? Claim { get; set; }

        public TaskCompletionSource Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
