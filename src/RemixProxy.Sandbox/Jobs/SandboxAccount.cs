using RemixProxy.Sandbox.Content;

namespace RemixProxy.Sandbox.Jobs;

/// <summary>One account at one simulated vendor: its jobs and the files it uploaded.</summary>
internal sealed class SandboxAccount(string type, string name, ClipLibrary clips, int maxJobs)
{
    private int _submits;

    public string Type => type;
    public string Name => name;
    public BoundedStore<SandboxJob> Jobs { get; } = new(maxJobs);
    public BoundedStore<SandboxFile> Files { get; } = new(maxJobs);

    /// <summary>How many jobs were ever made.</summary>
    public int Submits => Volatile.Read(ref _submits);

    public SandboxJob Submit(string id, JobOrder order, DateTimeOffset now)
    {
        int ordinal = Interlocked.Increment(ref _submits);
        var clip = clips.Choose(Prompt.Hash(order.Prompt, ordinal), order);
        var job = new SandboxJob(id, order, clip, now, ordinal);
        Jobs.Add(id, job);
        return job;
    }

    public SandboxFile AddFile(string id, string fileName, string contentType, DateTimeOffset now)
    {
        var file = new SandboxFile(id, fileName, contentType, now);
        Files.Add(id, file);
        return file;
    }
}
