using Microsoft.Extensions.Hosting;
using RemixProxy.Jobs;

namespace RemixProxy.Redis;

/// <summary>Connects to Redis where it is configured, and keeps leases and what is pending up to date.</summary>
internal sealed class RedisUpkeep(IJobStore store, TimeProvider time) : BackgroundService
{
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        if (store is RedisJobStore shared) await shared.ConnectAsync();
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (store is not RedisJobStore shared) return;
        using var timer = new PeriodicTimer(RedisJobStore.Beat, time);
        // Submits under way are let finish when the process stops, and stay held until then.
        while (await timer.WaitForNextTickAsync(stoppingToken)) await shared.UpkeepAsync(stoppingToken);
    }
}
