namespace RemixProxy.Jobs;

/// <summary>A page of jobs.</summary>
/// <param name="Jobs">The jobs, in order.</param>
/// <param name="HasMore">Whether there are more behind the last.</param>
internal sealed record JobPage(IReadOnlyList<VideoJob> Jobs, bool HasMore);
