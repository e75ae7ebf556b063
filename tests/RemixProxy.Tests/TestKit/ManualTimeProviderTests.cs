using RemixProxy.TestKit;

namespace RemixProxy.Tests.TestKit;

public class ManualTimeProviderTests
{
    [Fact]
    public async Task A_delay_ends_when_the_clock_gets_there()
    {
        var time = new ManualTimeProvider();
        var delay = Task.Delay(TimeSpan.FromSeconds(5), time, TestContext.Current.CancellationToken);
        time.Advance(TimeSpan.FromSeconds(4.9));
        Assert.False(delay.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(0.1));
        await delay;
    }

    [Fact]
    public void A_token_is_cancelled_by_the_clock()
    {
        var time = new ManualTimeProvider();
        using var source = new CancellationTokenSource(TimeSpan.FromMinutes(1), time);
        time.Advance(TimeSpan.FromSeconds(59));
        Assert.False(source.IsCancellationRequested);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(source.IsCancellationRequested);
    }

    [Fact]
    public void A_period_fires_at_each_of_its_times_in_order()
    {
        var time = new ManualTimeProvider();
        var start = time.GetUtcNow();
        List<TimeSpan> fired = [];
        using var slow = time.CreateTimer(_ => fired.Add(time.GetUtcNow() - start), null, TimeSpan.FromSeconds(3), Timeout.InfiniteTimeSpan);
        using (time.CreateTimer(_ => fired.Add(time.GetUtcNow() - start), null, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(2)))
            time.Advance(TimeSpan.FromSeconds(5));
        time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal([TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(4)], fired);
        Assert.Equal(TimeSpan.FromSeconds(10), time.GetElapsedTime(start.UtcTicks));
    }
}
