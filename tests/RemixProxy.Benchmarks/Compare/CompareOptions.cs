using System.Globalization;

namespace RemixProxy.Benchmarks.Compare;

/// <summary>How much is compared, and how thoroughly.</summary>
/// <param name="IsQuick">Short slices and few rounds: for a look, not for figures to publish.</param>
/// <param name="Only">The rows asked for; empty: all.</param>
/// <param name="Rounds">How often each side has its turn.</param>
/// <param name="Writes">Whether the tables go to docs/, too.</param>
internal sealed record CompareOptions(bool IsQuick, IReadOnlyList<string> Only, int Rounds, bool Writes)
{
    /// <summary>How long one side is loaded in a round with as much as it answers. wrk knows whole seconds only.</summary>
    public TimeSpan Slice { get; } = TimeSpan.FromSeconds(IsQuick ? 1 : 2);

    /// <summary>How long it is loaded with half of that.</summary>
    public TimeSpan HalfSlice { get; } = TimeSpan.FromMilliseconds(IsQuick ? 500 : 1_000);

    /// <summary>How long each side is loaded before anything is measured.</summary>
    public TimeSpan WarmUp { get; } = TimeSpan.FromSeconds(IsQuick ? 1 : 2);

    /// <summary>Prompts in the cache that is searched by meaning.</summary>
    public int SemanticEntries { get; } = IsQuick ? 1_000 : 10_000;

    /// <summary>Jobs behind the longer of both lists.</summary>
    public int ListedJobs { get; } = IsQuick ? 10_000 : 100_000;

    /// <summary>Finished jobs that are weighed.</summary>
    public int WeighedJobs { get; } = IsQuick ? 5_000 : 20_000;

    /// <summary>Reads <c>--quick --only a,b --rounds N --write</c>; null where they can't be read.</summary>
    public static CompareOptions? Read(string[] arguments)
    {
        var (isQuick, writes, only, rounds) = (false, false, (string[])[], (int?)null);
        for (var i = 0; i < arguments.Length; i++)
        {
            switch (arguments[i])
            {
                case "--quick":
                    isQuick = true;
                    break;
                case "--write":
                    writes = true;
                    break;
                case "--only" when i + 1 < arguments.Length:
                    only = arguments[++i].Split(',', StringSplitOptions.RemoveEmptyEntries);
                    break;
                case "--rounds" when i + 1 < arguments.Length && int.TryParse(arguments[i + 1], CultureInfo.InvariantCulture, out var count) && count > 0:
                    (rounds, i) = (count, i + 1);
                    break;
                default:
                    return null;
            }
        }

        return only.All(Rows.Names.Contains) ? new(isQuick, only, rounds ?? (isQuick ? 2 : 5), writes) : null;
    }

    public bool Wants(string row) => Only.Count == 0 || Only.Contains(row);
}
