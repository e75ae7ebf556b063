using System.Threading.RateLimiting;

namespace RemixProxy.Limits;

/// <summary>Counts in this process.</summary>
internal sealed class MemoryLimitStore(TimeProvider time) : ILimitStore, IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Line> _submits = new(StringComparer.Ordinal);
    private readonly Dictionary<JobRoom, Dictionary<string, DateTimeOffset>> _jobs = [];
    private readonly Dictionary<ClientDay, Ledger> _days = [];

    private readonly PartitionedRateLimiter<(string Client, int PerMinute)> _requests = PartitionedRateLimiter.Create<(string, int), (string, int)>(
        key => RateLimitPartition.GetTokenBucketLimiter(
            key, k => new() { TokenLimit = k.Item2, TokensPerPeriod = k.Item2, ReplenishmentPeriod = TimeSpan.FromMinutes(1), AutoReplenishment = false }));

    public ValueTask<RequestAllowance> TakeRequestAsync(string client, int perMinute, CancellationToken cancellationToken)
    {
        using var lease = _requests.AttemptAcquire((client, perMinute));
        var remaining = _requests.GetStatistics((client, perMinute))?.CurrentAvailablePermits ?? 0;
        return new(new RequestAllowance(lease.IsAcquired, perMinute, (int)remaining));
    }

    public ValueTask<PlaceTurn> EnterAsync(string client, string id, int places, int queue, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (!_submits.TryGetValue(client, out var line)) _submits.Add(client, line = new());
            if (line.Inside.Contains(id)) return new(PlaceTurn.Granted);
            if (line.Waiting.Count(other => string.CompareOrdinal(other, id) < 0) < places - line.Inside.Count)
            {
                line.Waiting.Remove(id);
                line.Inside.Add(id);
                return new(PlaceTurn.Granted);
            }

            if (line.Waiting.Contains(id)) return new(PlaceTurn.Waiting);
            if (line.Waiting.Count >= queue) return new(PlaceTurn.Full);
            line.Waiting.Add(id);
            return new(PlaceTurn.Waiting);
        }
    }

    public ValueTask LeaveAsync(string client, string id)
    {
        lock (_lock)
        {
            if (!_submits.TryGetValue(client, out var line)) return default;
            line.Inside.Remove(id);
            line.Waiting.Remove(id);
            if (line.Inside.Count + line.Waiting.Count == 0) _submits.Remove(client);
            return default;
        }
    }

    public ValueTask<bool> TryOccupyAsync(JobRoom room, string id, int places, DateTimeOffset until, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (!_jobs.TryGetValue(room, out var jobs)) _jobs.Add(room, jobs = new(StringComparer.Ordinal));
            var now = time.GetUtcNow();
            foreach (var over in jobs.Where(j => j.Value <= now).Select(j => j.Key).ToArray()) jobs.Remove(over);
            return new(jobs.ContainsKey(id) || (jobs.Count < places && jobs.TryAdd(id, until)));
        }
    }

    public ValueTask VacateAsync(JobRoom room, string id)
    {
        lock (_lock)
        {
            if (_jobs.TryGetValue(room, out var jobs) && jobs.Remove(id) && jobs.Count == 0) _jobs.Remove(room);
            return default;
        }
    }

    public ValueTask<bool> TryReserveAsync(ClientDay day, string id, long amount, long limit, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (!_days.TryGetValue(day, out var ledger))
            {
                // A job of the day before may still end.
                foreach (var old in _days.Keys.Where(d => d.Day < day.Day.AddDays(-1)).ToArray()) _days.Remove(old);
                _days.Add(day, ledger = new());
            }

            if (ledger.Open.ContainsKey(id)) return new(true);
            if (ledger.Total + amount > limit) return new(false);
            ledger.Total += amount;
            ledger.Open.Add(id, amount);
            return new(true);
        }
    }

    public ValueTask SettleAsync(ClientDay day, string id, long? used)
    {
        lock (_lock)
        {
            if (_days.TryGetValue(day, out var ledger) && ledger.Open.Remove(id, out var reserved)) ledger.Total += (used ?? reserved) - reserved;
            return default;
        }
    }

    public void Dispose() => _requests.Dispose();

    private sealed class Line
    {
        public HashSet<string> Inside { get; } = new(StringComparer.Ordinal);

        public HashSet<string> Waiting { get; } = new(StringComparer.Ordinal);
    }

    private sealed class Ledger
    {
        public long Total { get; set; }

        public Dictionary<string, long> Open { get; } = new(StringComparer.Ordinal);
    }
}
