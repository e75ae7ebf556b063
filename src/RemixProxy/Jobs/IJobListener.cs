namespace RemixProxy.Jobs;

/// <summary>Learns that a job has ended and that its end is stored. Of all replicas that see it, the one whose change was kept tells.</summary>
internal interface IJobListener
{
    /// <summary>A job is completed or failed, for good.</summary>
    ValueTask EndedAsync(VideoJob job);
}
