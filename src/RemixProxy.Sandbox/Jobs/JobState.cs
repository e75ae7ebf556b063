namespace RemixProxy.Sandbox.Jobs;

/// <summary>Where a job stands; each simulator has its own words for these.</summary>
internal enum JobState
{
    Queued,
    Running,
    Completed,
    Failed,
    Moderated,
    Cancelled,
}
