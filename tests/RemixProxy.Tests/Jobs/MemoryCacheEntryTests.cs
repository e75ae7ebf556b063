using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using RemixProxy.Cache;
using RemixProxy.Contract;
using RemixProxy.Jobs;
using RemixProxy.Jobs.Submissions;
using RemixProxy.TestKit;

namespace RemixProxy.Tests.Jobs;

/// <summary>Laws of the cache's entries and claims in <see cref="MemoryJobStore"/>.</summary>
public sealed class MemoryCacheEntryTests : IDisposable
{
    private const string Caller = "me";
    private const string Entry = "e";

    private static readonly VideoId One = new("one", "p");
    private static readonly VideoId Two = new("two", "p");
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private readonly ManualTimeProvider _time = new();
    private readonly ServiceProvider _services;
    private readonly IJobStore _store;

    public MemoryCacheEntryTests()
    {
        var configuration = new ConfigurationBuilder().Build();
        var services = new ServiceCollection().AddLogging().AddSingleton<TimeProvider>(_time).AddSingleton<IConfiguration>(configuration);
        services.AddReverseProxy().AddRemixProxy(configuration);
        _services = services.BuildServiceProvider();
        _store = _services.GetRequiredService<IJobStore>();
    }

    private static CancellationToken Ct => CancellationToken.None;

    [Fact]
    public async Task An_entry_names_its_video_until_its_time_is_over()
    {
        await _store.StoreEntryAsync(Caller, Entry, One, Hour, Ct);
        _time.Advance(Hour - TimeSpan.FromTicks(1));
        Assert.Equal(One, await _store.FindEntryAsync(Caller, Entry, Ct));
        Assert.Equal(new Stored(One), await _store.ClaimAsync(await AdmitAsync(), Entry, Ct));
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.Null(await _store.FindEntryAsync(Caller, Entry, Ct));
        Assert.IsType<Claimed>(await _store.ClaimAsync(await AdmitAsync(), Entry, Ct));
    }

    [Fact]
    public async Task An_entry_is_replaced_with_its_time_and_removed_only_by_who_knows_its_video()
    {
        await _store.StoreEntryAsync(Caller, Entry, One, Hour, Ct);
        await _store.StoreEntryAsync(Caller, Entry, Two, 2 * Hour, Ct);
        await _store.RemoveEntryAsync(Caller, Entry, One, Ct);
        _time.Advance(Hour);
        Assert.Equal(Two, await _store.FindEntryAsync(Caller, Entry, Ct));
        await _store.RemoveEntryAsync(Caller, Entry, Two, Ct);
        Assert.Null(await _store.FindEntryAsync(Caller, Entry, Ct));
        await _store.StoreEntryAsync(Caller, Entry, One, Hour, Ct);
        Assert.Equal(One, await _store.FindEntryAsync(Caller, Entry, Ct));
    }

    [Fact]
    public async Task Callers_share_neither_entries_nor_claims()
    {
        await _store.StoreEntryAsync(Caller, Entry, One, Hour, Ct);
        Assert.Null(await _store.FindEntryAsync("you", Entry, Ct));
        Assert.IsType<Claimed>(await _store.ClaimAsync(await AdmitAsync("you"), Entry, Ct));
        await _store.RemoveEntryAsync("you", Entry, One, Ct);
        Assert.Equal(One, await _store.FindEntryAsync(Caller, Entry, Ct));
        Assert.IsType<Claimed>(await _store.ClaimAsync(await AdmitAsync(), "f", Ct));
        Assert.IsType<UnderWay>(await _store.ClaimAsync(await AdmitAsync("you"), Entry, Ct));
        Assert.IsType<Claimed>(await _store.ClaimAsync(await AdmitAsync("you"), "f", Ct));
    }

    [Theory]
    [InlineData("Accepted")]
    [InlineData("Refused")]
    [InlineData("Unknown")]
    public async Task A_claim_is_its_holder_s_until_it_ends(string name)
    {
        var end = Enum.Parse<SubmissionState>(name);
        var (holder, other) = (await AdmitAsync(), await AdmitAsync());
        Assert.IsType<Claimed>(await _store.ClaimAsync(holder, Entry, Ct));
        Assert.IsType<Claimed>(await _store.ClaimAsync(holder, Entry, Ct));
        Assert.Equal(holder.Id, Assert.IsType<UnderWay>(await _store.ClaimAsync(other, Entry, Ct)).Holder.Id);
        await _store.MoveAsync(holder, s => s with { State = SubmissionState.Sending }, Ct);
        var waiting = _store.WaitAsync(holder, Ct).AsTask();
        Assert.IsType<UnderWay>(await _store.ClaimAsync(other, Entry, Ct));
        Assert.False(waiting.IsCompleted);
        await _store.MoveAsync(holder, s => s with { State = end }, Ct);
        Assert.Equal(end, (await waiting).State);
        Assert.IsType<Claimed>(await _store.ClaimAsync(other, Entry, Ct));
        // Its late answer takes nothing from the next one.
        await _store.MoveAsync(holder, s => s with { State = SubmissionState.Accepted, Video = One }, Ct);
        Assert.Equal(other.Id, Assert.IsType<UnderWay>(await _store.ClaimAsync(await AdmitAsync(), Entry, Ct)).Holder.Id);
    }

    [Fact]
    public async Task Of_many_at_once_one_claims()
    {
        var submissions = new List<Submission>();
        for (var i = 0; i < 64; i++) submissions.Add(await AdmitAsync());
        var claims = await Task.WhenAll(submissions.Select(s => Task.Run(async () => await _store.ClaimAsync(s, Entry, Ct))));
        Assert.Single(claims.OfType<Claimed>());
        Assert.Equal(63, claims.OfType<UnderWay>().Count());
    }

    [Fact]
    public async Task Never_more_entries_than_their_bound_and_the_newest_stay()
    {
        for (var i = 0; i <= MemoryJobStore.MaxEntries; i++) await _store.StoreEntryAsync(Caller, "e" + i, One, Hour, Ct);
        Assert.Null(await _store.FindEntryAsync(Caller, "e0", Ct));
        Assert.NotNull(await _store.FindEntryAsync(Caller, "e1", Ct));
        Assert.NotNull(await _store.FindEntryAsync(Caller, "e" + MemoryJobStore.MaxEntries, Ct));
    }

    public void Dispose() => _services.Dispose();

    private async Task<Submission> AdmitAsync(string caller = Caller) =>
        Assert.IsType<Granted>(await _store.AdmitAsync(new(caller, VideoOperation.Create, "f", Key: null, IsRetry: false, NoCache: true), Ct)).Submission;
}
