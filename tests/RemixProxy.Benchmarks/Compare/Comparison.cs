using System.Diagnostics;
using RemixProxy.Benchmarks.Load;

namespace RemixProxy.Benchmarks.Compare;

/// <summary>
/// The host beside bare YARP, nginx and the upstream itself, all in processes of their own on this machine. Each has its turn in each round, so that what else
/// the machine does hits all alike.
/// </summary>
internal static class Comparison
{
    /// <summary>Runs it and prints the tables.</summary>
    /// <returns>The exit code: 1 where a figure is not about what it says.</returns>
    public static async Task<int> RunAsync(CompareOptions options)
    {
        using var stop = new CancellationTokenSource();
        Console.CancelKeyPress += (_, key) =>
        {
            // The processes are stopped in order, and their folders are removed.
            key.Cancel = true;
            stop.Cancel();
        };
        var started = Stopwatch.GetTimestamp();
        await using var stage = await Stage.StartAsync();
        try
        {
            List<double> loads = [];
            var starts = options.Wants("start") ? await StartTimes.MeasureAsync(stage, options) : [];
            var weights = options.Wants("job-bytes") ? await JobWeight.MeasureAsync(stage, options) : null;
            Say(started, "starts and jobs are measured");
            var lanes = await Rows.BuildAsync(stage, options);
            Say(started, "everything is started and filled");
            foreach (var lane in lanes) await WarmUpAsync(stage, lane, options);
            Say(started, "warm");
            for (var round = 0; round < options.Rounds; round++)
            {
                for (var i = 0; i < lanes.Count; i++)
                {
                    stop.Token.ThrowIfCancellationRequested();
                    // Another one begins each time.
                    var lane = lanes[(i + (round * 5)) % lanes.Count];
                    lane.Shots.Add(await MeasureAsync(stage, lane, options));
                }

                if (Machine.Load is { } wanted) loads.Add(wanted);
                Say(started, $"round {round + 1} of {options.Rounds}, load {Machine.Load:F1}");
            }

            var report = new CompareReport(stage, options, lanes, loads, starts, weights);
            Console.WriteLine(report.Text);
            if (options.Writes) await report.WriteAsync();
            return lanes.TrueForAll(l => l.Wrong is null) ? 0 : 1;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return 130;
        }
    }

    private static async Task WarmUpAsync(Stage stage, Lane lane, CompareOptions options)
    {
        var first = await new SocketLoad(lane.Traffic with { Connections = 1 }, lane.Side.Addresses).RunAsync(options.WarmUp / 10, count: 20);
        if (first.Wrong > 0) throw new InvalidOperationException($"{lane.Row} at {lane.Side.Name} is answered otherwise: {first.Sample}");
        await SaturateAsync(stage, lane, options.WarmUp);
    }

    private static async Task<Shot> MeasureAsync(Stage stage, Lane lane, CompareOptions options)
    {
        var side = lane.Side;
        var (allocated, cpu, calls) = (await side.AllocatedAsync(), side.Cpu, await stage.UpstreamCallsAsync());
        var began = Stopwatch.GetTimestamp();
        var load = SaturateAsync(stage, lane, options.Slice);
        var most = 0L;
        while (lane.IsContent && !load.IsCompleted)
        {
            most = Math.Max(most, side.WorkingSet);
            await Task.WhenAny(load, Task.Delay(50));
        }

        var full = await load;
        var took = Stopwatch.GetElapsedTime(began);
        var (cpuUsed, callsMade) = (side.Cpu - cpu, await stage.UpstreamCallsAsync() - calls);
        var units = lane.IsContent ? full.BytesPerSecond * took.TotalSeconds / 1e6 : full.Count;
        var allocatedThen = await side.AllocatedAsync();
        var half = lane.IsContent ? null : await new SocketLoad(lane.Traffic, side.Addresses).RunAsync(options.HalfSlice, full.PerSecond / 2);
        return new()
        {
            PerSecond = full.PerSecond,
            BytesPerSecond = full.BytesPerSecond,
            P50 = half?.P50 ?? double.NaN,
            P99 = half?.P99 ?? double.NaN,
            Cpu = cpuUsed.TotalMicroseconds / units,
            Allocated = (allocatedThen - allocated) / units ?? double.NaN,
            WorkingSet = side.WorkingSet,
            MemoryPerStream = (double)(most - lane.Idle ?? double.NaN) / lane.Traffic.Connections,
            Calls = (double)callsMade / full.Count,
            CallsPerSecond = callsMade / took.TotalSeconds,
            Wrong = full.Wrong + (half?.Wrong ?? 0),
            Sample = full.Sample ?? half?.Sample,
        };
    }

    private static Task<Figure> SaturateAsync(Stage stage, Lane lane, TimeSpan time) => stage.Wrk is { } wrk
        ? new WrkLoad(wrk, lane.Traffic, lane.Side.Addresses).RunAsync(time)
        : new SocketLoad(lane.Traffic, lane.Side.Addresses).RunAsync(time);

    private static void Say(long started, string line) => Console.Error.WriteLine($"{Stopwatch.GetElapsedTime(started).TotalSeconds:F0} s: {line}");
}
