using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using RemixProxy.Benchmarks.Load;
using RemixProxy.TestKit;

namespace RemixProxy.Benchmarks.Compare;

/// <summary>
/// What a finished job takes in a process's memory: a prompt of 100 characters and one URL of 300. It is made and polled as any other; then the heap is
/// collected and weighed.
/// </summary>
/// <param name="Jobs">How many were made.</param>
/// <param name="Fresh">Bytes for each, with the record of its submit.</param>
/// <param name="Old">Bytes for each when the record is forgotten.</param>
internal sealed record JobWeight(int Jobs, double Fresh, double Old)
{
    /// <summary>Before the upstream's address, on the command line of the process that is weighed.</summary>
    public const string Door = "compare-jobs";

    private const string HeapPath = "/-/heap";
    private const string LaterPath = "/-/later";
    private const int PromptLength = 100;

    public static async Task<JobWeight> MeasureAsync(Stage stage, CompareOptions options)
    {
        var server = (await stage.RunAsync("RemixProxy.Benchmarks", [Door, stage.Upstream.Addresses[0].AbsoluteUri], Stage.OfWebApplications)).Address;
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = server };
        // Connections, code and tables are there before anything is weighed.
        await MakeAsync(1_000);
        var empty = await WeighAsync();
        await MakeAsync(options.WeighedJobs);
        var fresh = await WeighAsync();
        // Longer than a submit is remembered, shorter than its job.
        await WaitAsync(TimeSpan.FromHours(1));
        // The next one clears what is out of date away.
        await MakeAsync(1);
        // The records of the first thousand go, too; they weigh as much as others.
        var record = (fresh - await WeighAsync()) / (options.WeighedJobs + 1_000);
        var each = (fresh - empty) / options.WeighedJobs;
        return new(options.WeighedJobs, each, each - record);

        async Task MakeAsync(int count)
        {
            var ids = await stage.MakeAsync(server, BodyOf, count);
            await WaitAsync(TimeSpan.FromSeconds(10));
            await Parallel.ForEachAsync(ids, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (id, cancellationToken) =>
            {
                var video = await http.GetStringAsync("v1/videos/" + id, cancellationToken);
                if (!video.Contains("\"completed\"", StringComparison.Ordinal)) throw new InvalidOperationException($"A video is not finished: {video}");
            });
        }

        async Task WaitAsync(TimeSpan time)
        {
            using var done = await http.PostAsync($"{LaterPath}/{time.TotalSeconds}", content: null);
            done.EnsureSuccessStatusCode();
        }

        async Task<double> WeighAsync() => double.Parse(await http.GetStringAsync(HeapPath), CultureInfo.InvariantCulture);
    }

    /// <summary>Serves the plugin, with a clock that can be put forward, until nobody listens any more.</summary>
    public static async Task<int> ServeAsync(Uri upstream)
    {
        var clock = new ManualTimeProvider();
        var (app, address) = await Doors.StartAsync(
            builder =>
            {
                builder.Configuration.AddInMemoryCollection(
                [
                    new("RemixProxy:Providers:xai:BaseUrl", upstream.AbsoluteUri), new("RemixProxy:Providers:xai:ApiKey", "none"),
                ]);
                builder.Services.AddSingleton<TimeProvider>(clock);
                builder.Services.AddRoutingCore();
                builder.Services.AddReverseProxy().AddRemixProxy(builder.Configuration);
            },
            app =>
            {
                app.UseRouting();
                app.MapGet(HeapPath, http => http.Response.WriteAsync(Weigh().ToString(CultureInfo.InvariantCulture)));
                app.MapPost(LaterPath + "/{seconds}", http =>
                {
                    clock.Advance(TimeSpan.FromSeconds(int.Parse((string)http.Request.RouteValues["seconds"]!, CultureInfo.InvariantCulture)));
                    return Task.CompletedTask;
                });
                app.MapReverseProxy(pipeline => pipeline.UseRemixProxy());
            });
        await using (app)
        {
            Console.WriteLine(address);
            await app.WaitForShutdownAsync();
            return 0;
        }
    }

    private static long Weigh()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return GC.GetTotalMemory(forceFullCollection: true);
    }

    private static byte[] BodyOf(int number)
    {
        var prompt = $"{number:D8} {Prompts.Of(number)}".PadRight(PromptLength, '.')[..PromptLength];
        return Encoding.UTF8.GetBytes($$"""{"model":"xai/grok-imagine-video","prompt":"{{JsonEncodedText.Encode(prompt)}}","seconds":"4"}""");
    }
}
