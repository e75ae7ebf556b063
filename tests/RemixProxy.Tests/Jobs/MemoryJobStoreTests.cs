using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using RemixProxy.Contract;
using RemixProxy.Jobs;
using RemixProxy.TestKit;

namespace RemixProxy.Tests.Jobs;

/// <summary>Laws of <see cref="MemoryJobStore"/>: lists under random changes, and bounds.</summary>
public sealed class MemoryJobStoreTests : IDisposable
{
    private const string Caller = "me";

    private readonly ManualTimeProvider _time = new();
    private readonly List<ServiceProvider> _services = [];

    private static CancellationToken Ct => CancellationToken.None;

    [Fact]
    public void A_walk_through_the_pages_sees_each_job_once_in_order_while_others_come_and_go()
    {
        // Each number is a page size or, negative, something that happens between two pages.
        var walks = Gen.Choose(-20, 4).NonEmptyListOf().ToArbitrary();
        Prop.ForAll(walks, Gen.Elements(true, false).ToArbitrary(), (walk, ascending) =>
        {
            var store = NewStore();
            for (var i = 0; i < 12; i++) Add(store, $"old{i}", createdAt: i / 3);
            var (seen, deleted, added) = (new List<VideoJob>(), new HashSet<string>(StringComparer.Ordinal), 0);
            VideoId? after = null;
            foreach (var step in walk)
            {
                if (step is < 0 and > -10)
                {
                    Add(store, $"new{added++}", createdAt: -step);
                }
                else if (step < 0)
                {
                    deleted.Add($"old{-step - 9}");
                    Wait(store.UpdateAsync(new($"old{-step - 9}", "p"), j => j with { Deleted = true }, Ct));
                }
                else
                {
                    var page = Wait(store.ListAsync(Caller, after, step + 1, ascending, Ct))!;
                    seen.AddRange(page.Jobs);
                    if (page.Jobs is [.., var last]) after = last.Id;
                }
            }

            while (Wait(store.ListAsync(Caller, after, 3, ascending, Ct))! is { Jobs: [.., var end] } rest)
            {
                seen.AddRange(rest.Jobs);
                after = end.Id;
            }

            var natives = seen.Select(j => j.Id.Native).ToList();
            var times = seen.Select(j => ascending ? j.Video.CreatedAt : -j.Video.CreatedAt).ToList();
            return natives.Distinct().Count() == natives.Count
                && times.SequenceEqual(times.Order())
                && Enumerable.Range(0, 12).Select(i => $"old{i}").Where(n => !deleted.Contains(n)).All(natives.Contains);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Has_more_is_said_exactly_when_the_next_page_has_a_job() =>
        Prop.ForAll(Gen.Choose(0, 8).ToArbitrary(), Gen.Choose(1, 5).ToArbitrary(), (count, limit) =>
    {
        var store = NewStore();
        for (var i = 0; i < count; i++) Add(store, $"j{i}", createdAt: i);
        if (count > 0) Wait(store.UpdateAsync(new("j0", "p"), j => j with { Deleted = true }, Ct));
        var page = Wait(store.ListAsync(Caller, null, limit, ascending: false, Ct))!;
        var next = page.Jobs is [.., var last] ? Wait(store.ListAsync(Caller, last.Id, limit, ascending: false, Ct))!.Jobs.Count : 0;
        return page.HasMore == next > 0 && page.Jobs.Count <= limit;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_stranger_s_job_is_no_cursor_and_in_no_list()
    {
        var store = NewStore();
        Add(store, "mine", 1);
        Add(store, "theirs", 2, caller: "you");
        Assert.Null(Wait(store.ListAsync(Caller, new("theirs", "p"), 10, ascending: false, Ct)));
        Assert.Equal("mine", Assert.Single(Wait(store.ListAsync(Caller, null, 10, ascending: false, Ct))!.Jobs).Id.Native);
        Assert.Empty(Wait(store.FindNativeAsync(Caller, "theirs", Ct)));
    }

    [Fact]
    public void Never_more_jobs_than_its_bound_and_the_newest_stay() =>
        Prop.ForAll(Gen.Choose(1, 5).ToArbitrary(), Gen.Choose(1, 20).ToArbitrary(), (max, count) =>
    {
        var store = NewStore(("MaxCount", max.ToString()));
        for (var i = 0; i < count; i++) Add(store, $"j{i}", createdAt: 100 - i);
        var known = Enumerable.Range(0, count).Where(i => Wait(store.FindAsync(new($"j{i}", "p"), Ct)) is not null).ToArray();
        return known.SequenceEqual(Enumerable.Range(0, count).TakeLast(max))
            && Wait(store.ListAsync(Caller, null, 100, ascending: true, Ct))!.Jobs.Count == known.Length;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Beyond_MaxBytes_the_oldest_jobs_are_forgotten_also_where_jobs_grow()
    {
        var store = NewStore(("MaxBytes", "200000"));
        // 62 kB of prompt each.
        for (var i = 0; i < 10; i++) Add(store, $"j{i}", i, prompt: new('p', 31_000));
        Assert.Equal(["j7", "j8", "j9"], Natives());

        Wait(store.UpdateAsync(new("j8", "p"), j => j with { Outputs = [new("https://a.example/" + new string('u', 30_000))] }, Ct));
        Assert.Equal(["j8", "j9"], Natives());
        Wait(store.UpdateAsync(new("j8", "p"), j => j with { Outputs = [] }, Ct));
        Add(store, "j10", 10, prompt: new('p', 31_000));
        Assert.Equal(["j8", "j9", "j10"], Natives());

        // Alone it stays, so that a submit's video is known.
        Add(store, "huge", 11, prompt: new('p', 300_000));
        Assert.Equal(["huge"], Natives());
        Add(store, "small", 12);
        Assert.Equal(["small"], Natives());

        string[] Natives() => [.. Wait(store.ListAsync(Caller, null, 100, ascending: true, Ct))!.Jobs.Select(j => j.Id.Native)];
    }

    [Fact]
    public void A_job_is_forgotten_after_its_retention_everywhere()
    {
        var store = NewStore(("Retention", "1.00:00:00"));
        Add(store, "j", 1);
        _time.Advance(TimeSpan.FromDays(1));
        Assert.NotNull(Wait(store.FindAsync(new("j", "p"), Ct)));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(Wait(store.FindAsync(new("j", "p"), Ct)));
        Assert.Null(Wait(store.UpdateAsync(new("j", "p"), j => j, Ct)));
        Assert.Empty(Wait(store.FindNativeAsync(Caller, "j", Ct)));
        Assert.Empty(Wait(store.ListAsync(Caller, null, 10, ascending: false, Ct))!.Jobs);
        Assert.Equal(2, Add(store, "j", 2).Video.CreatedAt);
    }

    [Fact]
    public void A_job_that_is_over_and_stands_behind_one_that_is_not_can_be_added_again()
    {
        var store = NewStore(("Retention", "1.00:00:00"));
        Add(store, "first", 1);
        Add(store, "j", 2);
        _time.Advance(TimeSpan.FromHours(23));
        // As a delete does.
        Wait(store.UpdateAsync(new("first", "p"), j => j with { SeenAt = _time.GetUtcNow() }, Ct));
        _time.Advance(TimeSpan.FromHours(2));

        Assert.Equal(3, Add(store, "j", 3).Video.CreatedAt);
        Assert.Equal([3, 1], Wait(store.ListAsync(Caller, null, 10, ascending: false, Ct))!.Jobs.Select(j => j.Video.CreatedAt));
    }

    public void Dispose() => _services.ForEach(s => s.Dispose());

    private MemoryJobStore NewStore(params (string Key, string Value)[] jobs)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(
            jobs.Select(j => KeyValuePair.Create("RemixProxy:Jobs:" + j.Key, (string?)j.Value))).Build();
        var services = new ServiceCollection().AddLogging().AddSingleton<TimeProvider>(_time).AddSingleton<IConfiguration>(configuration);
        services.AddReverseProxy().AddRemixProxy(configuration);
        var built = services.BuildServiceProvider();
        _services.Add(built);
        return (MemoryJobStore)built.GetRequiredService<IJobStore>();
    }

    private VideoJob Add(MemoryJobStore store, string native, long createdAt, string caller = Caller, string? prompt = null)
    {
        var id = new VideoId(native, "p");
        var video = new Video { Id = id.ToString(), CreatedAt = createdAt, Prompt = prompt };
        return Wait(store.AddAsync(new() { Id = id, Caller = caller, Video = video, SeenAt = _time.GetUtcNow() }, Ct));
    }

    /// <summary>The store in memory answers at once; a property can't await.</summary>
    private static T Wait<T>(ValueTask<T> task)
    {
        Assert.True(task.IsCompletedSuccessfully);
        return task.Result;
    }
}
