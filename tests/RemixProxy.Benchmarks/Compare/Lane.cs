using RemixProxy.Benchmarks.Load;

namespace RemixProxy.Benchmarks.Compare;

/// <summary>One line of the tables: one side under one kind of load, with what each round showed.</summary>
/// <param name="Row">Its name.</param>
/// <param name="What">What is asked, for people.</param>
/// <param name="Side">Who is asked.</param>
/// <param name="Traffic">The requests.</param>
/// <param name="Bare">The same load on bare YARP; null where this is it, or before it.</param>
internal sealed record Lane(string Row, string What, Side Side, Traffic Traffic, Lane? Bare = null)
{
    public List<Shot> Shots { get; } = [];

    /// <summary>Bytes in memory before any load, where clips are read: bytes a second count then, not requests.</summary>
    public long? Idle { get; init; }

    public bool IsContent => Idle is not null;

    /// <summary>How many calls the upstream may see in a second, where that is bounded.</summary>
    public double? MostCalls { get; init; }

    public Shot? Wrong => Shots.Find(s => s.Wrong > 0);

    public double Rate => Median(s => Speed(s));

    /// <summary>Compared within a round: what slowed one side down there slowed the other down too.</summary>
    public IReadOnlyList<double> Ratios => Bare is null ? [] : [.. Shots.Zip(Bare.Shots, (a, b) => Speed(a) / Speed(b))];

    public IReadOnlyList<double> P99Ratios => Bare is null ? [] : [.. Shots.Zip(Bare.Shots, (a, b) => a.P99 / b.P99)];

    public double Median(Func<Shot, double> of) => Shots.Count == 0 ? double.NaN : Figure.Median(Shots.Select(of));

    private double Speed(Shot shot) => IsContent ? shot.BytesPerSecond : shot.PerSecond;
}

/// <summary>What one lane showed in one round.</summary>
internal sealed record Shot
{
    /// <summary>Requests, as many as were answered.</summary>
    public required double PerSecond { get; init; }

    public required double BytesPerSecond { get; init; }

    /// <summary>Milliseconds, at half of <see cref="PerSecond"/>.</summary>
    public required double P50 { get; init; }

    /// <summary>Milliseconds, at half of <see cref="PerSecond"/>.</summary>
    public required double P99 { get; init; }

    /// <summary>Microseconds of a core, a request (a megabyte, where clips are read).</summary>
    public required double Cpu { get; init; }

    /// <summary>Bytes, a request (a megabyte, where clips are read); not a number where nobody knows.</summary>
    public required double Allocated { get; init; }

    /// <summary>Bytes at the end.</summary>
    public required double WorkingSet { get; init; }

    /// <summary>More bytes than before any load while it was loaded most, a connection.</summary>
    public required double MemoryPerStream { get; init; }

    /// <summary>Of the upstream, a request.</summary>
    public required double Calls { get; init; }

    /// <summary>Of the upstream, a second.</summary>
    public required double CallsPerSecond { get; init; }

    /// <summary>Answers that were not what the row is about.</summary>
    public required int Wrong { get; init; }

    /// <summary>One of these.</summary>
    public required string? Sample { get; init; }
}
