using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RemixProxy.Jobs;
using RemixProxy.Resilience;
using RemixProxy.Telemetry;

namespace RemixProxy.Redis;

/// <summary>Connects to Redis where it is configured, and keeps leases and what is pending up to date.</summary>
internal sealed partial class RedisUpkeep(IJobStore store, TimeProvider time, ILogger<RedisUpkeep> logger) : BackgroundService
{
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(2);

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        if (store is RedisJobStore shared) await shared.ConnectAsync();
        await base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        // The server has let all requests finish by now, or has run out of time for them: what was paid for is written all the same.
        await base.StopAsync(cancellationToken);
        if (store is not RedisJobStore shared) return;
        using var end = new CancellationTokenSource(LastWords, time);
        await TryAsync(shared.WriteBackAsync, end.Token);
        // Leases end by themselves.
        await TryAsync(shared.ReleaseAsync, end.Token);
    }

    // Two beats: however much there is to write back, leases are renewed.
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        store is RedisJobStore shared ? Task.WhenAll(BeatAsync(shared.RenewAsync, stoppingToken), BeatAsync(shared.WriteBackAsync, stoppingToken)) : Task.CompletedTask;

    private async Task BeatAsync(Func<CancellationToken, Task> work, CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(RedisJobStore.Beat, time);
        while (await timer.WaitForNextTickAsync(stoppingToken)) await TryAsync(work, stoppingToken);
    }

    private async Task TryAsync(Func<CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        try
        {
            await work(cancellationToken);
        }
        catch (DependencyException)
        {
            // Logged where it began; the next beat tries again.
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The end.
        }
        catch (Exception e)
        {
            // A defect here must not stop the host.
            Log.Failed(logger, e.GetType().Name);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.UpkeepFailed, LogLevel.Error, "The upkeep of what is shared in Redis failed ({Error}); it is tried again.")]
        public static partial void Failed(ILogger logger, string error);
    }
}
