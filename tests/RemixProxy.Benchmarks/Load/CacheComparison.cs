using System.Diagnostics;
using System.Globalization;
using RemixProxy.TestKit.Redis;

namespace RemixProxy.Benchmarks.Load;

/// <summary>
/// Hits, misses and bypasses beside a bare pass-through of the same request, in rounds in which each has its turn, so that what else the machine does hits all
/// alike.
/// </summary>
internal sealed class CacheComparison(Effort effort)
{
    private const int Crowd = 16;

    /// <summary>The most entries that the in-process scan holds.</summary>
    private const int ScanSize = 2_000;

    private readonly List<Row> _rows = [];

    /// <summary>Runs it and prints the tables.</summary>
    /// <returns>The exit code: 1 where a figure is not about what it says.</returns>
    public static async Task<int> RunAsync(Effort effort)
    {
        var started = Stopwatch.GetTimestamp();
        var (upstream, upstreamAddress) = await Doors.StartUpstreamAsync();
        await using var upstreamApp = upstream;
        var (bare, bareAddress) = await Doors.StartPassThroughAsync(upstreamAddress);
        await using var bareApp = bare;
        using var passThrough = new LoadCase(bareAddress, i => LoadCase.BodyOf(Prompts.Of(i)), Doors.UpstreamMarker);
        List<CacheWorld> worlds = [];
        try
        {
            worlds.Add(await CacheWorld.StartAsync("this process", version: null, ScanSize, upstreamAddress));
            worlds.Add(await CacheWorld.StartAsync("Redis 7, exact scan", RedisVersion.Seven, ScanSize, upstreamAddress));
            foreach (var size in effort.SetSizes) worlds.Add(await CacheWorld.StartAsync("Redis 8, vector sets", RedisVersion.Eight, size, upstreamAddress));
            Say($"{Machine.Description}; Redis {await worlds[1].VersionAsync()} and {await worlds[^1].VersionAsync()}");
            await Task.WhenAll(worlds.Select(w => w.FillAsync()));
            Say($"filled after {Stopwatch.GetElapsedTime(started).TotalSeconds:F0} s");

            var comparison = new CacheComparison(effort);
            comparison.Add("bare pass-through", "", passThrough);
            foreach (var world in worlds)
            {
                comparison.Add(world.Name, "exact hit", world.Exact);
                comparison.Add(world.Name, "semantic hit", world.Semantic);
            }

            comparison.Add(worlds[^1].Name, "miss", worlds[^1].Miss);
            comparison.Add(worlds[^1].Name, "bypass", worlds[^1].Bypass);
            await comparison.MeasureAsync();
            Say($"measured after {Stopwatch.GetElapsedTime(started).TotalSeconds:F0} s");
            comparison.Print();
            comparison.PrintGoals(worlds);
            PrintMemory(worlds);
            return comparison._rows.TrueForAll(r => r.Wrong == 0) ? 0 : 1;
        }
        finally
        {
            foreach (var world in worlds) await world.DisposeAsync();
        }
    }

    private void Add(string where, string answer, LoadCase load) => _rows.Add(new(where, answer, load));

    private async Task MeasureAsync()
    {
        foreach (var row in _rows)
        {
            await row.Load.RunAsync(1, effort.WarmUp);
            await row.Load.RunAsync(Crowd, effort.WarmUp);
        }

        GC.Collect();
        for (var round = 0; round < effort.Rounds; round++)
        {
            // Another one begins each time.
            for (var i = 0; i < _rows.Count; i++)
            {
                var row = _rows[(i + (round * 5)) % _rows.Count];
                row.Alone.Add(await row.Load.RunAsync(1, effort.Slice));
            }

            for (var i = 0; i < _rows.Count; i++)
            {
                var row = _rows[(i + (round * 5)) % _rows.Count];
                row.Crowded.Add(await row.Load.RunAsync(Crowd, effort.Slice));
            }

            Say($"round {round + 1}: pass-through {_rows[0].Alone[^1].P50:F2} ms, load {Machine.Load:F1}");
        }
    }

