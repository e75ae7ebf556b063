namespace RemixProxy.Benchmarks.Faults;

/// <summary>How much goes on at once, and for how long.</summary>
/// <param name="Seconds">Of load.</param>
/// <param name="Pollers">Callers that follow a video.</param>
/// <param name="Submits">Submits under way.</param>
/// <param name="Downloads">Downloads under way.</param>
internal sealed record FaultOptions(int Seconds, int Pollers, int Submits, int Downloads)
{
    private static readonly FaultOptions Full = new(120, 1_000, 200, 50);

    /// <summary>Reads <c>--seconds N</c> and the like; null where they can't be read.</summary>
    public static FaultOptions? Read(string[] arguments)
    {
        var options = Full;
        if (arguments.Length % 2 != 0) return null;
        foreach (var pair in arguments.Chunk(2))
        {
            if (!int.TryParse(pair[1], out var number) || number < 1) return null;
            switch (pair[0])
            {
                case "--seconds":
                    options = options with { Seconds = number };
                    break;
                case "--pollers":
                    options = options with { Pollers = number };
                    break;
                case "--submits":
                    options = options with { Submits = number };
                    break;
                case "--downloads":
                    options = options with { Downloads = number };
                    break;
                default:
                    return null;
            }
        }

        return options;
    }
}
