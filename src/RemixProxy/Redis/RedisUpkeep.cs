using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RemixProxy.Resilience;
using RemixProxy.Telemetry;

namespace RemixProxy.Redis;

/// <summary>Connects to Redis where it is configured, renews leases and keys, and writes to Redis what it has not been told.</summary>
internal sealed partial class RedisUpkeep(
    RedisDatabase redis, RedisSubmissionStore submissions, RedisLimitStore limits, RedisLinkKey links, TimeProvider time,
    ILogger<RedisUpkeep> logger) : BackgroundService
{
    /// <summary>How often this process renews its leases.</summary>
    public static readonly TimeSpan Beat = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(2);

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        if (redis.IsUsed)
        {
            await redis.ConnectAsync();
            await TryAsync(links.RenewAsync, cancellationToken);
        }

        await base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        // By now all requests have ended, or their time is over. What was paid for is written in either case.
        await base.StopAsync(cancellationToken);
        if (!redis.IsUsed) return;
        using var end = new CancellationTokenSource(LastWords, time);
        await TryAsync(submissions.WriteBackAsync, end.Token);
        // If this fails, the leases run out by themselves.
        await TryAsync(submissions.ReleaseAsync, end.Token);
    }

    // Two beats, so that leases are renewed however much there is to write back.
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        redis.IsUsed ? Task.WhenAll(BeatAsync(RenewAsync, stoppingToken), BeatAsync(submissions.WriteBackAsync, stoppingToken)) : Task.CompletedTask;

    private async Task BeatAsync(Func<CancellationToken, Task> work, CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Beat, time);
        while (await timer.WaitForNextTickAsync(stoppingToken)) await TryAsync(work, stoppingToken);
    }

    private async Task RenewAsync(CancellationToken cancellationToken)
    {
        await redis.ReviveAsync(cancellationToken);
        await submissions.RenewAsync(cancellationToken);
        await limits.RenewAsync(cancellationToken);
        await links.RenewAsync(cancellationToken);
    }

    private async Task TryAsync(Func<CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        try
        {
            await work(cancellationToken);
        }
        catch (DependencyException)
        {
            // The dependency has logged it; the next beat tries again.
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The process stops.
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
