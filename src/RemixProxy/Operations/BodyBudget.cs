using RemixProxy.Contract;
using RemixProxy.Providers;

namespace RemixProxy.Operations;

/// <summary>Bounds the bytes of request bodies and clips that this process holds at one time.</summary>
internal class BodyBudget(ProviderRegistry registry)
{
    private static readonly ApiError Full = new(
        503, "provider_unavailable", "This proxy holds as many bodies and videos as it may. Nothing was sent; try again shortly.")
    { RetryAfter = 1 };

    private readonly ProviderRegistry _registry = registry;
    private long _held;

    /// <summary>Opens a lease. It grows while a body is read, and returns all its bytes when it is disposed.</summary>
    public Lease Rent() => new(this);

    /// <summary>The most bytes.</summary>
    protected virtual long LimitOf(LimitsOptions limits) => limits.MaxBufferedBytes;

    /// <summary>The bytes of the budget that one call holds, and the open responses that belong to them.</summary>
    internal sealed class Lease(BodyBudget budget) : IDisposable
    {
        private readonly List<IDisposable> _open = [];
        private long _held;

        /// <summary>The bytes that the lease holds.</summary>
        public long Bytes => _held;

        /// <summary>Takes bytes from the budget, even if too few are left; the lease returns them in any case.</summary>
        /// <returns>503 if this process now holds more than it may, else null.</returns>
        public ApiError? Add(long bytes)
        {
            _held += bytes;
            return Interlocked.Add(ref budget._held, bytes) > budget.LimitOf(budget._registry.Current.Options.Limits) ? Full : null;
        }

        /// <summary>Gives back some of the bytes before the end.</summary>
        public void Return(long bytes)
        {
            _held -= bytes;
            Interlocked.Add(ref budget._held, -bytes);
        }

        /// <summary>Has the lease dispose something at its own end.</summary>
        public void Attach(IDisposable open) => _open.Add(open);

        public void Dispose()
        {
            Interlocked.Add(ref budget._held, -Interlocked.Exchange(ref _held, 0));
            foreach (var open in _open) open.Dispose();
            _open.Clear();
        }
    }
}
