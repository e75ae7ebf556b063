using System.Buffers.Text;
using System.Text;

namespace RemixProxy.TestKit;

/// <summary>The text of an answer with a clip in it as base64; made while it is read, so that nobody holds it.</summary>
/// <param name="head">What stands before the base64.</param>
/// <param name="length">The length of the clip.</param>
/// <param name="tail">What stands behind the base64.</param>
internal sealed class ClipAnswer(string head, int length, string tail) : Stream
{
    private const int Chunk = 3 << 12;

    private readonly byte[] _bytes = new byte[Chunk];
    private readonly byte[] _text = new byte[Math.Max(Chunk / 3 * 4, Math.Max(head.Length, tail.Length))];
    private int _made = -1;
    private int _from;
    private int _to;
    private bool _isEnded;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => head.Length + ((length + 2L) / 3 * 4) + tail.Length;

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>A byte of the clip.</summary>
    public static byte At(long index) => (byte)((index * 31) + (index >> 8) + (index >> 16));

    public override int Read(Span<byte> buffer)
    {
        if (_from == _to) Make();
        var count = Math.Min(buffer.Length, _to - _from);
        _text.AsSpan(_from, count).CopyTo(buffer);
        _from += count;
        return count;
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(Read(buffer.Span));

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    private void Make()
    {
        _from = 0;
        if (_made < 0)
        {
            (_made, _to) = (0, Encoding.ASCII.GetBytes(head, _text));
            return;
        }

        var count = Math.Min(Chunk, length - _made);
        if (count == 0)
        {
            _to = _isEnded ? 0 : Encoding.ASCII.GetBytes(tail, _text);
            _isEnded = true;
            return;
        }

        for (var i = 0; i < count; i++) _bytes[i] = At(_made + i);
        Base64.EncodeToUtf8(_bytes.AsSpan(0, count), _text, out _, out _to);
        _made += count;
    }
}
