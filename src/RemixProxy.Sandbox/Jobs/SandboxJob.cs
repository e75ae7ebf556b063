using RemixProxy.Sandbox.Content;

namespace RemixProxy.Sandbox.Jobs;

/// <summary>A simulated job: what it is now follows from its start, its length and the time alone.</summary>
internal sealed class SandboxJob(string id, JobOrder order, Clip clip, DateTimeOffset created, int ordinal)
{
    private const double QueuedShare = 0.2;

    private readonly MagicWords _words = Jobs.Prompt.MagicWordsOf(order.Prompt);
    private long _cancelledAtTicks;

    public string Id => id;
    public JobOrder Order => order;
    public Clip Clip => clip;
    public DateTimeOffset Created => created;
    public int Ordinal => ordinal;
    public TimeSpan Duration => _words.HasFlag(MagicWords.Slow)
        ? TimeSpan.FromSeconds(60)
        : TimeSpan.FromSeconds(2 + (Jobs.Prompt.Hash(order.Prompt, ordinal) % 31 / 10.0));
    public DateTimeOffset Completed => created + Duration;

    /// <summary>The job completes, but its bytes are gone at once.</summary>
    public bool IsContentGone => _words.HasFlag(MagicWords.Expire);

    public JobState StateAt(DateTimeOffset now)
    {
        if (Interlocked.Read(ref _cancelledAtTicks) != 0)
            return JobState.Cancelled;
        double share = ShareAt(now);
        if (share < 1)
            return share < QueuedShare ? JobState.Queued : JobState.Running;
        if (_words.HasFlag(MagicWords.Moderate))
            return JobState.Moderated;
        return _words.HasFlag(MagicWords.Fail) ? JobState.Failed : JobState.Completed;
    }

    /// <summary>How much of its time has passed, 0–1, waiting included.</summary>
    public double ShareAt(DateTimeOffset now) => Math.Clamp((now - created) / Duration, 0, 1);

    /// <summary>How much of the rendering is done, 0–1.</summary>
    public double ProgressAt(DateTimeOffset now) => Math.Clamp((ShareAt(now) - QueuedShare) / (1 - QueuedShare), 0, 1);

    /// <summary>Stops the job unless it has ended by itself.</summary>
    public bool TryCancel(DateTimeOffset now) =>
        StateAt(now) is JobState.Queued or JobState.Running && Interlocked.CompareExchange(ref _cancelledAtTicks, now.UtcTicks, 0) == 0;
}
