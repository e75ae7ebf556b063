using System.Diagnostics;

namespace RemixProxy.Benchmarks.Load;

/// <summary>What one case showed in one slice of one round.</summary>
/// <param name="P50">Milliseconds.</param>
/// <param name="P99">Milliseconds.</param>
/// <param name="PerSecond">Requests.</param>
/// <param name="Count">Requests in all.</param>
/// <param name="Wrong">Answers that were not what the case is about.</param>
/// <param name="Sample">One of these.</param>
internal sealed record Figure(double P50, double P99, double PerSecond, int Count, int Wrong, string? Sample)
{
    /// <summary>Of the answers, where bytes were counted.</summary>
    public double BytesPerSecond { get; init; }

    /// <summary>From the durations of all requests, in ticks of <see cref="Stopwatch"/>.</summary>
    public static Figure Of(List<long> ticks, TimeSpan took, int wrong, string? sample)
    {
        ticks.Sort();
        return new(At(ticks, 0.50), At(ticks, 0.99), ticks.Count / took.TotalSeconds, ticks.Count, wrong, sample);
    }

    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[sorted.Length / 2] + sorted[(sorted.Length - 1) / 2]) / 2;
    }

    private static double At(List<long> sorted, double share) => sorted.Count == 0
        ? double.NaN
        : sorted[(int)Math.Min(sorted.Count - 1, sorted.Count * share)] * 1000.0 / Stopwatch.Frequency;
}
