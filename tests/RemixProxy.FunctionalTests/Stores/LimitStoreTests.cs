using RemixProxy.FunctionalTests.Redis;
using RemixProxy.Limits;
using RemixProxy.Resilience;
using RemixProxy.TestKit.Redis;

namespace RemixProxy.FunctionalTests.Stores;

/// <summary>What every store of limits does.</summary>
public abstract class LimitStoreTests(RedisVersion? version) : TwoStoresTests(version)
{
    private protected const string Me = "me";

    private protected static readonly JobRoom Mine = new(IsProvider: false, Me);
    private protected static readonly ClientDay Today = new(Me, new(2026, 11, 28));

    [Fact]
    public async Task As_many_requests_are_granted_as_a_minute_has()
    {
        var granted = await Task.WhenAll(Enumerable.Range(0, 30).Select(i => (i % 2 == 0 ? One : Other).Limits.TakeRequestAsync(Me, 5, Ct).AsTask()));
        Assert.Equal(5, granted.Count(g => g.IsGranted));
        Assert.All(granted, g => Assert.InRange(g.Remaining, 0, 4));
        Assert.True((await Other.Limits.TakeRequestAsync("you", 5, Ct)).IsGranted);
        // Another limit counts from then on.
        var more = await One.Limits.TakeRequestAsync("new", 2, Ct);
        Assert.Equal((true, 1, TimeSpan.FromSeconds(30)), (more.IsGranted, more.Remaining, more.Reset));
    }

    [Fact]
    public async Task Places_are_taken_in_the_order_of_coming()
    {
        Assert.Equal(PlaceTurn.Granted, await EnterAsync(One, "a"));
        Assert.Equal(PlaceTurn.Granted, await EnterAsync(Other, "b"));
        Assert.Equal(PlaceTurn.Granted, await EnterAsync(Other, "a"));
        Assert.Equal(PlaceTurn.Waiting, await EnterAsync(One, "c"));
        Assert.Equal(PlaceTurn.Waiting, await EnterAsync(Other, "d"));
        Assert.Equal(PlaceTurn.Full, await EnterAsync(Other, "e"));
        Assert.Equal(PlaceTurn.Granted, await One.Limits.EnterAsync("you", "e", 2, 2, Ct));
        await One.Limits.LeaveAsync(Me, "a");
        Assert.Equal(PlaceTurn.Waiting, await EnterAsync(Other, "d"));
        Assert.Equal(PlaceTurn.Full, await EnterAsync(Other, "e"));
        Assert.Equal(PlaceTurn.Granted, await EnterAsync(One, "c"));
        Assert.Equal(PlaceTurn.Waiting, await EnterAsync(Other, "e"));
        await Other.Limits.LeaveAsync(Me, "d");
        await Other.Limits.LeaveAsync(Me, "b");
        Assert.Equal(PlaceTurn.Granted, await EnterAsync(Other, "e"));
    }

    [Fact]
    public async Task Many_at_once_get_no_more_places_than_there_are()
    {
        var turns = await Task.WhenAll(Enumerable.Range(10, 40).Select(i => EnterAsync(i % 2 == 0 ? One : Other, i.ToString()).AsTask()));
        Assert.Equal((2, 2, 36), (turns.Count(t => t == PlaceTurn.Granted), turns.Count(t => t == PlaceTurn.Waiting), turns.Count(t => t == PlaceTurn.Full)));
    }

    [Fact]
    public async Task Unfinished_jobs_have_places_until_they_end_or_their_time_is_over()
    {
        var soon = Time.GetUtcNow().AddHours(1);
        Assert.True(await One.Limits.TryOccupyAsync(Mine, "a", 2, soon, Ct));
        Assert.True(await Other.Limits.TryOccupyAsync(Mine, "b", 2, soon.AddHours(1), Ct));
        Assert.True(await Other.Limits.TryOccupyAsync(Mine, "b", 2, soon.AddHours(1), Ct));
        Assert.False(await One.Limits.TryOccupyAsync(Mine, "c", 2, soon, Ct));
        Assert.True(await One.Limits.TryOccupyAsync(new(IsProvider: true, Me), "c", 2, soon, Ct));
        await Other.Limits.VacateAsync(Mine, "a");
        await Other.Limits.VacateAsync(Mine, "a");
        Assert.True(await One.Limits.TryOccupyAsync(Mine, "c", 2, soon, Ct));
        Assert.False(await One.Limits.TryOccupyAsync(Mine, "d", 2, soon, Ct));
        Time.Advance(TimeSpan.FromHours(1));
        Assert.True(await One.Limits.TryOccupyAsync(Mine, "d", 2, soon.AddHours(2), Ct));
        Assert.False(await One.Limits.TryOccupyAsync(Mine, "e", 2, soon.AddHours(2), Ct));
    }

    [Fact]
    public async Task No_more_is_reserved_than_a_day_has()
    {
        var reserved = await Task.WhenAll(Enumerable.Range(0, 30).Select(
            i => (i % 2 == 0 ? One : Other).Limits.TryReserveAsync(Today, "r" + i, 4000, 17_000, Ct).AsTask()));
        Assert.Equal(4, reserved.Count(r => r));
        Assert.True(await One.Limits.TryReserveAsync(Today, "small", 1000, 17_000, Ct));
        Assert.True(await One.Limits.TryReserveAsync(Today with { Client = "you" }, "r", 17_000, 17_000, Ct));
        Assert.True(await One.Limits.TryReserveAsync(Today with { Day = Today.Day.AddDays(1) }, "r", 17_000, 17_000, Ct));
    }

