using RemixProxy.Providers;

namespace RemixProxy.Exchanges;

/// <summary>
/// Bounds the bytes of long native answers that this process holds at one time. An answer waits for its turn, and those of submits go first: an answer that is
/// thrown away may be the only word of a paid video.
/// </summary>
internal sealed class AnswerBudget(ProviderRegistry registry)
{
    /// <summary>A shorter answer, in bytes, is held without asking. Nearly all are.</summary>
    public const int Short = 64 << 10;

    private readonly Lock _lock = new();
    private readonly LinkedList<Waiter> _waiting = [];
    private long _held;

    private long Limit => registry.Current.Options.Limits.MaxAnswerBytes;

    /// <summary>Opens a lease for the exchanges of one operation. It returns its bytes when it is disposed.</summary>
    /// <param name="isSubmit">Whether the operation costs money.</param>
    public Lease Rent(bool isSubmit) => new(this, isSubmit);

    private Task TakeAsync(long bytes, bool isSubmit, CancellationToken cancellationToken)
    {
        Waiter waiter;
        lock (_lock)
        {
            if (Fits(bytes) && (isSubmit || _waiting.Count == 0))
            {
                _held += bytes;
                return Task.CompletedTask;
            }

            waiter = new(bytes, new(TaskCreationOptions.RunContinuationsAsynchronously));
            if (isSubmit) _waiting.AddFirst(waiter);
            else _waiting.AddLast(waiter);
        }

        return WaitAsync(waiter, cancellationToken);
    }

    private async Task WaitAsync(Waiter waiter, CancellationToken cancellationToken)
    {
        await using var cut = cancellationToken.Register(() =>
        {
            lock (_lock)
            {
                if (_waiting.Remove(waiter)) waiter.Turn.TrySetCanceled(cancellationToken);
                // The next one may need less.
                LetIn();
            }
        });
        await waiter.Turn.Task;
    }

    private void Return(long bytes)
    {
        lock (_lock)
        {
            _held -= bytes;
            LetIn();
        }
    }

    private void LetIn()
    {
        while (_waiting.First is { Value: var next } && Fits(next.Bytes))
        {
            _waiting.RemoveFirst();
            _held += next.Bytes;
            next.Turn.TrySetResult();
        }
    }

    // An answer that is larger than the whole budget is read alone.
    private bool Fits(long bytes) => _held == 0 || _held + bytes <= Limit;

    /// <summary>The bytes of the budget that one operation holds.</summary>
    internal sealed class Lease(AnswerBudget budget, bool isSubmit) : IDisposable
    {
        private long _held;

        /// <summary>Takes bytes, in its turn.</summary>
        /// <exception cref="OperationCanceledException">The turn did not come in time.</exception>
        public async Task TakeAsync(long bytes, CancellationToken cancellationToken)
        {
            await budget.TakeAsync(bytes, isSubmit, cancellationToken);
            _held += bytes;
        }

        /// <summary>Returns all bytes but some.</summary>
        public void Keep(long bytes)
        {
            if (bytes >= _held) return;
            budget.Return(_held - bytes);
            _held = bytes;
        }

        public void Dispose() => Keep(0);
    }

    private sealed record Waiter(long Bytes, TaskCompletionSource Turn);
}
