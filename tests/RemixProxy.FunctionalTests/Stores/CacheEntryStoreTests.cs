using RemixProxy.Cache;
using RemixProxy.Contract;
using RemixProxy.FunctionalTests.Redis;
using RemixProxy.Jobs.Submissions;
using RemixProxy.TestKit.Redis;

namespace RemixProxy.FunctionalTests.Stores;

/// <summary>What every store of cache entries does.</summary>
public abstract class CacheEntryStoreTests(RedisVersion? version) : TwoStoresTests(version)
{
    private const string Caller = "me";

    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Fact]
    public async Task An_entry_is_made_by_one_of_many_at_once_and_answers_from_then_on()
    {
        var submissions = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Granted(i % 2 == 0 ? One : Other, Ticket("f" + i))));
        var claims = await Task.WhenAll(submissions.Select((s, i) => (i % 2 == 0 ? One : Other).Entries.ClaimAsync(s, "e", Ct).AsTask()));
        Assert.Single(claims.OfType<Claim.Granted>());
        Assert.Equal(19, claims.OfType<Claim.UnderWay>().Count());
        await Other.Entries.StoreEntryAsync(Caller, "e", Id("j"), TimeSpan.FromHours(1), Ct);
        Assert.Equal(Id("j"), Assert.IsType<Claim.Stored>(await One.Entries.ClaimAsync(submissions[0], "e", Ct)).Video);
        await One.Entries.RemoveEntryAsync(Caller, "e", Id("another"), Ct);
        Assert.Equal(Id("j"), await One.Entries.FindEntryAsync(Caller, "e", Ct));
        await One.Entries.RemoveEntryAsync(Caller, "e", Id("j"), Ct);
        Assert.Null(await Other.Entries.FindEntryAsync(Caller, "e", Ct));
    }

    [Fact]
    public async Task An_entry_is_replaced_and_removed_only_by_who_knows_its_video()
    {
        await One.Entries.StoreEntryAsync(Caller, "e", Id("one"), Hour, Ct);
        await Other.Entries.StoreEntryAsync(Caller, "e", Id("two"), 2 * Hour, Ct);
        await One.Entries.RemoveEntryAsync(Caller, "e", Id("one"), Ct);
        Assert.Equal(Id("two"), await One.Entries.FindEntryAsync(Caller, "e", Ct));
        await One.Entries.RemoveEntryAsync(Caller, "e", Id("two"), Ct);
        Assert.Null(await Other.Entries.FindEntryAsync(Caller, "e", Ct));
        await Other.Entries.StoreEntryAsync(Caller, "e", Id("one"), Hour, Ct);
        Assert.Equal(Id("one"), await One.Entries.FindEntryAsync(Caller, "e", Ct));
    }

    [Fact]
    public async Task Callers_share_neither_entries_nor_claims()
    {
        await One.Entries.StoreEntryAsync(Caller, "e", Id("one"), Hour, Ct);
        Assert.Null(await Other.Entries.FindEntryAsync("you", "e", Ct));
        Assert.IsType<Claim.Granted>(await ClaimAsync(Other, await Granted(Other, "you"), "e"));
        await Other.Entries.RemoveEntryAsync("you", "e", Id("one"), Ct);
        Assert.Equal(Id("one"), await One.Entries.FindEntryAsync(Caller, "e", Ct));
        Assert.IsType<Claim.Granted>(await ClaimAsync(One, await Granted(One), "f"));
        Assert.IsType<Claim.UnderWay>(await ClaimAsync(One, await Granted(One, "you"), "e"));
        Assert.IsType<Claim.Granted>(await ClaimAsync(Other, await Granted(Other, "you"), "f"));
    }

    [Theory]
    [InlineData("Accepted")]
    [InlineData("Refused")]
    [InlineData("Unknown")]
    public async Task A_claim_is_its_holder_s_until_it_ends(string name)
    {
        var end = Enum.Parse<SubmissionState>(name);
        var (holder, other) = (await Granted(One), await Granted(Other));
        Assert.IsType<Claim.Granted>(await ClaimAsync(One, holder, "e"));
        Assert.IsType<Claim.Granted>(await ClaimAsync(One, holder, "e"));
        Assert.Equal(holder.Id, Assert.IsType<Claim.UnderWay>(await ClaimAsync(Other, other, "e")).Holder.Id);
        await One.Submissions.MoveAsync(holder, s => s with { State = SubmissionState.Sending }, Ct);
        var waiting = One.Submissions.WaitAsync(holder, Ct).AsTask();
        Assert.IsType<Claim.UnderWay>(await ClaimAsync(Other, other, "e"));
        Assert.False(waiting.IsCompleted);
        await One.Submissions.MoveAsync(holder, s => s with { State = end }, Ct);
        Assert.Equal(end, (await waiting).State);
        Assert.IsType<Claim.Granted>(await ClaimAsync(Other, other, "e"));
        // Its late answer takes nothing from the next one.
        await One.Submissions.MoveAsync(holder, s => s with { State = SubmissionState.Accepted, Video = Id("one") }, Ct);
        Assert.Equal(other.Id, Assert.IsType<Claim.UnderWay>(await ClaimAsync(One, await Granted(One), "e")).Holder.Id);
    }

    private static VideoId Id(string native) => new(native, "runway");

    private static async Task<Submission> Granted(Replica replica, string caller = Caller) =>
        await Granted(replica, new SubmitTicket(caller, VideoOperation.Create, "f", Key: null, IsRetry: false, NoCache: true));

    private static SubmitTicket Ticket(string fingerprint) => new(Caller, VideoOperation.Create, fingerprint, Key: null, IsRetry: false, NoCache: false);

    private static async Task<Submission> Granted(Replica replica, SubmitTicket ticket) =>
        Assert.IsType<Admission.Granted>(await replica.Submissions.AdmitAsync(ticket, Ct)).Submission;

    private static async Task<Claim> ClaimAsync(Replica replica, Submission submission, string entry) =>
        await replica.Entries.ClaimAsync(submission, entry, Ct);
}

/// <summary>In memory.</summary>
public sealed class MemoryCacheEntryStoreTests() : CacheEntryStoreTests(null);

/// <summary>On Redis 8.</summary>
public sealed class Redis8CacheEntryStoreTests() : CacheEntryStoreTests(RedisVersion.Eight);

/// <summary>On Redis 7.</summary>
public sealed class Redis7CacheEntryStoreTests() : CacheEntryStoreTests(RedisVersion.Seven);
