using Microsoft.Extensions.Logging;
using RemixProxy.Telemetry;

namespace RemixProxy.Resilience;

/// <summary>
/// A server that this process needs but must outlive. Each call has a budget, a breaker skips calls while the server is away, and each fault is logged once,
/// not for every request.
/// A server is away after three failures in a row, or after three failures within two seconds that are half of the calls or more. Then nothing is called for a
/// second, and afterwards one call at a time until one succeeds.
/// </summary>
internal sealed partial class Dependency
{
    private const int FailuresToOpen = 3;
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Break = TimeSpan.FromSeconds(1);

    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _lock = new();
    private volatile DependencyState _state;
    private int _failuresInARow;
    private long _windowStart;
    private int _calls;
    private int _failures;
    private long _lastFailure;
    private bool _probing;
    private volatile bool _wasAway;

    public Dependency(string name, TimeProvider time, ILogger logger)
    {
        Name = name;
        _time = time;
        _logger = logger;
        _state = new(name, IsUp: true, time.GetUtcNow());
        _windowStart = time.GetTimestamp();
    }

    public string Name { get; }

    /// <summary>Whether the server answers, as far as this process knows.</summary>
    public bool IsUp => _state.IsUp;

    /// <summary>Whether the last call failed. Work that can wait should not spend another budget on it.</summary>
    public bool IsInDoubt => !_state.IsUp || Volatile.Read(ref _failuresInARow) > 0;

    /// <summary>Since when the server has been in its present state.</summary>
    public DateTimeOffset Since => _state.Since;

    public DependencyState State => _state;

    /// <summary>Whether the server was away and came back less than <paramref name="span"/> ago.</summary>
    public bool IsBackWithin(TimeSpan span) => _wasAway && _state is { IsUp: true } state && _time.GetUtcNow() - state.Since <= span;

    /// <summary>Runs one call within its budget. The server may carry out a call that was given up, so it has to be idempotent or fenced.</summary>
    /// <exception cref="DependencyException">The call failed, was too slow, or was skipped.</exception>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    public async ValueTask<T> RunAsync<T>(Func<CancellationToken, Task<T>> call, TimeSpan budget, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var isProbe = Admit();
        var cut = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task<T>? task = null;
        try
        {
            task = call(cut.Token);
            var result = await task.WaitAsync(budget, _time, cancellationToken);
            Succeeded(isProbe);
            return result;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            GivenUp(isProbe);
            throw;
        }
        catch (Exception e)
        {
            // One caller's bad request must not make the server unavailable to the others.
            if (e is DependencyFaultException { ByRequest: true }) Succeeded(isProbe);
            else Failed(isProbe, e);
            throw new DependencyException(Name, e);
        }
        finally
        {
            _ = EndAsync(task, cut);
        }
    }

    /// <summary>Cancels a call that was given up and awaits its end, so that its exception doesn't go unobserved.</summary>
    private static async Task EndAsync(Task? task, CancellationTokenSource cut)
    {
        try
        {
            if (task is null) return;
            if (!task.IsCompleted) await cut.CancelAsync();
            await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        catch (AggregateException)
        {
            // A cancellation callback threw. The call has been given up, so it doesn't matter.
        }
        finally
        {
            cut.Dispose();
        }
    }

    /// <returns>Whether the call is the probe that finds out if the server is back.</returns>
    private bool Admit()
    {
        if (_state.IsUp) return false;
        lock (_lock)
        {
            if (_state.IsUp) return false;
            if (_probing || _time.GetElapsedTime(_lastFailure) < Break) throw new DependencyException(Name);
            return _probing = true;
        }
    }

    private void Succeeded(bool isProbe)
    {
        lock (_lock)
        {
            // A late answer to a call from before the fault says nothing about now.
            if (!isProbe && !_state.IsUp) return;
            _failuresInARow = 0;
            if (!isProbe)
            {
                Count();
                return;
            }

            _probing = false;
            (_windowStart, _calls, _failures) = (_time.GetTimestamp(), 0, 0);
            _state = new(Name, IsUp: true, _time.GetUtcNow());
        }

        Log.Back(_logger, Name);
    }

    private void Failed(bool isProbe, Exception reason)
    {
        lock (_lock)
        {
            if (isProbe) (_probing, _lastFailure) = (false, _time.GetTimestamp());
            if (!_state.IsUp) return;
            Count();
            _failures++;
            _failuresInARow++;
            if (_failuresInARow < FailuresToOpen && (_failures < FailuresToOpen || _failures * 2 < _calls)) return;
            _lastFailure = _time.GetTimestamp();
            _state = new(Name, IsUp: false, _time.GetUtcNow());
            _wasAway = true;
        }

        Log.Away(_logger, Name, Describe(reason));
    }

    private void GivenUp(bool isProbe)
    {
        if (!isProbe) return;
        lock (_lock) _probing = false;
    }

    private void Count()
    {
        if (_time.GetElapsedTime(_windowStart) > Window) (_windowStart, _calls, _failures) = (_time.GetTimestamp(), 0, 0);
        _calls++;
    }

    private static string Describe(Exception reason) => reason switch
    {
        DependencyFaultException => reason.Message,
        TimeoutException or OperationCanceledException => "it does not answer in time",
        _ => reason.GetType().Name,
    };

    private static partial class Log
    {
        [LoggerMessage(EventIds.DependencyAway, LogLevel.Warning,
            "{Dependency} is not available ({Reason}); this process goes on without it as far as it may.")]
        public static partial void Away(ILogger logger, string dependency, string reason);

        [LoggerMessage(EventIds.DependencyBack, LogLevel.Information, "{Dependency} is available again.")]
        public static partial void Back(ILogger logger, string dependency);
    }
}
