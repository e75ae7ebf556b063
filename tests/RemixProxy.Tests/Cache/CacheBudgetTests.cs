using RemixProxy.Cache;
using RemixProxy.Resilience;
using RemixProxy.TestKit;

namespace RemixProxy.Tests.Cache;

/// <summary>How long the cache may keep a request waiting.</summary>
public class CacheBudgetTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public async Task All_steps_together_spend_it()
    {
        var budget = new CacheBudget(TimeSpan.FromMilliseconds(100), _time);
        Assert.Equal(1, await budget.SpendAsync(_ => new ValueTask<int>(1), default));
        var first = new TaskCompletionSource<int>();
        var step = budget.SpendAsync(_ => new ValueTask<int>(first.Task), default);
        _time.Advance(TimeSpan.FromMilliseconds(60));
        first.SetResult(2);
        Assert.Equal(2, await step);

        var token = default(CancellationToken);
        step = budget.SpendAsync(
            ct =>
            {
                token = ct;
                return new ValueTask<int>(new TaskCompletionSource<int>().Task);
            },
            default);
        _time.Advance(TimeSpan.FromMilliseconds(39));
        Assert.False(step.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        await Assert.ThrowsAsync<DependencyException>(async () => await step);
        // The work that still runs is cancelled.
        Assert.True(token.IsCancellationRequested);

        var begun = false;
        await Assert.ThrowsAsync<DependencyException>(async () => await budget.SpendAsync(
            _ =>
            {
                begun = true;
                return new ValueTask<int>(3);
            },
            default));
        Assert.False(begun);
    }

    [Fact]
    public async Task What_fails_passes_and_a_deadline_is_no_fault_of_the_dependency()
    {
        var budget = new CacheBudget(TimeSpan.FromMilliseconds(100), _time);
        var failure = new DependencyException("redis");
        Assert.Same(failure, await Assert.ThrowsAsync<DependencyException>(async () => await budget.SpendAsync<int>(_ => throw failure, default)));
        using var deadline = new CancellationTokenSource();
        var step = budget.SpendAsync(_ => new ValueTask<int>(new TaskCompletionSource<int>().Task), deadline.Token);
        await deadline.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await step);
    }

    [Fact]
    public async Task Work_on_the_processor_spends_it_too()
    {
        var budget = new CacheBudget(TimeSpan.FromMilliseconds(100), _time);
        Assert.Equal(1, budget.Spend(() => Work(60), default));
        using (var deadline = new CancellationTokenSource())
        {
            await deadline.CancelAsync();
            Assert.Throws<OperationCanceledException>(() => budget.Spend(() => Work(1_000), deadline.Token));
        }

        // A piece that has begun is not interrupted; what it takes is counted.
        Assert.Equal(1, budget.Spend(() => Work(50), default));
        Assert.Throws<DependencyException>(() => budget.Spend(() => Work(1), default));
        await Assert.ThrowsAsync<DependencyException>(async () => await budget.SpendAsync(_ => new ValueTask<int>(1), default));

        int Work(int milliseconds)
        {
            _time.Advance(TimeSpan.FromMilliseconds(milliseconds));
            return 1;
        }
    }
}
