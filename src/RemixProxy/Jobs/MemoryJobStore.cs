using RemixProxy.Contract;
using RemixProxy.Providers;

namespace RemixProxy.Jobs;

/// <summary>Keeps jobs in this process, bounded by <see cref="JobsOptions.Retention"/>, <see cref="JobsOptions.MaxCount"/> and <see
/// cref="JobsOptions.MaxBytes"/>.</summary>
internal sealed class MemoryJobStore(ProviderRegistry registry, TimeProvider time) : IJobStore
{
    private readonly Lock _lock = new();
    private readonly Dictionary<VideoId, Entry> _jobs = [];
    private readonly Dictionary<(string Caller, string Native), List<VideoId>> _natives = [];
    private readonly Dictionary<string, SortedSet<Position>> _lists = new(StringComparer.Ordinal);
    private readonly Queue<VideoId> _oldest = new();
    private long _sequence;
    private long _bytes;

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
            ForgetOldest(job.Bytes);
            _oldest.Enqueue(job.Id);
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
                _bytes += job.Bytes - entry.Bytes;
                entry.Set(job);
            }
            else
            {
                // Another video has come under the same id. The list is ordered by age, so its place changes.
                Forget(entry);
                Record(job);
            }

            ForgetOldest(0);
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
            var jobs = Behind(list, start, ascending).Select(p => Live(p.Id)).OfType<Entry>().Select(e => e.Job).Where(j => !j.Deleted).Take(
                limit + 1).ToList();
            return new(new JobPage(jobs[..Math.Min(limit, jobs.Count)], jobs.Count > limit));
        }
    }

    // In one process JobPolls already lets only one call poll.
    public ValueTask<bool> BeginPollAsync(VideoId id, CancellationToken cancellationToken) => new(true);

    public ValueTask EndPollAsync(VideoId id, CancellationToken cancellationToken) => default;

    private void Record(VideoJob job)
    {
        var entry = new Entry(job, new(job.Video.CreatedAt, ++_sequence, job.Id));
        _jobs.Add(job.Id, entry);
        _bytes += entry.Bytes;
        Index(_natives, (job.Caller, job.Id.Native)).Add(job.Id);
        Index(_lists, job.Caller).Add(entry.Position);
    }

    /// <param name="more">The bytes of a job that is about to be added; zero if none is.</param>
    private void ForgetOldest(long more)
    {
        var added = more > 0 ? 1 : 0;
        // An id that was forgotten and added again stands in the queue twice. It may then be forgotten early, never late.
        while (_oldest.TryPeek(out var id) && (!_jobs.TryGetValue(id, out var oldest) || IsTooMuch() || IsOver(oldest)))
        {
            _oldest.Dequeue();
            if (_jobs.TryGetValue(id, out oldest)) Forget(oldest);
        }

        // The last job stays, whatever it takes.
        bool IsTooMuch() => _jobs.Count + added > Options.MaxCount || (_bytes + more > Options.MaxBytes && _jobs.Count + added > 1);
    }

    private void Forget(Entry entry)
    {
        var job = entry.Job;
        _jobs.Remove(job.Id);
        _bytes -= entry.Bytes;
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

    private sealed class Entry(VideoJob job, Position position)
    {
        public VideoJob Job { get; private set; } = job;

        public long Bytes { get; private set; } = job.Bytes;

        public Position Position { get; } = position;

        public void Set(VideoJob job) => (Job, Bytes) = (job, job.Bytes);
    }

    /// <summary>The place of a job in its caller's list. It never changes, so a cursor stays valid while jobs arrive.</summary>
    private readonly record struct Position(long CreatedAt, long Sequence, VideoId Id) : IComparable<Position>
    {
        public int CompareTo(Position other) => CreatedAt != other.CreatedAt ? CreatedAt.CompareTo(other.CreatedAt) : Sequence.CompareTo(other.Sequence);

        public static bool operator <(Position a, Position b) => a.CompareTo(b) < 0;

        public static bool operator >(Position a, Position b) => a.CompareTo(b) > 0;

        public static bool operator <=(Position a, Position b) => a.CompareTo(b) <= 0;

        public static bool operator >=(Position a, Position b) => a.CompareTo(b) >= 0;
    }
}
