using Microsoft.Extensions.Hosting;
using RemixProxy.Operations;
using RemixProxy.Providers;

namespace RemixProxy.Pipeline;

/// <summary>
/// Lets what is under way end before the server closes. While the process stops it goes on listening, so that load balancers see it as not ready, readers are
/// served, and new submits, which could be cut, go elsewhere: <see cref="VideoCall.Stopping"/>.
/// </summary>
internal sealed class Drain(ProviderRegistry registry, IHostApplicationLifetime lifetime, TimeProvider time) : IHostedLifecycleService
{
    /// <summary>What is left to the server, after draining, to close connections.</summary>
    public static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(5);

    // The value of the start counts, because the host fixes its own shutdown time-out then.
    private readonly TimeSpan _patience = registry.Current.Options.DrainTimeout;
    private readonly TaskCompletionSource _empty = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _calls;

    /// <summary>A submit or a download begins; it has ended when the result is disposed. Either the stop sees it from then on, or it sees the stop.</summary>
    public IDisposable Enter()
    {
        Interlocked.Increment(ref _calls);
        return new Call(this);
    }

    /// <summary>Waits until nothing is under way, or the time for that is up.</summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        // A host that code stops comes here before ApplicationStopping fires.
        lifetime.StopApplication();
        if (Volatile.Read(ref _calls) > 0)
            await _empty.Task.WaitAsync(_patience, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private void Leave()
    {
        if (Interlocked.Decrement(ref _calls) == 0 && lifetime.ApplicationStopping.IsCancellationRequested) _empty.TrySetResult();
    }

    private sealed class Call(Drain drain) : IDisposable
    {
        public void Dispose() => drain.Leave();
    }
}
