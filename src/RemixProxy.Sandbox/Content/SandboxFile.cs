using RemixProxy.Sandbox.Jobs;

namespace RemixProxy.Sandbox.Content;

/// <summary>A file of an account: an upload, first announced, then filled; or the output of a job.</summary>
internal sealed class SandboxFile(string id, string fileName, string contentType, DateTimeOffset created)
{
    private Upload? _upload;

    public string Id => id;
    public string FileName => fileName;
    public string ContentType => contentType;
    public DateTimeOffset Created => created;

    /// <summary>The job that made it, if one did.</summary>
    public SandboxJob? Job { get; init; }

    /// <summary>What was uploaded, once it was.</summary>
    public Upload? Uploaded => Volatile.Read(ref _upload);

    /// <summary>Fills the file; once only.</summary>
    public bool TryFill(byte[] bytes, DateTimeOffset now) => Interlocked.CompareExchange(ref _upload, new(bytes, now), null) is null;

    internal sealed record Upload(byte[] Bytes, DateTimeOffset At);
}
