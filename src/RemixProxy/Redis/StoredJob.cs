using RemixProxy.Jobs;

namespace RemixProxy.Redis;

/// <summary>A job as Redis keeps it.</summary>
/// <param name="Job">The job.</param>
/// <param name="Position">Its place in its caller's list, which sorts by creation, then by arrival. The job keeps it even after it has left the list, so a
/// cursor stays right.</param>
internal sealed record StoredJob(VideoJob Job, string Position);
