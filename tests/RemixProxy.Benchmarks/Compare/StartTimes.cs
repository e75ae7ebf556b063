using System.Diagnostics;
using RemixProxy.Benchmarks.Faults;
using RemixProxy.Benchmarks.Load;
using RemixProxy.TestKit;
using RemixProxy.TestKit.Processes;

namespace RemixProxy.Benchmarks.Compare;

/// <summary>How long a program takes from its start to its first answer, and what it has in memory a while after.</summary>
/// <param name="Who">For people.</param>
/// <param name="FirstAnswer">Milliseconds, one a round.</param>
/// <param name="Idle">Bytes, one a round.</param>
internal sealed record StartTimes(string Who, List<double> FirstAnswer, List<double> Idle)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>Starts each once a round.</summary>
    public static async Task<List<StartTimes>> MeasureAsync(Stage stage, CompareOptions options)
    {
        var host = stage.SettingsOf("00:00:05", redis: null, []);
        List<(StartTimes Times, Func<ServerProcess> Make)> all =
        [
            (new("bare YARP", [], []), () => new("RemixProxy.Benchmarks", [BareProxy.Door, stage.Upstream.Addresses[0].AbsoluteUri], Stage.OfWebApplications)),
            (new("RemixProxy as built", [], []), () => new("RemixProxy.Host", [], host)),
        ];
        // It takes as long as all the rest of a quick run.
        if ((!options.IsQuick || options.Only.Contains("start")) && await TryPublishAsync() is { } published)
            all.Add((new("RemixProxy as published in the image (ReadyToRun)", [], []), () => new(published, [], host)));
        for (var round = 0; round < options.Rounds; round++)
        {
            foreach (var (times, make) in all) await times.MeasureAsync(make());
        }

        return all.ConvertAll(a => a.Times);
    }

    public string Line() =>
        $"| {Who} | {Figure.Median(FirstAnswer):F0} ms ({FirstAnswer.Min():F0}–{FirstAnswer.Max():F0}) | {Figure.Median(Idle) / (1 << 20):F0} MiB |\n";

    private async Task MeasureAsync(ServerProcess server)
    {
        await using (server)
        {
            var started = Stopwatch.GetTimestamp();
            await server.StartAsync();
            using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
            using var answer = await http.GetAsync(new Uri(server.Address, "v1/videos"));
            FirstAnswer.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            answer.EnsureSuccessStatusCode();
            await Task.Delay(TimeSpan.FromSeconds(2));
            using var process = Process.GetProcessById(server.Id);
            Idle.Add(process.WorkingSet64);
        }
    }

    /// <summary>Publishes the host as deploy/Dockerfile does.</summary>
    /// <returns>Its assembly, without the extension; null where it can't be published.</returns>
    private static async Task<string?> TryPublishAsync()
    {
        var folder = Path.Combine(Repository.Root, "artifacts", "compare");
        string[] arguments =
        [
            "publish", Path.Combine(Repository.Root, "src", "RemixProxy.Host"), "-c", "Release", "--ucr", "--no-self-contained", "-v", "q", "-o",
            Path.Combine(folder, "app"), "--artifacts-path", folder, "-p:PublishReadyToRun=true", "-p:UseAppHost=false", "-p:RunAnalyzers=false",
        ];
        var run = await ProgramRun.OfAsync(new("dotnet", arguments), "", Patience);
        if (run.ExitCode == 0) return Path.Combine(folder, "app", "RemixProxy.Host");
        await Console.Error.WriteLineAsync($"The host could not be published: {run.Output}{run.Errors}");
        return null;
    }
}
