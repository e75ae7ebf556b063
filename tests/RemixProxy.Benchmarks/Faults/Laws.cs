using System.Collections.Concurrent;

namespace RemixProxy.Benchmarks.Faults;

/// <summary>What must hold whatever fails, how often it was looked at, and where it did not.</summary>
internal sealed class Laws
{
    public const string Once = "each wish was taken by the provider at most once";
    public const string Certain = "what was answered 429, 502, 503 or 504 created nothing";
    public const string Own = "every answer is about the caller's own wish";
    public const string Known = "no answer has another status than those named above";
    public const string Kept = "every accepted video is retrieved, listed for its caller, and ends as the provider says";
    public const string Apart = "no caller's list shows another one's video, or one that was not made";
    public const string Forward = "no video goes back: neither from its end nor in its progress";
    public const string Bytes = "every whole download has the right bytes";
    public const string Flat = "memory is flat where a replica lives through the run: the median of the last quarter ≤ 1.3 × that of the second";
    public const string Quiet = "no process logged an error";

    private const int Samples = 8;

    private readonly ConcurrentDictionary<string, Law> _laws = new(StringComparer.Ordinal);

    /// <summary>Whether all have held.</summary>
    public bool Hold => _laws.Values.All(l => l.Broken == 0);

    /// <summary>Notes a look at a law.</summary>
    /// <param name="law">Which.</param>
    /// <param name="holds">Whether it held.</param>
    /// <param name="what">What was seen.</param>
    public void See(string law, bool holds, Func<string> what)
    {
        var seen = _laws.GetOrAdd(law, _ => new());
        Interlocked.Increment(ref seen.Looks);
        if (!holds && Interlocked.Increment(ref seen.Broken) <= Samples) seen.Sample.Enqueue(what());
    }

    public void Print()
    {
        Console.WriteLine("""

            | law | looked at | broken |
            |---|---|---|
            """);
        foreach (var law in new[] { Once, Certain, Own, Known, Kept, Apart, Forward, Bytes, Flat, Quiet })
        {
            var seen = _laws.GetOrAdd(law, _ => new());
            Console.WriteLine($"| {law} | {seen.Looks:N0} | {seen.Broken:N0} |");
        }

        foreach (var (law, seen) in _laws)
            foreach (var sample in seen.Sample) Console.Error.WriteLine($"BROKEN: {law}: {sample}");
    }

    private sealed class Law
    {
        public int Looks;
        public int Broken;

        public ConcurrentQueue<string> Sample { get; } = new();
    }
}
