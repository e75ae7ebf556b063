using RemixProxy.Resilience;
using RemixProxy.TestKit;

namespace RemixProxy.Tests.Resilience;

/// <summary>What a call to a dependency may cost, when it is skipped, and what is said about it.</summary>
public class DependencyTests
{
    private static readonly TimeSpan Budget = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly ManualTimeProvider _time = new();
    private readonly LogLines _log = new();
    private readonly Dependency _server;
    private int _calls;

    public DependencyTests() => _server = new("server", _time, _log);

    [Fact]
    public async Task A_call_answers()
    {
        Assert.Equal(7, await RunAsync(_ => Task.FromResult(7)));
        Assert.True(_server.IsUp);
        Assert.Empty(_log.All);
    }

    [Fact]
    public async Task A_call_that_never_ends_costs_its_budget_and_is_told_to_stop()
    {
        CancellationToken told = default;
        var run = RunAsync(ct =>
        {
            told = ct;
            return new TaskCompletionSource<int>().Task;
        });
        _time.Advance(Budget - TimeSpan.FromMilliseconds(1));
        Assert.False(run.IsCompleted);
        Assert.False(told.IsCancellationRequested);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        var e = await Assert.ThrowsAsync<DependencyException>(() => run);
        Assert.IsType<TimeoutException>(e.InnerException);
        await UntilAsync(() => told.IsCancellationRequested);
    }

    [Fact]
    public async Task After_three_failures_nothing_is_called_for_a_second_and_then_one_call_at_a_time()
    {
        await FailAsync(3);
        Assert.Equal(3, _calls);
        _time.Advance(Second - TimeSpan.FromTicks(1));
        await SkippedAsync();
        _time.Advance(TimeSpan.FromTicks(1));
        var probe = new TaskCompletionSource<int>();
        var run = RunAsync(_ => probe.Task);
        for (var i = 0; i < 5; i++) await SkippedAsync();
        Assert.Equal(4, _calls);
        Assert.False(_server.IsUp);
        probe.SetResult(1);
        await run;
        Assert.True(_server.IsUp);
        await RunAsync(_ => Task.FromResult(1));
    }

    [Fact]
    public async Task A_fault_is_logged_once_however_many_probes_fail_and_its_end_too()
    {
        await FailAsync(3);
        for (var i = 0; i < 10; i++)
        {
            _time.Advance(Second);
            await FailAsync(1);
            await SkippedAsync();
        }

        Assert.Equal(13, _calls);
        Assert.Contains("server is not available (InvalidOperationException)", Assert.Single(_log.All));
        _time.Advance(Second);
        await RunAsync(_ => Task.FromResult(1));
        Assert.Equal(2, _log.All.Count);
        Assert.Contains("available again", _log.All[1]);
        await FailAsync(3);
        Assert.Equal(2, _log.Warnings.Count);
    }

    [Fact]
    public async Task Since_is_when_the_fault_began_not_when_it_was_last_seen()
    {
        var start = _time.GetUtcNow();
        Assert.Equal(start, _server.Since);
        _time.Advance(TimeSpan.FromMinutes(1));
        await FailAsync(3);
        for (var i = 0; i < 3; i++)
        {
            _time.Advance(Second);
            await FailAsync(1);
        }

        Assert.Equal(start + TimeSpan.FromMinutes(1), _server.Since);
        _time.Advance(Second);
        await RunAsync(_ => Task.FromResult(1));
        Assert.Equal(_time.GetUtcNow(), _server.Since);
    }

    [Fact]
    public async Task Three_failures_in_a_row_are_a_fault_however_seldom_the_calls()
    {
        for (var i = 0; i < 2; i++)
        {
            await FailAsync(1);
            _time.Advance(TimeSpan.FromHours(1));
        }

        Assert.True(_server.IsUp);
        await FailAsync(1);
        Assert.False(_server.IsUp);
        Assert.Single(_log.Warnings);
    }

    [Fact]
    public async Task Seldom_failures_among_successes_are_no_fault()
    {
        for (var i = 0; i < 100; i++)
        {
            await FailAsync(1);
            for (var n = 0; n < 2; n++) await RunAsync(_ => Task.FromResult(1));
            _time.Advance(TimeSpan.FromMilliseconds(100));
        }

        Assert.True(_server.IsUp);
        Assert.Empty(_log.All);
    }

    [Fact]
    public async Task Half_of_the_calls_failing_is_a_fault_within_two_seconds_only()
    {
        for (var i = 0; i < 20; i++)
        {
            await RunAsync(_ => Task.FromResult(1));
            await FailAsync(1);
            _time.Advance(TimeSpan.FromSeconds(1.5));
        }

        Assert.True(_server.IsUp);
        _time.Advance(TimeSpan.FromSeconds(3));
        for (var i = 0; i < 3; i++)
        {
            await RunAsync(_ => Task.FromResult(1));
            await FailAsync(1);
        }

        Assert.False(_server.IsUp);
    }

    [Fact]
    public async Task A_call_that_throws_before_it_begins_is_a_failure()
    {
        for (var i = 0; i < 3; i++) await Assert.ThrowsAsync<DependencyException>(() => RunAsync(_ => throw new InvalidOperationException()));
        Assert.False(_server.IsUp);
    }

    [Fact]
    public async Task A_call_that_is_cancelled_by_itself_is_a_failure()
    {
        for (var i = 0; i < 3; i++)
            Assert.IsType<TaskCanceledException>(
                (await Assert.ThrowsAsync<DependencyException>(() => RunAsync(_ => Task.FromCanceled<int>(new(canceled: true))))).InnerException);
        Assert.Contains("does not answer in time", Assert.Single(_log.All));
    }

