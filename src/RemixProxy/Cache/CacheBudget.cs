using RemixProxy.Resilience;

namespace RemixProxy.Cache;

/// <summary>Bounds the total time that one request spends on the cache: waiting for its servers, and comparing prompts.</summary>
internal sealed class CacheBudget(TimeSpan total, TimeProvider time)
{
    private TimeSpan _spent;

    /// <summary>Runs one step within the time that is left. The server may still carry out a step that was given up.</summary>
    /// <exception cref="DependencyException">The step failed, or no time is left.</exception>
    /// <exception cref="OperationCanceledException">The deadline of the request passed first.</exception>
    public async ValueTask<T> SpendAsync<T>(Func<CancellationToken, ValueTask<T>> step, CancellationToken deadline)
    {
        ThrowIfSpent();
        var started = time.GetTimestamp();
        using var cut = CancellationTokenSource.CreateLinkedTokenSource(deadline);
        try
        {
            var running = step(cut.Token);
            // A store in this process's memory has completed already and needs no timer.
            return running.IsCompleted ? await running : await running.AsTask().WaitAsync(total - _spent, time, deadline);
        }
        catch (TimeoutException e)
        {
            await cut.CancelAsync();
            throw new DependencyException("The cache", e);
        }
        finally
        {
            _spent += time.GetElapsedTime(started);
        }
    }

    /// <inheritdoc cref="SpendAsync{T}"/>
    public async ValueTask SpendAsync(Func<CancellationToken, ValueTask> step, CancellationToken deadline) =>
        await SpendAsync(
            async ct =>
            {
                await step(ct);
                return true;
            },
            deadline);

    /// <summary>Runs one piece of work on this thread, which nothing interrupts, so it must be a small one.</summary>
    /// <exception cref="DependencyException">No time is left.</exception>
    /// <exception cref="OperationCanceledException">The deadline of the request has passed.</exception>
    public T Spend<T>(Func<T> piece, CancellationToken deadline)
    {
        ThrowIfSpent();
        deadline.ThrowIfCancellationRequested();
        var started = time.GetTimestamp();
        try
        {
            return piece();
        }
        finally
        {
            _spent += time.GetElapsedTime(started);
        }
    }

    private void ThrowIfSpent()
    {
        if (_spent >= total) throw new DependencyException("The cache", new TimeoutException());
    }
}
