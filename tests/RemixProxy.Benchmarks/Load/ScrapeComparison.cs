using System.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using RemixProxy.Host.Telemetry;
using RemixProxy.Jobs;
using RemixProxy.Telemetry;

namespace RemixProxy.Benchmarks.Load;

/// <summary>What a scrape of <c>/metrics</c> takes with one finished job behind it and with many: two processes, asked by turns.</summary>
internal static class ScrapeComparison
{
    /// <summary>Before the number of jobs, on the command line of the process that is scraped.</summary>
    public const string Door = "scrape-door";

    private const int Jobs = 100_000;
    private const int Rounds = 15;
    private const int ScrapesPerRound = 200;

    // Until the compiler has done all it does for code that runs often.
    private const int RoundsBefore = 10;

    public static async Task<int> RunAsync()
    {
        using var few = await Scraped.StartAsync(1);
        using var many = await Scraped.StartAsync(Jobs);
        var (fewest, most) = (new List<double>(), new List<double>());
        for (var round = -RoundsBefore; round < Rounds; round++)
        {
            var (a, b) = (await few.MeasureAsync(), await many.MeasureAsync());
            if (round < 0) continue;
            fewest.Add(a);
            most.Add(b);
        }

        Console.WriteLine("| finished jobs | a scrape | bytes |");
        Console.WriteLine("|---|---|---|");
        Console.WriteLine($"| 1 | {Figure.Median(fewest):0.00} ms | {few.Bytes:N0} |");
        Console.WriteLine($"| {Jobs:N0} | {Figure.Median(most):0.00} ms | {many.Bytes:N0} |");
        Console.WriteLine($"\nmedian ratio within a round: {Figure.Median(most.Zip(fewest, (m, f) => m / f)):0.00}");
        return 0;
    }

    /// <summary>Serves <c>/metrics</c> with so many completed jobs behind it, until nobody listens any more.</summary>
    public static async Task<int> ServeAsync(int jobs)
    {
        var (app, address) = await Doors.StartAsync(
            builder =>
            {
                builder.Configuration.AddInMemoryCollection(
                    [new("RemixProxy:Providers:openai:BaseUrl", "http://127.0.0.1:9/"), new("RemixProxy:Providers:openai:Enabled", "true"),
                        new("RemixProxy:Jobs:MaxCount", $"{Jobs}")]);
                builder.Services.AddRoutingCore();
                builder.Services.AddReverseProxy().AddRemixProxy(builder.Configuration);
                builder.AddTelemetry();
            },
            app => app.MapMetrics());
        await using (app)
        {
            await AddAsync(app.Services, jobs);
            Console.WriteLine(address);
            await Console.In.ReadToEndAsync();
            return 0;
        }
    }

    /// <summary>Adds completed jobs as submits and polls would have: to the store and to the counts.</summary>
    private static async Task AddAsync(IServiceProvider services, int count)
    {
        var (fill, store, metrics) = (new CacheFill(services), services.GetRequiredService<IJobStore>(), services.GetRequiredService<VideoMetrics>());
        await fill.AddJobsAsync(count);
        var page = await store.ListAsync("", after: null, limit: 1, ascending: false, CancellationToken.None);
        for (var i = 0; i < count; i++) metrics.Ended(page!.Jobs[0].Id.Provider, page.Jobs[0].Video);
    }

    private sealed class Scraped(Process process, Uri address) : IDisposable
    {
        private readonly HttpClient _http = new() { BaseAddress = address };

        public int Bytes { get; private set; }

        public static async Task<Scraped> StartAsync(int jobs)
        {
            var start = new ProcessStartInfo(
                "dotnet", ["exec", typeof(Scraped).Assembly.Location, Door, $"{jobs}"])
            {
                UseShellExecute = false, RedirectStandardInput = true,
                RedirectStandardOutput = true
            };
            var process = Process.Start(start)!;
            return new(process, new((await process.StandardOutput.ReadLineAsync())!));
        }

        /// <summary>The median of many scrapes, in milliseconds.</summary>
        public async Task<double> MeasureAsync()
        {
            var scrapes = new List<double>();
            for (var i = 0; i < ScrapesPerRound; i++)
            {
                var started = Stopwatch.GetTimestamp();
                Bytes = (await _http.GetByteArrayAsync("metrics")).Length;
                scrapes.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            }

            return Figure.Median(scrapes);
        }

        public void Dispose()
        {
            _http.Dispose();
            process.Kill();
            process.Dispose();
        }
    }
}
