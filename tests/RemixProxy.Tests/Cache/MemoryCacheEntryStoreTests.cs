using RemixProxy.Cache;
using RemixProxy.Contract;
using RemixProxy.Jobs.Submissions;
using RemixProxy.TestKit;

namespace RemixProxy.Tests.Cache;

/// <summary>Laws of <see cref="MemoryCacheEntryStore"/> beside those of every store: time, bounds, and many at once.</summary>
public sealed class MemoryCacheEntryStoreTests
{
    private const string Caller = "me";
    private const string Entry = "e";

    private static readonly VideoId One = new("one", "p");
    private static readonly VideoId Two = new("two", "p");
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private readonly ManualTimeProvider _time = new();
    private readonly SubmissionLedger _ledger;
    private readonly MemoryCacheEntryStore _store;

    public MemoryCacheEntryStoreTests()
    {
        _ledger = new(_time);
        _store = new(_ledger, _time);
    }

    private static CancellationToken Ct => CancellationToken.None;

    [Fact]
    public async Task An_entry_names_its_video_until_its_time_is_over()
    {
        await _store.StoreEntryAsync(Caller, Entry, One, Hour, Ct);
        _time.Advance(Hour - TimeSpan.FromTicks(1));
        Assert.Equal(One, await _store.FindEntryAsync(Caller, Entry, Ct));
        Assert.Equal(new Claim.Stored(One), await _store.ClaimAsync(Admit(), Entry, Ct));
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.Null(await _store.FindEntryAsync(Caller, Entry, Ct));
        Assert.IsType<Claim.Granted>(await _store.ClaimAsync(Admit(), Entry, Ct));
    }

    [Fact]
    public async Task An_entry_is_replaced_with_its_time()
    {
        await _store.StoreEntryAsync(Caller, Entry, One, Hour, Ct);
        await _store.StoreEntryAsync(Caller, Entry, Two, 2 * Hour, Ct);
        _time.Advance(Hour);
        Assert.Equal(Two, await _store.FindEntryAsync(Caller, Entry, Ct));
    }

    [Fact]
    public async Task Of_many_at_once_one_claims()
    {
        var submissions = Enumerable.Range(0, 64).Select(_ => Admit()).ToList();
        var claims = await Task.WhenAll(submissions.Select(s => Task.Run(async () => await _store.ClaimAsync(s, Entry, Ct))));
        Assert.Single(claims.OfType<Claim.Granted>());
        Assert.Equal(63, claims.OfType<Claim.UnderWay>().Count());
    }

    [Fact]
    public async Task Who_looked_before_the_holder_stored_its_entry_and_claims_after_it_ended_is_answered_by_it()
    {
        var holder = Admit();
        Assert.IsType<Claim.Granted>(await _store.ClaimAsync(holder, Entry, Ct));
        // One that is over has the look-up ask for the time: the moment in which nothing was found, and nothing is claimed yet.
        var between = new Moment(_time);
        var store = new MemoryCacheEntryStore(_ledger, between);
        await store.StoreEntryAsync(Caller, Entry, Two, TimeSpan.Zero, Ct);
        between.Once = () =>
        {
            _ = store.StoreEntryAsync(Caller, Entry, One, Hour, Ct).AsTask();
            _ledger.Move(holder, s => s with { State = SubmissionState.Accepted, Video = One });
        };

        var late = Admit();
        Assert.Equal(new Claim.Stored(One), await store.ClaimAsync(late, Entry, Ct));
        Assert.Null(between.Once);
        // And the claim was given back.
        await store.RemoveEntryAsync(Caller, Entry, One, Ct);
        Assert.IsType<Claim.Granted>(await store.ClaimAsync(Admit(), Entry, Ct));
        Assert.IsType<Claim.UnderWay>(await store.ClaimAsync(late, Entry, Ct));
    }

    [Fact]
    public async Task However_holder_and_next_one_meet_nobody_is_granted_what_was_made()
    {
        for (var round = 0; round < 2_000; round++)
        {
            var entry = "e" + round;
            var (holder, next) = (Admit(), Admit());
            Assert.IsType<Claim.Granted>(await _store.ClaimAsync(holder, entry, Ct));
            using var start = new Barrier(2);
            var ending = Task.Run(async () =>
            {
                start.SignalAndWait(Ct);
                await _store.StoreEntryAsync(Caller, entry, One, Hour, Ct);
                _ledger.Move(holder, s => s with { State = SubmissionState.Accepted, Video = One });
            });
            start.SignalAndWait(Ct);
            Assert.IsNotType<Claim.Granted>(await _store.ClaimAsync(next, entry, Ct));
            await ending;
        }
    }

    [Fact]
    public async Task Never_more_entries_than_their_bound_and_the_newest_stay()
    {
        for (var i = 0; i <= MemoryCacheEntryStore.MaxCount; i++) await _store.StoreEntryAsync(Caller, "e" + i, One, Hour, Ct);
        Assert.Null(await _store.FindEntryAsync(Caller, "e0", Ct));
        Assert.NotNull(await _store.FindEntryAsync(Caller, "e1", Ct));
        Assert.NotNull(await _store.FindEntryAsync(Caller, "e" + MemoryCacheEntryStore.MaxCount, Ct));
    }

    private Submission Admit() =>
        Assert.IsType<Admission.Granted>(
            _ledger.Admit(Submission.Of(new(Caller, VideoOperation.Create, "f", Key: null, IsRetry: false, NoCache: true), _time.GetUtcNow()))).Submission;

    /// <summary>A clock at which something happens once, when somebody asks for the time.</summary>
    private sealed class Moment(TimeProvider time) : TimeProvider
    {
        public Action? Once { get; set; }

        public override DateTimeOffset GetUtcNow()
        {
            var once = Once;
            Once = null;
            once?.Invoke();
            return time.GetUtcNow();
        }
    }
}
