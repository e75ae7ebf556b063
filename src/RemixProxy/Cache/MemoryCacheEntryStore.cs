using RemixProxy.Contract;
using RemixProxy.Jobs.Submissions;

namespace RemixProxy.Cache;

/// <summary>Keeps cache entries in this process, bounded by lifetime and <see cref="MaxCount"/>. The <see cref="SubmissionLedger"/> keeps claims.</summary>
internal sealed class MemoryCacheEntryStore(SubmissionLedger ledger, TimeProvider time) : ICacheEntryStore
{
    /// <summary>The most entries; beyond it the oldest are removed.</summary>
    public const int MaxCount = 100_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<(string Caller, string Entry), (VideoId Video, DateTimeOffset ExpiresAt)> _entries = [];
    private readonly Queue<(string Caller, string Entry)> _oldest = new();

    public ValueTask<Claim> ClaimAsync(Submission submission, string entry, CancellationToken cancellationToken)
    {
        var caller = submission.Ticket.Caller;
        if (Find(caller, entry) is { } stored) return new(new Claim.Stored(stored));
        if (ledger.Claim(submission, entry) is { } holder) return new(new Claim.UnderWay(holder));
        // A holder stores its entry before its submit ends. It may have done both since the first look, so the entry is looked up again.
        if (Find(caller, entry) is not { } made) return new(new Claim.Granted());
        ledger.GiveBack(submission, entry);
        return new(new Claim.Stored(made));
    }

    public ValueTask<VideoId?> FindEntryAsync(string caller, string entry, CancellationToken cancellationToken) => new(Find(caller, entry));

    public ValueTask StoreEntryAsync(string caller, string entry, VideoId video, TimeSpan lifetime, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            var now = time.GetUtcNow();
            // An entry that was removed and stored again stands in the queue again. The queue has its own bound.
            while (_oldest.TryPeek(out var oldest)
                && (_entries.Count >= MaxCount || _oldest.Count >= 2 * MaxCount || !_entries.TryGetValue(oldest, out var old) || old.ExpiresAt <= now))
            {
                _oldest.Dequeue();
                _entries.Remove(oldest);
            }

            if (!_entries.ContainsKey((caller, entry))) _oldest.Enqueue((caller, entry));
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

    private VideoId? Find(string caller, string entry)
    {
        lock (_lock) return _entries.TryGetValue((caller, entry), out var stored) && stored.ExpiresAt > time.GetUtcNow() ? stored.Video : null;
    }
}
