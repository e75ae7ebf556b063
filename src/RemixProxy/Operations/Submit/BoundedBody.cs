using RemixProxy.Contract;

namespace RemixProxy.Operations.Submit;

/// <summary>A request body that may be read up to its own limit, in bytes, and up to the process's <see cref="BodyBudget"/>.</summary>
/// <param name="body">The body.</param>
/// <param name="length">The length that the caller announces, in bytes; null if it announces none.</param>
/// <param name="limit">The most bytes.</param>
/// <param name="lease">Pays for the memory that the body takes.</param>
internal sealed class BoundedBody(Stream body, long? length, long limit, BodyBudget.Lease lease) : Stream
{
    private const int FirstBuffer = 4 << 10;

    /// <summary>A body that has sent this much gets room for all that it announces. So its last buffer is as large as it is.</summary>
    private const int IsEarnest = 1 << 20;

    /// <summary>The most that a buffer may have in excess before it is exchanged for a fitting one, in bytes and in parts of what it holds.</summary>
    private const int LeastWaste = 1 << 10;
    private const int WastePart = 4;

    /// <summary>What a reader of forms may have read ahead of its part, in bytes.</summary>
    private const int ReadAhead = 8 << 10;

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
        return read;
    }

    /// <summary>Reads this body or a part of it to its end, into memory that the lease has paid for.</summary>
    /// <exception cref="ApiException">413, or 503 if this process now holds more than it may.</exception>
    public async ValueTask<Memory<byte>> ReadToEndAsync(Stream part, CancellationToken cancellationToken)
    {
        var (buffer, count, probe) = (Array.Empty<byte>(), 0, new byte[1]);
        while (true)
        {
            var isFull = count == buffer.Length;
            var read = await part.ReadAsync(isFull ? probe : buffer.AsMemory(count), cancellationToken);
            if (read == 0) break;
            if (isFull)
            {
                buffer = Resized(buffer, count, NextSize(count, ReferenceEquals(part, this) ? 0 : ReadAhead));
                buffer[count] = probe[0];
            }

            count += read;
        }

        return buffer.Length - count <= Math.Max(LeastWaste, count / WastePart) ? buffer.AsMemory(0, count) : Resized(buffer, count, count);
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

    private byte[] Resized(byte[] buffer, int count, int size)
    {
        if (lease.Add(size) is { } full) throw new ApiException(full);
        var other = GC.AllocateUninitializedArray<byte>(size);
        buffer.AsSpan(0, count).CopyTo(other);
        lease.Return(buffer.Length);
        return other;
    }

    private int NextSize(int count, int ahead)
    {
        // One byte more than the count is in hand already.
        var rest = length is { } all ? count + 1 + ahead + Math.Max(0, all - _read) : limit + 1;
        long next = length is not null && count >= IsEarnest ? rest : Math.Max(FirstBuffer, 2L * count);
        return (int)Math.Clamp(Math.Min(next, rest), count + 1L, Array.MaxLength);
    }
}