    [Fact]
    public async Task What_was_used_takes_the_place_of_what_was_reserved_once()
    {
        foreach (var id in new[] { "less", "more", "none", "same" }) Assert.True(await One.Limits.TryReserveAsync(Today, id, 1000, 4000, Ct));
        Assert.True(await Other.Limits.TryReserveAsync(Today, "same", 1000, 4000, Ct));
        for (var i = 0; i < 2; i++)
        {
            await Other.Limits.SettleAsync(Today, "less", 400);
            await One.Limits.SettleAsync(Today, "more", 1100);
            await Other.Limits.SettleAsync(Today, "none", 0);
            await One.Limits.SettleAsync(Today, "same", used: null);
            await One.Limits.SettleAsync(Today, "nobody knows", 5);
        }

        // 400 + 1100 + 0 + 1000
        Assert.False(await Other.Limits.TryReserveAsync(Today, "next", 1501, 4000, Ct));
        Assert.True(await Other.Limits.TryReserveAsync(Today, "next", 1500, 4000, Ct));
    }

    private protected static ValueTask<PlaceTurn> EnterAsync(Replica replica, string id) => replica.Limits.EnterAsync(Me, id, places: 2, queue: 2, Ct);
}

/// <summary>In memory.</summary>
public sealed class MemoryLimitStoreTests() : LimitStoreTests(null);

/// <summary>What only a shared store does.</summary>
public abstract class RedisLimitStoreTests(RedisVersion version) : LimitStoreTests(version)
{
    [Fact]
    public async Task Requests_fill_up_evenly()
    {
        for (var i = 0; i < 4; i++) Assert.True((await One.Limits.TakeRequestAsync(Me, 4, Ct)).IsGranted);
        Time.Advance(TimeSpan.FromSeconds(14));
        Assert.False((await Other.Limits.TakeRequestAsync(Me, 4, Ct)).IsGranted);
        Time.Advance(TimeSpan.FromSeconds(1));
        Assert.True((await Other.Limits.TakeRequestAsync(Me, 4, Ct)).IsGranted);
        Assert.False((await One.Limits.TakeRequestAsync(Me, 4, Ct)).IsGranted);
        Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(3, (await One.Limits.TakeRequestAsync(Me, 4, Ct)).Remaining);
        // A replica whose clock is behind takes nothing away.
        Assert.Equal(2, (await One.Limits.TakeRequestAsync(Me, 4, Ct)).Remaining);
    }

    [Fact]
    public async Task A_place_of_a_process_that_died_is_free_again_and_one_of_a_living_process_is_kept()
    {
        await EnterAsync(One, "a");
        await EnterAsync(Other, "b");
        await EnterAsync(Other, "c");
        for (var i = 0; i < 12; i++)
        {
            Time.Advance(TimeSpan.FromSeconds(1));
            await One.UpkeepAsync(Ct);
        }

        Assert.Equal(PlaceTurn.Granted, await EnterAsync(One, "d"));
        Assert.Equal(PlaceTurn.Waiting, await EnterAsync(One, "e"));
    }

    [Fact]
    public async Task While_Redis_is_away_this_process_counts_and_nothing_is_reserved_and_ends_are_told_later()
    {
        Assert.True(await One.Limits.TryReserveAsync(Today, "r", 1000, 1000, Ct));
        Assert.True(await One.Limits.TryOccupyAsync(Mine, "r", 1, Time.GetUtcNow().AddHours(1), Ct));
        Server.Pause();
        await Assert.ThrowsAsync<DependencyException>(() => RunAsync(One.Limits.TryReserveAsync(Today, "s", 1, 9000, Ct).AsTask()));
        // Redis may have read it all the same.
        await RunAsync(One.Limits.SettleAsync(Today, "s", 0).AsTask());
        await RunAsync(One.Limits.SettleAsync(Today, "r", 0).AsTask());
        await RunAsync(One.Limits.VacateAsync(Mine, "r").AsTask());
        Assert.Equal(PlaceTurn.Granted, await RunAsync(EnterAsync(One, "a").AsTask()));
        Assert.Equal(PlaceTurn.Granted, await RunAsync(EnterAsync(One, "b").AsTask()));
        Assert.Equal(PlaceTurn.Waiting, await RunAsync(EnterAsync(One, "c").AsTask()));
        Assert.True(await RunAsync(One.Limits.TryOccupyAsync(Mine, "s", 1, Time.GetUtcNow().AddHours(1), Ct).AsTask()));
        Assert.True((await RunAsync(One.Limits.TakeRequestAsync(Me, 1, Ct).AsTask())).IsGranted);
        Assert.False((await RunAsync(One.Limits.TakeRequestAsync(Me, 1, Ct).AsTask())).IsGranted);
        Server.Resume();
        while (!await Other.Limits.TryReserveAsync(Today, "t", 1000, 1000, Ct)
            || !await Other.Limits.TryOccupyAsync(Mine, "t", 1, Time.GetUtcNow().AddHours(1), Ct))
        {
            Time.Advance(TimeSpan.FromSeconds(1));
            await One.UpkeepAsync(Ct);
            await Task.Delay(20, Ct);
        }
    }

    // The budget of a command passes on the test's clock.
    private async Task<T> RunAsync<T>(Task<T> happening)
    {
        await RunAsync((Task)happening);
        return await happening;
    }

    private async Task RunAsync(Task happening)
    {
        while (await Task.WhenAny(happening, Task.Delay(20, Ct)) != happening) Time.Advance(TimeSpan.FromMilliseconds(100));
        await happening;
    }
}

/// <summary>On Redis 8.</summary>
public sealed class Redis8LimitStoreTests() : RedisLimitStoreTests(RedisVersion.Eight);

/// <summary>On Redis 7.</summary>
public sealed class Redis7LimitStoreTests() : RedisLimitStoreTests(RedisVersion.Seven);
