using System.Diagnostics;
using System.Globalization;

namespace RemixProxy.TestKit.Fuzzing;

/// <summary>
/// Runs random cases: as many as a test says, always the same. With <c>FUZZ_SECONDS</c> each test runs for so long, with other cases each time; with
/// <c>FUZZ_SEED</c> its first case is that one. A failure names its seed and the least changes with which it still fails.
/// </summary>
internal static class Fuzz
{
    /// <summary>A case that takes longer hangs.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly int? Seconds = Read("FUZZ_SECONDS") is { } seconds ? (int)seconds : null;

    private static readonly long? FirstSeed = Read("FUZZ_SEED");

    /// <summary>Runs cases until one fails.</summary>
    /// <param name="cases">How many cases there are where the environment names no time.</param>
    /// <param name="test">Runs one. It throws where something is not as it must be.</param>
    /// <exception cref="FuzzException">A case failed.</exception>
    public static async Task RunAsync(int cases, Func<FuzzCase, Task> test)
    {
        var watch = Stopwatch.StartNew();
        var first = FirstSeed ?? (Seconds is null ? 1 : Random.Shared.NextInt64(1, 1L << 40));
        for (long i = 0; Seconds is { } seconds ? watch.Elapsed.TotalSeconds < seconds : i < cases; i++)
        {
            var (one, failure) = await TryAsync(first + i, new HashSet<int>(), test);
            if (failure is not null) throw await ShrunkAsync(one, failure, test);
        }
    }

    /// <summary>Runs cases that wait for nobody.</summary>
    public static Task RunAsync(int cases, Action<FuzzCase> test) => RunAsync(cases, one => Task.Run(() => test(one)));

    private static async Task<FuzzException> ShrunkAsync(FuzzCase last, Exception failure, Func<FuzzCase, Task> test)
    {
        var (seed, without) = (last.Seed, new HashSet<int>());
        for (var number = last.Changes - 1; number >= 0; number--)
        {
            without.Add(number);
            var (smaller, still) = await TryAsync(seed, without, test);
            if (still is null) without.Remove(number);
            else (last, failure) = (smaller, still);
        }

        return new(
            Invariant($"FUZZ_SEED={seed} makes this case the first one. It needs {last.Changes - without.Count(n => n < last.Changes)} of its changes.\n")
                + $"{last.Notes}{failure.Message}",
            failure);
    }

    private static async Task<(FuzzCase Case, Exception? Failure)> TryAsync(long seed, IReadOnlySet<int> without, Func<FuzzCase, Task> test)
    {
        var one = new FuzzCase(seed, without);
        try
        {
            await test(one).WaitAsync(Patience);
            return (one, null);
        }
        catch (Exception e)
        {
            return (one, e);
        }
    }

    private static long? Read(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } text
        ? long.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture) : null;
}
