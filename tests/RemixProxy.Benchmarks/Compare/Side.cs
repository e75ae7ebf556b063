using System.Diagnostics;
using System.Globalization;

namespace RemixProxy.Benchmarks.Compare;

/// <summary>What is compared: a server of one process or more.</summary>
/// <param name="name">For people.</param>
/// <param name="addresses">Where it is asked, by turns.</param>
/// <param name="processes">Their numbers.</param>
/// <param name="allocatedPath">Where each tells how many bytes it has allocated, as the last word of the last line that begins with
/// <paramref name="allocatedLine"/>; null where it doesn't.</param>
/// <param name="allocatedLine">Empty: of the only line.</param>
internal sealed class Side(string name, IReadOnlyList<Uri> addresses, IReadOnlyList<int> processes, string? allocatedPath = null, string allocatedLine = "")
{
    private static readonly HttpClient Http = new(new SocketsHttpHandler { UseProxy = false });

    public string Name => name;

    public IReadOnlyList<Uri> Addresses => addresses;

    /// <summary>The time on a core that it has used.</summary>
    public TimeSpan Cpu => Sum(p => p.TotalProcessorTime, (a, b) => a + b);

    /// <summary>The bytes that it has in memory.</summary>
    public long WorkingSet => Sum(p => p.WorkingSet64, (a, b) => a + b);

    /// <summary>The bytes that it has ever allocated; null where nobody knows.</summary>
    public async Task<double?> AllocatedAsync()
    {
        if (allocatedPath is null) return null;
        var sum = 0.0;
        foreach (var address in addresses)
        {
            var lines = (await Http.GetStringAsync(new Uri(address, allocatedPath))).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            sum += double.Parse(lines.Last(l => l.StartsWith(allocatedLine, StringComparison.Ordinal)).Split(' ')[^1], CultureInfo.InvariantCulture);
        }

        return sum;
    }

    private T Sum<T>(Func<Process, T> of, Func<T, T, T> add) => processes.Select(id =>
    {
        using var process = Process.GetProcessById(id);
        return of(process);
    }).Aggregate(add);
}
