using Microsoft.Extensions.Hosting;
using RemixProxy.Operations;
using RemixProxy.Providers;

namespace RemixProxy.Pipeline;

/// <summary>
/// Lets submits and downloads finish before the server closes. The process goes on listening meanwhile: load balancers see that it is not ready, reads are
/// served, and new submits, which could be cut, are refused (<see cref="VideoCall.Stopping"/>).
/// </summary>
internal sealed class Drain(ProviderRegistry registry, IHostApplicationLifetime lifetime, TimeProvider time) : IHostedLifecycleService
{
    /// <summary>The time that the server has after draining to close its connections.</summary>
    public static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(5);

    // The value of the start counts, because the host fixes its own shutdown time-out then.
    private readonly TimeSpan _patience = registry.Current.Options.DrainTimeout;
    private readonly TaskCompletionSource _empty = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _calls;

    /// <summary>
    /// Notes that a submit or a download begins; disposing the result notes its end. Either the stop sees the call and waits for it, or the call sees the stop.
    /// </summary>
    public IDisposable Enter()
    {
        Interlocked.Increment(ref _calls);
        return new Call(this);
    }

    /// <summary>Waits until nothing is under way, for <see cref="RemixProxyOptions.DrainTimeout"/> at most.</summary>
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
