using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using RemixProxy.Operations.Submit;
using RemixProxy.TestKit.Redis;

namespace RemixProxy.Benchmarks.Load;

/// <summary>A YARP application with the plugin, a store of its own, and entries in one scope of its cache.</summary>
internal sealed class CacheWorld : IAsyncDisposable
{
    /// <summary>Different requests of one kind.</summary>
    private const int PoolSize = 4_000;

    /// <summary>Fewer entries than this change less in Redis' memory than everything else that happens there.</summary>
    private const int LeastToWeigh = 2_000;

    private readonly WebApplication _app;
    private readonly Uri _address;
    private readonly RedisServer? _redis;

    private CacheWorld(string store, int entries, WebApplication app, Uri address, RedisServer? redis)
    {
        (Store, Entries, _app, _address, _redis) = (store, entries, app, address, redis);
        Exact = new(address, Pool(Prompts.Of), "\"hit_type\":\"direct\"");
        Semantic = new(address, Pool(Prompts.VariantOf), "\"hit_type\":\"semantic\"");
        // Each leaves an entry behind.
        Miss = new(address, Fresh(entries), "\"cache_hit\":false") { MaxCount = 100 };
        Bypass = new(address, Fresh(entries), "\"cache_hit\":false") { MaxCount = 1_000, Header = (CacheHeaders.Mode, "off") };
    }

    /// <summary>Where its state is.</summary>
    public string Store { get; }

    public int Entries { get; }

    /// <summary>Both, for people.</summary>
    public string Name => $"{Store}, {Entries:N0} entries";

    /// <summary>Creates that are stored to the letter.</summary>
    public LoadCase Exact { get; }

    /// <summary>Creates that are stored in another spelling.</summary>
    public LoadCase Semantic { get; }

    /// <summary>Creates like nothing stored: looked up, sent, and stored.</summary>
    public LoadCase Miss { get; }

    /// <summary>The same without the cache.</summary>
    public LoadCase Bypass { get; }

    /// <summary>What each thing takes in Redis.</summary>
    public MemoryShares? Memory { get; private set; }

    /// <summary>How long it took to add one vector while others were being added, in milliseconds.</summary>
    public double FillTime { get; private set; }

    /// <summary>Starts it, empty.</summary>
    /// <param name="store">Its name.</param>
    /// <param name="version">Its Redis; null: none.</param>
    /// <param name="entries">How many there will be.</param>
    /// <param name="upstream">Its provider.</param>
    public static async Task<CacheWorld> StartAsync(string store, RedisVersion? version, int entries, Uri upstream)
    {
        var redis = version is { } wanted ? await RedisServer.StartAsync(wanted) : null;
        try
        {
            var (app, address) = await Doors.StartAsync(
                builder =>
                {
                    builder.Configuration.AddInMemoryCollection(Settings(upstream, redis));
                    builder.Services.AddRoutingCore();
                    builder.Services.AddReverseProxy().AddRemixProxy(builder.Configuration);
                },
                app =>
                {
                    app.UseRouting();
                    app.MapReverseProxy(pipeline =>
                    {
                        pipeline.UseRemixProxy();
                        pipeline.UseSessionAffinity();
                        pipeline.UseLoadBalancing();
                        pipeline.UsePassiveHealthChecks();
                    });
                });
            return new(store, entries, app, address, redis);
        }
        catch
        {
            if (redis is not null) await redis.DisposeAsync();
            throw;
        }
    }

    /// <summary>Adds its entries, and weighs them.</summary>
    public async Task FillAsync()
    {
        var fill = new CacheFill(_app.Services);
        // Scripts and connections are there before anything is weighed.
        await fill.AddJobsAsync(1);
        await fill.AddEntriesAsync(1);
        await fill.AddVectorsAsync(1);
        var empty = await UsedAsync();
        await fill.AddJobsAsync(Entries);
        var withJobs = await UsedAsync();
        await fill.AddEntriesAsync(Entries);
        var withEntries = await UsedAsync();
        var started = Stopwatch.GetTimestamp();
        await fill.AddVectorsAsync(Entries);
        FillTime = Stopwatch.GetElapsedTime(started).TotalMilliseconds / Entries;
        var withVectors = await UsedAsync();
        var hits = await Exact.RunAsync(1, TimeSpan.MaxValue, Math.Min(Entries, PoolSize));
        if (_redis is null || Entries < LeastToWeigh) return;
        Memory = new((withJobs - empty) / Entries, (withEntries - withJobs) / Entries, (withVectors - withEntries) / Entries,
            (await UsedAsync() - withVectors) / hits.Count);
    }

    /// <summary>The version of its Redis.</summary>
    public async Task<string?> VersionAsync() => await InfoAsync("server", "redis_version");

    public async ValueTask DisposeAsync()
    {
        foreach (var c in new[] { Exact, Semantic, Miss, Bypass }) c.Dispose();
        await _app.DisposeAsync();
        if (_redis is not null) await _redis.DisposeAsync();
    }

    private static Dictionary<string, string?> Settings(Uri upstream, RedisServer? redis) => new()
    {
        ["RemixProxy:Providers:openai:BaseUrl"] = upstream + "v1",
        ["RemixProxy:Providers:openai:ApiKey"] = "none",
        ["RemixProxy:Cache:Mode"] = nameof(CacheMode.Semantic),
        ["RemixProxy:Redis:ConnectionString"] = redis?.ConnectionString,
        // The budget changes nothing but when a slow answer is given up: here it is waited for and counted.
        ["RemixProxy:Redis:Timeout"] = "00:00:05",
    };

    private Func<long, byte[]> Pool(Func<long, string> prompt)
    {
        var size = Math.Min(Entries, PoolSize);
        // Spread over all there are.
        byte[][] bodies = [.. Enumerable.Range(0, size).Select(i => LoadCase.BodyOf(prompt((long)i * Entries / size)))];
        return i => bodies[i % size];
    }

    private static Func<long, byte[]> Fresh(int first) => i => LoadCase.BodyOf(Prompts.Of(first + i));

    private async Task<double> UsedAsync() => double.Parse(await InfoAsync("memory", "used_memory") ?? "0", CultureInfo.InvariantCulture);

    private async Task<string?> InfoAsync(string section, string name)
    {
        if (_redis is null) return null;
        var lines = (await _redis.CommandAsync("INFO", section)).Split("\r\n");
        return lines.First(l => l.StartsWith(name + ":", StringComparison.Ordinal))[(name.Length + 1)..];
    }
}
