using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RemixProxy.Resilience;
using RemixProxy.Telemetry;

namespace RemixProxy.Redis;

/// <summary>Connects to Redis where it is configured, and keeps leases and what is pending up to date.</summary>
internal sealed partial class RedisUpkeep(
    RedisDatabase redis, RedisSubmissionStore submissions, TimeProvider time, ILogger<RedisUpkeep> logger) : BackgroundService
{
    /// <summary>How often this process shows that it lives.</summary>
    public static readonly TimeSpan Beat = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(2);

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        if (redis.IsUsed) await redis.ConnectAsync();
        await base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        // The server has let all requests finish by now, or has run out of time for them: what was paid for is written all the same.
        await base.StopAsync(cancellationToken);
        if (!redis.IsUsed) return;
        using var end = new CancellationTokenSource(LastWords, time);
        await TryAsync(submissions.WriteBackAsync, end.Token);
        // Leases end by themselves.
        await TryAsync(submissions.ReleaseAsync, end.Token);
    }

    // Two beats: however much there is to write back, leases are renewed.
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
