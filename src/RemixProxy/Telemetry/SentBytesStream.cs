using Microsoft.AspNetCore.Http;

namespace RemixProxy.Telemetry;

/// <summary>Counts the bytes of an answer as they are written to the caller.</summary>
/// <param name="inner">The answer's body.</param>
/// <param name="sent">Gets the number of bytes of each write.</param>
internal sealed class SentBytesStream(Stream inner, Action<int> sent) : Stream
{
    /// <summary>Counts what is written to the caller until the returned object is disposed.</summary>
    /// <param name="response">The answer.</param>
    /// <param name="sent">Gets the number of bytes of each write.</param>
    public static IDisposable Count(HttpResponse response, Action<int> sent)
    {
        var body = response.Body;
        response.Body = new SentBytesStream(body, sent);
        return new Counting(response, body);
    }

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Flush() => inner.Flush();

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public override void Write(byte[] buffer, int offset, int count)
    {
        inner.Write(buffer, offset, count);
        sent(count);
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await inner.WriteAsync(buffer, cancellationToken);
        sent(buffer.Length);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private sealed class Counting(HttpResponse response, Stream body) : IDisposable
    {
        public void Dispose() => response.Body = body;
    }
}
