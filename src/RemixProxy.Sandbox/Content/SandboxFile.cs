using RemixProxy.Sandbox.Jobs;

namespace RemixProxy.Sandbox.Content;

/// <summary>A file of an account: an upload, first announced, then filled; or the output of a job.</summary>
internal sealed class SandboxFile(string id, string fileName, string contentType, DateTimeOffset created)
{
    private readonly Lock _lock = new();
    private readonly List<byte> _chunks = [];
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

    /// <summary>Adds a chunk that begins where the last one ended; the file is filled with all of them by its last.</summary>
    public bool TryAppend(long offset, byte[] chunk, bool isLast, DateTimeOffset now)
    {
        lock (_lock)
        {
            if (offset != _chunks.Count || Uploaded is not null)
                return false;
            _chunks.AddRange(chunk);
            return !isLast || TryFill([.. _chunks], now);
        }
    }

    internal sealed record Upload(byte[] Bytes, DateTimeOffset At);
}
