using RemixProxy.Jobs;

namespace RemixProxy.Redis;

/// <summary>A job as it is kept.</summary>
/// <param name="Job">It.</param>
/// <param name="Position">Where it stands in its caller's list: sorts by creation, then by arrival. It stays though the list forgets the job, so a cursor stays
/// right.</param>
internal sealed record StoredJob(VideoJob Job, string Position);
