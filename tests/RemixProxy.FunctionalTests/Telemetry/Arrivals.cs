namespace RemixProxy.FunctionalTests.Telemetry;

/// <summary>What came, in order, and those who wait for something to come.</summary>
/// <param name="faults">The refusals so far, for the error message that nothing came.</param>
internal sealed class Arrivals<T>(IReadOnlyCollection<string> faults)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private readonly List<T> _all = [];
    private readonly List<(Func<T, bool> IsIt, TaskCompletionSource<T> Waiter)> _waiters = [];

    public IReadOnlyList<T> All
    {
        get
        {
            lock (_gate) return [.. _all];
        }
    }

    public void Add(IEnumerable<T> items)
    {
        lock (_gate)
        {
            foreach (var item in items)
            {
                _all.Add(item);
                _waiters.RemoveAll(w => w.IsIt(item) && w.Waiter.TrySetResult(item));
            }
        }
    }

    /// <summary>The first one that fits, if it came already or comes now.</summary>
    /// <exception cref="TimeoutException">None came; the message says what did.</exception>
    public async Task<T> WaitForAsync(Func<T, bool> isIt)
    {
        var waiter = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_all.FindIndex(i => isIt(i)) is >= 0 and var found) return _all[found];
            _waiters.Add((isIt, waiter));
        }

        try
        {
            return await waiter.Task.WaitAsync(Patience);
        }
        catch (TimeoutException late)
        {
            throw new TimeoutException($"Nothing that fits came within {Patience}, but: {string.Join("; ", All.Select(i => $"{i}").Concat(faults))}", late);
        }
    }
}
