using System.Globalization;
using System.Text;

namespace RemixProxy.Exchanges;

/// <summary>
/// The stream of an HTTP/1.1 connection. While a write waits, and after one has failed, it looks whether the server has answered already: .NET's handler reads
/// nothing before the whole body is written, and would lose an early refusal with the connection.
/// </summary>
/// <remarks>
/// An early status from 300 on ends the body: the rest of it is dropped, and the handler gets the answer with <c>Connection: close</c> and
/// <see cref="Option"/>. Any other early answer changes nothing. A write that does not wait costs nothing.
/// </remarks>
internal sealed class EarlyAnswerStream(Stream inner) : Stream
{
    /// <summary>The option of the header <c>Connection</c> by which the exchange knows an answer to a body that was not written to its end.</summary>
    public const string Option = "answered-early";

    private const int MaxHead = 16 << 10;
    private const int ShortestRead = 2 << 10;

    private static readonly byte[] CloseLine = Encoding.ASCII.GetBytes($"Connection: close, {Option}\r\n");

    private byte[] _seen = [];
    private Task<bool>? _look;
    private bool _isAnswered;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Whether a server that answers with this status wants no more of the body.</summary>
    public static bool IsRefusal(int status) => status >= 300;

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_isAnswered) return ValueTask.CompletedTask;
        var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var write = inner.WriteAsync(buffer, stop.Token);
        if (!write.IsCompletedSuccessfully) return WriteAndLookAsync(write.AsTask(), stop, cancellationToken);
        stop.Dispose();
        return write;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_look is { } look) await look.WaitAsync(cancellationToken);
        _look = null;
        if (_seen.Length == 0) return await inner.ReadAsync(buffer, cancellationToken);
        var count = Math.Min(_seen.Length, buffer.Length);
        _seen.AsMemory(0, count).CopyTo(buffer);
        _seen = _seen[count..];
        return count;
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => _isAnswered ? Task.CompletedTask : inner.FlushAsync(cancellationToken);

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing) inner.Dispose();
        base.Dispose(disposing);
    }

    private async ValueTask WriteAndLookAsync(Task write, CancellationTokenSource stop, CancellationToken cancellationToken)
    {
        using (stop)
        {
            _look ??= LookAsync();
            await Task.WhenAny(write, _look);
            if (!write.IsCompleted && await _look)
            {
                // The buffer is another's after this method returns, so the write must have ended by then.
                await stop.CancelAsync();
                await write.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                _isAnswered = true;
                return;
            }

            try
            {
                await write;
            }
            catch (IOException) when (!cancellationToken.IsCancellationRequested)
            {
                // The server has closed the connection. What it said before can still be read.
                if (!await _look) throw;
                _isAnswered = true;
            }
        }
    }

    /// <summary>Reads until the status line of the final answer is there.</summary>
    /// <returns>Whether the answer is a refusal.</returns>
    private async Task<bool> LookAsync()
    {
        try
        {
            var buffer = new byte[ShortestRead];
            while (_seen.Length < MaxHead)
            {
                var read = await inner.ReadAsync(buffer);
                if (read == 0) return false;
                _seen = [.. _seen, .. buffer.AsSpan(0, read)];
                if (FinalStatus(_seen) is not var (status, end)) continue;
                if (!IsRefusal(status)) return false;
                _seen = [.. _seen.AsSpan(0, end), .. CloseLine, .. _seen.AsSpan(end)];
                return true;
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The handler's own read finds the same.
        }

        return false;
    }

    /// <returns>The status of the first answer that isn't 1xx, and where its status line ends; null where there is none yet.</returns>
    private static (int Status, int End)? FinalStatus(ReadOnlySpan<byte> bytes)
    {
        for (var start = 0; bytes[start..].IndexOf("\r\n"u8) is >= 0 and var length;)
        {
            var line = bytes.Slice(start, length);
            // HTTP/1.1 413 Content Too Large
            if (line.Length < 12 || !int.TryParse(line[9..12], NumberStyles.None, CultureInfo.InvariantCulture, out var status)) return (0, 0);
            if (status is < 100 or >= 200) return (status, start + length + 2);
            var interim = bytes[start..].IndexOf("\r\n\r\n"u8);
            if (interim < 0) return null;
            start += interim + 4;
        }

        return null;
    }
}
