using RemixProxy.Contract;

namespace RemixProxy.Operations.Submit;

/// <summary>A request body that may be read up to its own limit, in bytes, and up to the process's <see cref="BodyBudget"/>.</summary>
internal sealed class BoundedBody(Stream body, long limit, BodyBudget.Lease lease) : Stream
{
    private long _read;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => _read;
        set => throw new NotSupportedException();
    }

    public static ApiException TooLarge(long limit) => new(new(413, "request_too_large", Invariant($"The request body is larger than {limit} bytes.")));

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await body.ReadAsync(buffer, cancellationToken);
        _read += read;
        if (_read > limit) throw TooLarge(limit);
        if (lease.Add(read) is { } full) throw new ApiException(full);
        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
