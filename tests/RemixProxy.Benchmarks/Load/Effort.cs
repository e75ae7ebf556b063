namespace RemixProxy.Benchmarks.Load;

/// <summary>How much is measured.</summary>
/// <param name="SetSizes">Entries in one scope, on vector sets; a world each.</param>
/// <param name="Rounds">Rounds; the figures are medians over them.</param>
/// <param name="Slice">How long one case is measured in a round, at each concurrency.</param>
/// <param name="WarmUp">How long each case runs before, at each concurrency.</param>
internal sealed record Effort(IReadOnlyList<int> SetSizes, int Rounds, TimeSpan Slice, TimeSpan WarmUp)
{
    public static Effort Full { get; } = new([1_000, 10_000, 100_000], 7, TimeSpan.FromMilliseconds(600), TimeSpan.FromSeconds(1));

    public static Effort Quick { get; } = new([1_000, 10_000], 3, TimeSpan.FromMilliseconds(300), TimeSpan.FromMilliseconds(500));
}
