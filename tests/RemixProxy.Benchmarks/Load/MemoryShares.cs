namespace RemixProxy.Benchmarks.Load;

/// <summary>What Redis needs for one of each, in bytes: how much more memory it used when all of them were there, divided by their number.</summary>
/// <param name="Job">The job and its place in the list.</param>
/// <param name="Entry">The exact entry.</param>
/// <param name="Vector">The vector, with its share of the index.</param>
/// <param name="Submit">The record of a submit that was answered by a hit, for as long as it is kept.</param>
internal sealed record MemoryShares(double Job, double Entry, double Vector, double Submit);
