using System.Globalization;
using System.Text;
using RemixProxy.TestKit;

namespace RemixProxy.Benchmarks.Compare;

/// <summary>The tables of a run, for people and for docs/.</summary>
internal sealed class CompareReport(Stage stage, CompareOptions options, List<Lane> lanes, List<double> loads, List<StartTimes> starts, JobWeight? weight)
{
    private const string Begin = "<!-- compare: begin -->\n";
    private const string End = "<!-- compare: end -->\n";

    public string Text { get; } = Describe(stage, options, lanes, loads, starts, weight);

    /// <summary>Puts the tables into docs/performance.md and every round into docs/performance-rounds.csv.</summary>
    public async Task WriteAsync()
    {
        var page = Path.Combine(Repository.Root, "docs", "performance.md");
        var text = await File.ReadAllTextAsync(page);
        var (begin, end) = (text.IndexOf(Begin, StringComparison.Ordinal), text.IndexOf(End, StringComparison.Ordinal));
        if (begin < 0 || end < begin) throw new InvalidOperationException($"{page} does not say where the tables belong.");
        await File.WriteAllTextAsync(page, text[..(begin + Begin.Length)] + Text + text[end..]);
        await File.WriteAllTextAsync(Path.Combine(Repository.Root, "docs", "performance-rounds.csv"), Rounds());
    }

    private static string Describe(Stage stage, CompareOptions options, List<Lane> lanes, List<double> loads, List<StartTimes> starts, JobWeight? weight)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Machine.Description}{string.Concat(stage.Versions.Select(v => ", " + v))}; ");
        if (options.IsQuick) text.Append("a quick look of ");
        text.Append(CultureInfo.InvariantCulture, $"{options.Rounds} rounds; saturated by {(stage.Wrk is null ? "the own generator" : "wrk")}");
        if (loads.Count > 0) text.Append(CultureInfo.InvariantCulture, $"; {loads.Min():F0} to {loads.Max():F0} threads wanted a core");
        text.Append(".\n");
        if (lanes.Exists(l => !l.IsContent))
        {
            text.Append("\n| row | what | who | requests/s | ÷ bare YARP (least–most) | p50 at half | p99 at half | p99 ÷ bare YARP (least–most) ");
            text.Append("| CPU a request | allocated a request | in memory | upstream calls a request |\n|---|---|---|---|---|---|---|---|---|---|---|---|\n");
            foreach (var lane in lanes.Where(l => !l.IsContent)) text.Append(Line(lane));
        }

        if (lanes.Exists(l => l.IsContent))
        {
            text.Append("\n| row | what | who | MB/s | ÷ bare YARP (least–most) | CPU a MB | allocated a MB | memory a stream |\n");
            text.Append("|---|---|---|---|---|---|---|---|\n");
            foreach (var lane in lanes.Where(l => l.IsContent)) text.Append(ContentLine(lane));
        }

        foreach (var lane in lanes.Where(l => l.MostCalls is not null))
        {
            text.Append(CultureInfo.InvariantCulture, $"\n{lane.Row}: {lane.Median(s => s.CallsPerSecond):F0} upstream calls a second at most loads; ");
            text.Append(CultureInfo.InvariantCulture, $"goal ≤ {lane.MostCalls:F0}\n");
        }

        if (starts.Count > 0) text.Append("\n| start | to the first answer (least–most) | in memory 2 s later |\n|---|---|---|\n");
        foreach (var start in starts) text.Append(start.Line());
        if (weight is not null)
        {
            text.Append(CultureInfo.InvariantCulture, $"\njob-bytes: {weight.Old:N0} B for each of {weight.Jobs:N0} finished jobs; ");
            text.Append(CultureInfo.InvariantCulture, $"{weight.Fresh:N0} B while its submit is remembered, too\n");
        }

        foreach (var lane in lanes.Where(l => l.Wrong is not null))
        {
            var count = lane.Shots.Sum(s => s.Wrong);
            text.Append(CultureInfo.InvariantCulture, $"\n{lane.Row}, {lane.Side.Name}: {count:N0} answers were others, such as: {lane.Wrong!.Sample}\n");
        }

        return text.ToString();
    }

    private static string ContentLine(Lane lane)
    {
        string[] cells =
        [
            lane.Row, lane.What, lane.Side.Name,
            Number(lane.Rate / 1e6, "N0"),
            Spread(lane.Ratios),
            Number(lane.Median(s => s.Cpu), "F0", " µs"),
            Number(lane.Median(s => s.Allocated), "N0", " B"),
            Number(lane.Median(s => s.MemoryPerStream) / 1024, "N0", " KiB"),
        ];
        return $"| {string.Join(" | ", cells)} |\n";
    }

    private static string Line(Lane lane)
    {
        if (lane.Wrong is not null) return $"| {lane.Row} | {lane.What} | {lane.Side.Name} | – | – | – | – | – | – | – | – | – |\n";
        var cells = new[]
        {
            lane.Row, lane.What, lane.Side.Name,
            Number(lane.Rate, "N0"),
            Spread(lane.Ratios),
            Number(lane.Median(s => s.P50), "F2", " ms"),
            Number(lane.Median(s => s.P99), "F2", " ms"),
            Spread(lane.P99Ratios),
            Number(lane.Median(s => s.Cpu), "F0", " µs"),
            Number(lane.Median(s => s.Allocated), "N0", " B"),
            Number(lane.Median(s => s.WorkingSet) / (1 << 20), "F0", " MiB"),
            Number(lane.Median(s => s.Calls), "F2"),
        };
        return $"| {string.Join(" | ", cells)} |\n";
    }

    private string Rounds()
    {
        var text = new StringBuilder("row,what,who,round,requests_per_second,bytes_per_second,p50_ms,p99_ms,cpu_us,allocated_bytes,working_set_bytes,");
        text.Append("memory_per_stream_bytes,upstream_calls,upstream_calls_per_second\n");
        foreach (var lane in lanes)
        {
            foreach (var (round, shot) in lane.Shots.Index())
            {
                double[] figures =
                [
                    shot.PerSecond, shot.BytesPerSecond, shot.P50, shot.P99, shot.Cpu, shot.Allocated, shot.WorkingSet, shot.MemoryPerStream, shot.Calls,
                    shot.CallsPerSecond,
                ];
                text.Append(CultureInfo.InvariantCulture, $"{lane.Row},\"{lane.What}\",{lane.Side.Name},{round + 1},");
                text.Append(string.Join(',', figures.Select(f => double.IsNaN(f) ? "" : f.ToString("0.####", CultureInfo.InvariantCulture)))).Append('\n');
            }
        }

        return text.ToString();
    }

    private static string Spread(IReadOnlyList<double> ratios) => ratios.Count == 0 || ratios.Any(double.IsNaN)
        ? ""
        : string.Create(CultureInfo.InvariantCulture, $"{Load.Figure.Median(ratios):F2} ({ratios.Min():F2}–{ratios.Max():F2})");

    private static string Number(double value, string format, string unit = "") =>
        double.IsNaN(value) ? "" : value.ToString(format, CultureInfo.InvariantCulture) + unit;
}
