using RemixProxy.Contract;
using RemixProxy.Providers;

namespace RemixProxy.Operations;

/// <summary>How much of request bodies and clips this process holds at one time.</summary>
internal sealed class BodyBudget(ProviderRegistry registry)
{
    private static readonly ApiError Full = new(
        503, "provider_unavailable", "This proxy holds as many request bodies as it may. Nothing was sent; try again shortly.")
    { RetryAfter = 1 };

    private long _held;

    /// <summary>A lease that grows while a body is read and gives all back at its end.</summary>
    public Lease Rent() => new(this);

    /// <summary>What one piece of work holds: bytes of the budget, and what is open for them.</summary>
    internal sealed class Lease(BodyBudget budget) : IDisposable
    {
        private readonly List<IDisposable> _open = [];
        private long _held;

        /// <summary>Takes more of the budget.</summary>
        /// <returns>503 where this process holds as much as it may; null: it is taken.</returns>
        public ApiError? Add(long bytes)
        {
            _held += bytes;
            return Interlocked.Add(ref budget._held, bytes) > budget.Limit ? Full : null;
        }

        /// <summary>Disposes something with the lease.</summary>
        public void Attach(IDisposable open) => _open.Add(open);

        public void Dispose()
        {
            Interlocked.Add(ref budget._held, -Interlocked.Exchange(ref _held, 0));
            foreach (var open in _open) open.Dispose();
            _open.Clear();
        }
    }

    private long Limit => registry.Current.Options.Limits.MaxBufferedBytes;
}
