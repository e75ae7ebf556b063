using RemixProxy.Contract;
using RemixProxy.Providers;

namespace RemixProxy.Operations.Submit;

/// <summary>Bounds how many submits are under way in this process.</summary>
internal sealed class SubmitSlots(ProviderRegistry registry)
{
    /// <summary>The answer to a submit if no slot is free.</summary>
    public static readonly ApiError Busy = ApiError.TooMany(
        "This proxy has as many submits under way as it may. Nothing was sent; try again shortly.", retryAfter: 1);

    private int _taken;

    /// <summary>Takes a slot, which is free again when it is disposed; null if none is free.</summary>
    public IDisposable? TryTake()
    {
        if (Interlocked.Increment(ref _taken) <= registry.Current.Options.Limits.MaxConcurrentSubmits) return new Slot(this);
        Interlocked.Decrement(ref _taken);
        return null;
    }

    private sealed class Slot(SubmitSlots slots) : IDisposable
    {
        public void Dispose() => Interlocked.Decrement(ref slots._taken);
    }
}