    private void Print()
    {
        var bare = _rows[0];
        Console.WriteLine($"""

            | where | answer | p50 | p99 | p50 − pass-through | requests/s, {Crowd} at once | ÷ pass-through |
            |---|---|---|---|---|---|---|
            """);
        foreach (var row in _rows)
        {
            var figures = row.Wrong > 0
                ? "– | – | – | – | –"
                : row == bare
                    ? $"{Ms(row.P50)} | {Ms(row.P99)} | | {row.PerSecond:N0} |"
                    : $"{Ms(row.P50)} | {Ms(row.P99)} | {Signed(row.Over(bare))} | {row.PerSecond:N0} | {row.Share(bare):F2}";
            Console.WriteLine($"| {row.Where} | {row.Answer} | {figures} |");
        }

        foreach (var row in _rows.Where(r => r.Wrong > 0))
            Console.WriteLine($"\n{row.Where}, {row.Answer}: {row.Wrong} of {row.Count} answers were others, such as: {row.Sample}");
    }

    private void PrintGoals(List<CacheWorld> worlds)
    {
        var (bare, smallest, largest) = (_rows[0], worlds.Find(w => w.Entries == effort.SetSizes[0])!, worlds[^1]);
        foreach (var (answer, goal) in new[] { ("exact hit", 1.0), ("semantic hit", 3.0) })
        {
            var worst = _rows.Where(r => r.Answer == answer).MaxBy(r => r.Over(bare))!;
            Console.WriteLine(
                $"\n{answer}: at most {Signed(worst.Over(bare))} over the pass-through ({worst.Where}); goal ≤ {Ms(goal)}: {Met(worst.Over(bare) <= goal)}");
            var growth = Row.Ratio(Find(largest.Name, answer), Find(smallest.Name, answer));
            Console.WriteLine($"{answer}: p50 at {largest.Entries:N0} entries ÷ p50 at {smallest.Entries:N0}: {growth:F2}; goal ≤ 2: {Met(growth <= 2)}");
        }
    }

    private static void PrintMemory(List<CacheWorld> worlds)
    {
        Console.WriteLine("""

            | where | job | exact entry | vector | in all | a submit answered from the cache, for 15 minutes | filling, for each vector, all servers at once |
            |---|---|---|---|---|---|---|
            """);
        foreach (var world in worlds)
        {
            if (world.Memory is { } m)
                Console.WriteLine($"| {world.Name} | {m.Job:N0} B | {m.Entry:N0} B | {m.Vector:N0} B | {m.Job + m.Entry + m.Vector:N0} B | {m.Submit:N0} B | {Ms(world.FillTime)} |");
        }
    }

    private Row Find(string where, string answer) => _rows.Single(r => r.Where == where && r.Answer == answer);

    private static string Met(bool met) => met ? "met" : "NOT met";

    private static string Ms(double milliseconds) => milliseconds.ToString("F2", CultureInfo.InvariantCulture) + " ms";

    private static string Signed(double milliseconds) => milliseconds.ToString("+0.00;-0.00;0.00", CultureInfo.InvariantCulture) + " ms";

    private static void Say(string line) => Console.Error.WriteLine(line);

    /// <summary>A case with its figures, one a round.</summary>
    private sealed record Row(string Where, string Answer, LoadCase Load)
    {
        public List<Figure> Alone { get; } = [];

        public List<Figure> Crowded { get; } = [];

        public double P50 => Figure.Median(Alone.Select(f => f.P50));

        public double P99 => Figure.Median(Alone.Select(f => f.P99));

        public double PerSecond => Figure.Median(Crowded.Select(f => f.PerSecond));

        public int Count => Alone.Concat(Crowded).Sum(f => f.Count);

        public int Wrong => Alone.Concat(Crowded).Sum(f => f.Wrong);

        public string? Sample => Alone.Concat(Crowded).Select(f => f.Sample).FirstOrDefault(s => s is not null);

        // Compared within a round: what slowed one down there slowed the other down too.
        public static double Ratio(Row a, Row b) => Figure.Median(a.Alone.Zip(b.Alone, (x, y) => x.P50 / y.P50));

        public double Over(Row bare) => Figure.Median(Alone.Zip(bare.Alone, (a, b) => a.P50 - b.P50));

        public double Share(Row bare) => Figure.Median(Crowded.Zip(bare.Crowded, (a, b) => a.PerSecond / b.PerSecond));
    }
}
