using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using RemixProxy.Host.Telemetry;
using RemixProxy.Jobs;
using RemixProxy.Telemetry;

namespace RemixProxy.Benchmarks.Load;

/// <summary>What a scrape of <c>/metrics</c> takes with no job behind it and with many finished ones, in one process, one after the other.</summary>
internal static class ScrapeComparison
{
    private const int Jobs = 100_000;
    private const int Rounds = 7;
    private const int ScrapesPerRound = 200;

    public static async Task<int> RunAsync()
    {
        var (app, address) = await Doors.StartAsync(
            builder =>
            {
                builder.Configuration.AddInMemoryCollection([new("RemixProxy:Providers:openai:BaseUrl", "http://127.0.0.1:9/"), new("RemixProxy:Providers:openai:Enabled", "true"), new("RemixProxy:Jobs:MaxCount", $"{Jobs}")]);
                builder.Services.AddRoutingCore();
                builder.Services.AddReverseProxy().AddRemixProxy(builder.Configuration);
                builder.AddTelemetry();
            },
            app => app.MapMetrics());
        await using (app)
        {
            using var http = new HttpClient { BaseAddress = address };
            // One of each, so that both measure the same families.
            await AddAsync(app.Services, 1);
            for (var i = 0; i < 3; i++) await MeasureAsync(http);
            var before = await MeasureAsync(http);
            await AddAsync(app.Services, Jobs);
            GC.Collect();
            var after = await MeasureAsync(http);
            Console.WriteLine($"| finished jobs | median of {Rounds} medians | bytes |");
            Console.WriteLine("|---|---|---|");
            Console.WriteLine($"| 1 | {before.Milliseconds:0.00} ms | {before.Bytes:N0} |");
            Console.WriteLine($"| {Jobs:N0} | {after.Milliseconds:0.00} ms | {after.Bytes:N0} |");
            Console.WriteLine($"\nratio {after.Milliseconds / before.Milliseconds:0.00}");
            return 0;
        }
    }

    private static async Task<(double Milliseconds, int Bytes)> MeasureAsync(HttpClient http)
    {
        var (medians, bytes) = (new List<double>(), 0);
        for (var round = 0; round < Rounds; round++)
        {
            var scrapes = new List<double>();
            for (var i = 0; i < ScrapesPerRound; i++)
            {
                var started = Stopwatch.GetTimestamp();
                bytes = (await http.GetByteArrayAsync("metrics")).Length;
                scrapes.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            }

            medians.Add(Figure.Median(scrapes));
        }

        return (Figure.Median(medians), bytes);
    }

    /// <summary>Adds completed jobs as submits and polls would have: to the store and to the counts.</summary>
    private static async Task AddAsync(IServiceProvider services, int count)
    {
        var (fill, store, metrics) = (new CacheFill(services), services.GetRequiredService<IJobStore>(), services.GetRequiredService<VideoMetrics>());
        await fill.AddJobsAsync(count);
        var page = await store.ListAsync("", after: null, limit: 1, ascending: false, CancellationToken.None);
        for (var i = 0; i < count; i++) metrics.Ended(page!.Jobs[0]);
    }
}
