using RemixProxy.Adapters;
using RemixProxy.Contract;
using RemixProxy.Exchanges;
using RemixProxy.Providers;

namespace RemixProxy.Operations.Submit;

/// <summary>Asks providers for the jobs of submits whose answers were lost. It never sends a submit.</summary>
internal sealed class LostSubmits(ExchangeRunner runner, TimeProvider time)
{
    // What the provider took a moment ago may not be found at once.
    private static readonly TimeSpan[] Pauses = [TimeSpan.Zero, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(4)];

    /// <summary>Looks for the job, a few times.</summary>
    /// <param name="call">The call that needs it.</param>
    /// <param name="provider">The provider that may have the job.</param>
    /// <param name="key">The key that the submit carried.</param>
    /// <param name="deadline">Ends the search.</param>
    /// <returns>What the provider says of the job; null if it was not found, which proves nothing: the submit may still arrive.</returns>
    public async Task<Outcome.Told?> FindAsync(CallContext call, Provider provider, string key, CancellationToken deadline)
    {
        if (provider.Adapter.Find(key) is not { } step) return null;
        foreach (var pause in Pauses)
        {
            if (pause > TimeSpan.Zero) await Task.Delay(pause, time, deadline).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (deadline.IsCancellationRequested) return null;
            var outcome = await runner.AskAsync(call, provider, step, deadline);
            if (outcome is Outcome.Told { Snapshot.Id.Length: > 0 } told) return told;
            if (!MayChange(outcome)) return null;
        }

        return null;
    }

    private static bool MayChange(Outcome outcome) =>
        outcome is not Outcome.Refused { Kind: not (ProviderErrorKind.NotFound or ProviderErrorKind.RateLimited or ProviderErrorKind.ByStatus) };
}
