namespace RemixProxy.FunctionalTests.Redis;

/// <summary>A moment in what a proxy and its Redis say to each other.</summary>
internal sealed class RelayMoment(Func<RedisCommand, bool> which, int times)
{
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _missing = times;

    /// <summary>Ends when it has come.</summary>
    public Task Reached => _reached.Task.WaitAsync(TimeSpan.FromSeconds(60));

    internal bool IsHolding { get; init; }

    internal bool IsAnswer { get; init; }

    /// <summary>Carries on, with what was held first; and holds nothing any more.</summary>
    public void Release() => _released.TrySetResult();

    /// <returns>A task for which the command, or its answer, has to wait.</returns>
    internal Task Comes(RedisCommand command)
    {
        if (_released.Task.IsCompleted || !which(command)) return Task.CompletedTask;
        if (Interlocked.Decrement(ref _missing) == 0) _reached.TrySetResult();
        return IsHolding ? _released.Task : Task.CompletedTask;
    }
}
