namespace RemixProxy.Jobs;

/// <summary>Learns that a job has ended and that its end is stored. If several replicas see the end, only the one that stored it calls the listener.</summary>
internal interface IJobListener
{
    /// <summary>A job has completed or failed, which is final.</summary>
    ValueTask EndedAsync(VideoJob job);
}
