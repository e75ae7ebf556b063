namespace RemixProxy.Benchmarks.Faults;

/// <summary>What the provider saw.</summary>
/// <param name="Calls">Of every kind.</param>
/// <param name="Faults">Those that it let fail.</param>
/// <param name="Arrivals">The submits.</param>
internal sealed record Tally(long Calls, long Faults, IReadOnlyList<Arrival> Arrivals);

/// <summary>A submit that reached the provider.</summary>
/// <param name="Wish">Its number.</param>
/// <param name="IsTaken">Whether the proxy has to reckon with a video; false where it was told that there is none.</param>
/// <param name="Made">The native id of the video that was made of it.</param>
internal sealed record Arrival(int Wish, bool IsTaken, string? Made);
