using RemixProxy.Sandbox.Jobs;

namespace RemixProxy.Sandbox.Providers;

/// <summary>A vendor's words for the states of a job.</summary>
internal sealed record StatusWords(string Queued, string Running, string Completed, string Failed)
{
    // A job waits for a fifth of its time.
    private const double LateFrom = 0.1;

    /// <summary>The word of the second half of the wait, where the vendor has one.</summary>
    public string? Throttled { get; init; }

    /// <summary>The word of a job whose result was blocked, where it is not that of a failed one.</summary>
    public string? Moderated { get; init; }

    /// <summary>The word of a cancelled job, where it is not that of a failed one.</summary>
    public string? Cancelled { get; init; }

    public string Of(SandboxJob job, DateTimeOffset now) => job.StateAt(now) switch
    {
        JobState.Queued => job.ShareAt(now) < LateFrom ? Queued : Throttled ?? Queued,
        JobState.Running => Running,
        JobState.Completed => Completed,
        JobState.Moderated => Moderated ?? Failed,
        JobState.Cancelled => Cancelled ?? Failed,
        _ => Failed,
    };
}
