namespace RemixProxy.Jobs;

/// <summary>A page of jobs.</summary>
/// <param name="Jobs">The jobs, in order.</param>
/// <param name="HasMore">Whether more jobs follow the last one.</param>
internal sealed record JobPage(IReadOnlyList<VideoJob> Jobs, bool HasMore);
