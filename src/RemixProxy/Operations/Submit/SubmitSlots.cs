using RemixProxy.Contract;
using RemixProxy.Limits;
using RemixProxy.Providers;
using RemixProxy.Telemetry;

namespace RemixProxy.Operations.Submit;

/// <summary>What a submit holds of this process while it is under way.</summary>
/// <param name="Bodies">The memory for its body and for bytes that are carried from another provider.</param>
/// <param name="Slot">Its slot.</param>
internal readonly record struct SubmitRoom(BodyBudget.Lease Bodies, SubmitSlots.Slot Slot);

/// <summary>
/// Bounds how many submits are under way in this process. Of several providers one may hold half of the slots and half of the memory for bodies, so that one
/// that hangs leaves room for the others.
/// </summary>
internal sealed class SubmitSlots(ProviderRegistry registry, VideoMetrics metrics)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, (int Slots, long Bytes)> _shares = new(StringComparer.Ordinal);
    private int _taken;

    /// <summary>Takes a slot, which is free again when it is disposed.</summary>
    /// <param name="providers">Whom the submit may ask first; the slot counts for the first of them that has room. Empty where that is not known yet.</param>
    /// <param name="bytes">The bytes of its body.</param>
    /// <returns>The slot, or 429.</returns>
    public Result<Slot> Take(IEnumerable<Provider> providers, long bytes)
    {
        var slot = new Slot(this);
        lock (_lock)
        {
            if (_taken >= registry.Current.Options.Limits.MaxConcurrentSubmits) return Refuse("This proxy has as many submits under way as it may.");
            _taken++;
        }

        ApiError? full = null;
        foreach (var provider in providers)
        {
            full = slot.MoveTo(provider, bytes);
            if (full is null) return slot;
        }

        if (full is null) return slot;
        slot.Dispose();
        return full;
    }

    private ApiError Refuse(string why)
    {
        metrics.LimitReached(LimitNames.Submits);
        return ApiError.TooMany(why + " Nothing was sent; try again shortly.", retryAfter: 1);
    }

    private bool TryEnter(string provider, long bytes)
    {
        var current = registry.Current;
        var limits = current.Options.Limits;
        var (slots, held) = _shares.GetValueOrDefault(provider);
        var isAlone = current.Providers.Count <= 1;
        // One submit always fits, whatever its size.
        if (slots > 0 && !isAlone && (slots >= limits.MaxConcurrentSubmits / 2 || held + bytes > limits.MaxBufferedBytes / 2)) return false;
        _shares[provider] = (slots + 1, held + bytes);
        return true;
    }

    private void Leave(string provider, long bytes)
    {
        var (slots, held) = _shares[provider];
        if (slots > 1) _shares[provider] = (slots - 1, held - bytes);
        else _shares.Remove(provider);
    }

    /// <summary>A slot, and the provider that it counts for at the moment.</summary>
    internal sealed class Slot(SubmitSlots slots) : IDisposable
    {
        private (string Provider, long Bytes)? _share;

        /// <summary>Has the slot count for the provider that is asked next.</summary>
        /// <param name="provider">The provider.</param>
        /// <param name="bytes">The bytes that the submit holds now.</param>
        /// <returns>429 if the provider has its share. Then the slot counts for none.</returns>
        public ApiError? MoveTo(Provider provider, long bytes)
        {
            lock (slots._lock)
            {
                Leave();
                if (slots.TryEnter(provider.Name, bytes))
                {
                    _share = (provider.Name, bytes);
                    return null;
                }
            }

            return slots.Refuse($"{provider.Name} has as many submits under way as it may, or as much in them.");
        }

        public void Dispose()
        {
            lock (slots._lock)
            {
                Leave();
                slots._taken--;
            }
        }

        private void Leave()
        {
            if (_share is var (provider, bytes)) slots.Leave(provider, bytes);
            _share = null;
        }
    }
}
