using Microsoft.Extensions.Logging;
using Polly;
using Polly.CircuitBreaker;

namespace RemixProxy.Dependencies;

/// <summary>A server that this process needs but must outlive: each call has a budget, a breaker skips it while it is away, and each fault is logged once, not for every request.</summary>
internal sealed partial class Dependency
{
    private const int FailuresToOpen = 3;
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Break = TimeSpan.FromSeconds(1);

    private readonly ResiliencePipeline _breaker;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _lock = new();
    private volatile State _state;

    public Dependency(string name, TimeProvider time, ILogger logger)
    {
        Name = name;
        _time = time;
        _logger = logger;
        _state = new(IsUp: true, time.GetUtcNow());
        _breaker = new ResiliencePipelineBuilder { TimeProvider = time }
            .AddCircuitBreaker(new()
            {
                FailureRatio = 0.5,
                MinimumThroughput = FailuresToOpen,
                SamplingDuration = Window,
                BreakDuration = Break,
                ShouldHandle = args => new(args.Outcome.Exception is not null and not OperationCanceledException),
                OnOpened = args =>
                {
                    Became(isUp: false, args.Outcome.Exception);
                    return default;
                },
                OnClosed = _ =>
                {
                    Became(isUp: true, reason: null);
                    return default;
                },
            })
            .Build();
    }

    public string Name { get; }

    /// <summary>Whether it answers, as far as we know.</summary>
    public bool IsUp => _state.IsUp;

    /// <summary>Since when it is as it is.</summary>
    public DateTimeOffset Since => _state.Since;

    /// <summary>Runs one call within its budget. A call that is given up may still be carried out later: it has to be idempotent or fenced.</summary>
    /// <exception cref="DependencyException">It failed, was too slow, or is being skipped.</exception>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    public async ValueTask<T> RunAsync<T>(Func<CancellationToken, Task<T>> call, TimeSpan budget, CancellationToken cancellationToken)
    {
        try
        {
            return await _breaker.ExecuteAsync(
                static async (s, ct) =>
                {
                    using var cut = CancellationTokenSource.CreateLinkedTokenSource(ct);
                    var task = s.Call(cut.Token);
                    try
                    {
                        return await task.WaitAsync(s.Budget, s.Time, ct);
                    }
                    catch (Exception e) when (!task.IsCompleted)
                    {
                        // Given up: its end must not surface as an unobserved exception.
                        _ = task.ContinueWith(t => t.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
                        if (e is TimeoutException) await cut.CancelAsync();
                        throw;
                    }
                },
                (Call: call, Budget: budget, Time: _time),
                cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            throw new DependencyException(Name, e);
        }
    }

    private void Became(bool isUp, Exception? reason)
    {
        lock (_lock)
        {
            if (_state.IsUp == isUp) return;
            _state = new(isUp, _time.GetUtcNow());
        }

        if (isUp) Log.Back(_logger, Name);
        else Log.Away(_logger, Name, reason is TimeoutException ? "it does not answer in time" : reason?.GetType().Name ?? "unknown");
    }

    private sealed record State(bool IsUp, DateTimeOffset Since);

    private static partial class Log
    {
        [LoggerMessage(30, LogLevel.Warning, "{Dependency} is not available ({Reason}); this process goes on without it as far as it may.")]
        public static partial void Away(ILogger logger, string dependency, string reason);

        [LoggerMessage(31, LogLevel.Information, "{Dependency} is available again.")]
        public static partial void Back(ILogger logger, string dependency);
    }
}
