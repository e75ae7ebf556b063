using System.Diagnostics;
using System.Reflection;
using RemixProxy.Benchmarks.Compare;
using RemixProxy.Benchmarks.Faults;
using RemixProxy.Benchmarks.Load;
using RemixProxy.Benchmarks.Micro;
using RemixProxy.Benchmarks.Quality;

const string Usage = """
    dotnet run -c Release --project tests/RemixProxy.Benchmarks -- <what>

      compare [--quick] [--only ROW,ROW] [--rounds N] [--write]          the host beside bare YARP and nginx, each in processes of its own
      cache [--quick]                                                    hits beside a bare YARP pass-through, and memory in Redis
      faults [--seconds N] [--pollers N] [--submits N] [--downloads N]   two replicas under load while providers, Redis and a replica fail
      scrape                                                             /metrics with one finished job behind it and with 100,000
      quality [--endpoint URL --model NAME [--key-variable VARIABLE]]    which pairs of tests/Prompts would share a video
      micro [BenchmarkDotNet's options]                                  the parts of a request
    """;

var isDebug = Assembly.GetExecutingAssembly().GetCustomAttribute<DebuggableAttribute>()?.IsJITOptimizerDisabled == true;
switch (args)
{
    case ["compare" or "cache" or "faults" or "micro" or "scrape", ..] when isDebug:
        await Console.Error.WriteLineAsync("A debug build has no figures worth showing: run with -c Release.");
        return 2;
    case ["compare", .. var rest] when CompareOptions.Read(rest) is { } options:
        return await Comparison.RunAsync(options);
    case [NativeUpstream.Door]:
        return await NativeUpstream.ServeAsync();
    case [BareProxy.Door, var upstream]:
        return await BareProxy.ServeAsync(new(upstream));
    case [JobWeight.Door, var upstream]:
        return await JobWeight.ServeAsync(new(upstream));
    case ["cache"]:
        return await CacheComparison.RunAsync(Effort.Full);
    case ["cache", "--quick"]:
        return await CacheComparison.RunAsync(Effort.Quick);
    case ["faults", .. var rest] when FaultOptions.Read(rest) is { } options:
        return await FaultRun.RunAsync(options);
    case [FaultyProvider.Door]:
        return await FaultyProvider.ServeAsync();
    case ["scrape"]:
        return await ScrapeComparison.RunAsync();
    case [ScrapeComparison.Door, var jobs]:
        return await ScrapeComparison.ServeAsync(int.Parse(jobs));
    case ["quality"]:
        return await QualityTable.RunAsync(new Dictionary<string, string?>());
    case ["quality", "--endpoint", var endpoint, "--model", var model]:
        return await QualityTable.RunAsync(new Dictionary<string, string?> { ["Endpoint"] = endpoint, ["Model"] = model });
    case ["quality", "--endpoint", var endpoint, "--model", var model, "--key-variable", var variable]:
        return await QualityTable.RunAsync(
            new Dictionary<string, string?> { ["Endpoint"] = endpoint, ["Model"] = model, ["ApiKey"] = Environment.GetEnvironmentVariable(variable) });
    case ["micro", .. var rest]:
        return MicroBenchmarks.Run(rest);
    default:
        await Console.Error.WriteLineAsync(Usage);
        return 2;
}
