using RemixProxy.Resilience;

namespace RemixProxy.Cache;

/// <summary>How long the cache may keep one request waiting, over all that it asks of its servers.</summary>
internal sealed class CacheBudget(TimeSpan total, TimeProvider time)
{
    private TimeSpan _spent;

    /// <summary>Runs one step on what is left. One that is given up may still be carried out later.</summary>
    /// <exception cref="DependencyException">It failed, or nothing is left.</exception>
    /// <exception cref="OperationCanceledException">The deadline of the request came first.</exception>
    public async ValueTask<T> SpendAsync<T>(Func<CancellationToken, ValueTask<T>> step, CancellationToken deadline)
    {
        if (_spent >= total) throw new DependencyException("The cache", new TimeoutException());
        var started = time.GetTimestamp();
        using var cut = CancellationTokenSource.CreateLinkedTokenSource(deadline);
        try
        {
            var running = step(cut.Token);
            // This process's own memory answers at once and needs no timer.
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
}