    [Fact]
    public async Task Callers_who_hang_up_are_no_failures()
    {
        for (var i = 0; i < 10; i++) await HangUpAsync();
        Assert.True(_server.IsUp);
        Assert.Empty(_log.All);
    }

    [Fact]
    public async Task A_caller_who_is_gone_already_calls_nothing()
    {
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => RunAsync(_ => Task.FromResult(1), new(canceled: true)));
        Assert.Equal(0, _calls);
    }

    [Fact]
    public async Task A_probe_whose_caller_hangs_up_says_nothing_and_the_next_call_probes()
    {
        await FailAsync(3);
        _time.Advance(Second);
        await HangUpAsync();
        Assert.False(_server.IsUp);
        await FailAsync(1);
        await SkippedAsync();
        _time.Advance(Second);
        await HangUpAsync();
        await RunAsync(_ => Task.FromResult(1));
        Assert.True(_server.IsUp);
        Assert.Equal(2, _log.All.Count);
    }

    [Fact]
    public async Task A_slow_probe_is_followed_by_a_whole_second_of_peace()
    {
        await FailAsync(3);
        _time.Advance(Second);
        var probe = RunAsync(_ => new TaskCompletionSource<int>().Task);
        _time.Advance(Budget);
        await Assert.ThrowsAsync<DependencyException>(() => probe);
        _time.Advance(Second - TimeSpan.FromTicks(1));
        await SkippedAsync();
    }

    [Fact]
    public async Task Answers_to_calls_from_before_the_fault_neither_end_nor_prolong_it()
    {
        var (good, bad) = (new TaskCompletionSource<int>(), new TaskCompletionSource<int>());
        var (late, later) = (RunAsync(_ => good.Task), RunAsync(_ => bad.Task));
        await FailAsync(3);
        good.SetResult(1);
        await late;
        Assert.False(_server.IsUp);
        _time.Advance(Budget - TimeSpan.FromTicks(1));
        bad.SetException(new InvalidOperationException());
        await Assert.ThrowsAsync<DependencyException>(() => later);
        _time.Advance(Second - Budget + TimeSpan.FromTicks(1));
        await RunAsync(_ => Task.FromResult(1));
    }

    [Fact]
    public async Task Many_calls_that_fail_at_one_time_are_one_fault()
    {
        var end = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        var runs = Enumerable.Range(0, 200).Select(_ => RunAsync(_ => end.Task)).ToArray();
        end.SetException(new InvalidOperationException());
        foreach (var run in runs) await Assert.ThrowsAsync<DependencyException>(() => run);
        Assert.Single(_log.All);
    }

    [Fact]
    public async Task The_log_has_the_reason_that_is_fit_for_it_and_no_exception()
    {
        for (var i = 0; i < 3; i++) await Assert.ThrowsAsync<DependencyException>(() => RunAsync(_ => throw new DependencyFaultException("it answers 401")));
        Assert.EndsWith("server is not available (it answers 401); this process goes on without it as far as it may. ", Assert.Single(_log.All));
        var other = new LogLines();
        var secret = new Dependency("other", _time, other);
        for (var i = 0; i < 3; i++)
            await Assert.ThrowsAsync<DependencyException>(
                async () => await secret.RunAsync<int>(_ => throw new InvalidOperationException("sk-secret"), Budget, CancellationToken.None));
        Assert.DoesNotContain("secret", Assert.Single(other.All));
    }

    [Fact]
    public async Task The_end_of_a_call_that_was_given_up_is_seen()
    {
        var unseen = 0;
        void Count(object? sender, UnobservedTaskExceptionEventArgs e)
        {
            if (e.Exception.InnerException is NotSupportedException) Interlocked.Increment(ref unseen);
        }

        TaskScheduler.UnobservedTaskException += Count;
        try
        {
            for (var i = 0; i < 3; i++) await GiveUpAsync();
            for (var i = 0; i < 3; i++)
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
                await Task.Delay(20);
            }
        }
        finally
        {
            TaskScheduler.UnobservedTaskException -= Count;
        }

        Assert.Equal(0, unseen);
    }

    private async Task GiveUpAsync()
    {
        var end = new TaskCompletionSource<int>();
        var run = RunAsync(_ => end.Task);
        _time.Advance(Budget);
        await Assert.ThrowsAsync<DependencyException>(() => run);
        end.SetException(new NotSupportedException());
    }

    private Task<int> RunAsync(Func<CancellationToken, Task<int>> call, CancellationToken cancellationToken = default) => _server.RunAsync(
        ct =>
        {
            _calls++;
            return call(ct);
        },
        Budget,
        cancellationToken).AsTask();

    private async Task FailAsync(int times)
    {
        var before = _calls;
        for (var i = 0; i < times; i++)
            await Assert.ThrowsAsync<DependencyException>(() => RunAsync(_ => Task.FromException<int>(new InvalidOperationException())));
        Assert.Equal(before + times, _calls);
    }

    private async Task SkippedAsync()
    {
        var before = _calls;
        Assert.Null((await Assert.ThrowsAsync<DependencyException>(() => RunAsync(_ => Task.FromResult(1)))).InnerException);
        Assert.Equal(before, _calls);
    }

    private async Task HangUpAsync()
    {
        using var caller = new CancellationTokenSource();
        var run = RunAsync(async ct =>
        {
            await Task.Delay(Timeout.Infinite, ct);
            return 1;
        }, caller.Token);
        await caller.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        for (var i = 0; i < 500 && !condition(); i++) await Task.Delay(10);
        Assert.True(condition());
    }
}
