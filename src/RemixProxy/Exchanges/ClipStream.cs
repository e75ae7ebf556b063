using System.Buffers.Text;

namespace RemixProxy.Exchanges;

/// <summary>A clip that stands in a native answer as base64. It is decoded while it is read, in constant memory.</summary>
/// <remarks>
/// It can be read once, from any offset on. A read fails with <see cref="IOException"/> where the answer breaks off or no longer holds these bytes, and with
/// <see cref="TimeoutException"/> where the provider stays silent.
/// </remarks>
internal sealed class ClipStream : Stream
{
    private const int Window = 64 << 10;
    private const int Quad = 4;
    private const int Triple = 3;

    private readonly HttpResponseMessage _response;
    private readonly Stream _source;
    private readonly byte[] _buffer;
    private readonly byte[] _quad = new byte[Quad];
    private readonly byte[] _triple = new byte[Triple];
    private readonly CancellationTokenSource _silent;
    private readonly TimeSpan _patience;
    private JsonBase64 _base64;
    private int _from;
    private int _to;
    private int _pending;
    private int _tripleFrom;
    private int _tripleTo;
    private long _decoded;
    private long _position;
    private bool _isEnded;

    /// <param name="response">The response, which the stream disposes.</param>
    /// <param name="source">The rest of its body.</param>
    /// <param name="text">What was read before, from the first symbol on.</param>
    /// <param name="length">The length of the clip in bytes.</param>
    /// <param name="patience">How long the source may be silent.</param>
    /// <param name="time">The clock.</param>
    public ClipStream(HttpResponseMessage response, Stream source, ReadOnlySpan<byte> text, long length, TimeSpan patience, TimeProvider time)
    {
        (_response, _source, _patience, Length) = (response, source, patience, length);
        _silent = new(Timeout.InfiniteTimeSpan, time);
        _buffer = new byte[Math.Max(Window, text.Length)];
        text.CopyTo(_buffer);
        _to = text.Length;
    }

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length { get; }

    public override long Position
    {
        get => _position;
        set => Seek(value, SeekOrigin.Begin);
    }

    /// <summary>Whether a read failed because the answer holds other bytes than it did when its clips were counted.</summary>
    public bool IsChanged { get; private set; }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty || _position >= Length) return 0;
        if (_decoded < _position) await PassAsync(cancellationToken);
        var read = await DecodeAsync(buffer, cancellationToken);
        _position += read;
        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <summary>Moves on. What lies between is passed at the next read.</summary>
    /// <exception cref="NotSupportedException">The offset lies behind.</exception>
    public override long Seek(long offset, SeekOrigin origin)
    {
        var position = origin switch { SeekOrigin.Begin => offset, SeekOrigin.Current => _position + offset, _ => Length + offset };
        if (position < _decoded) throw new NotSupportedException();
        return _position = position;
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _source.Dispose();
            _response.Dispose();
            _silent.Dispose();
        }

        base.Dispose(disposing);
    }

    private async Task PassAsync(CancellationToken cancellationToken)
    {
        var passed = new byte[Math.Min(Window, _position - _decoded)];
        while (_decoded < _position) await DecodeAsync(passed.AsMemory(0, (int)Math.Min(passed.Length, _position - _decoded)), cancellationToken);
    }

    /// <returns>At least one byte. The last ones come only after the clip's end was seen, because a longer clip is another one.</returns>
    private async ValueTask<int> DecodeAsync(Memory<byte> target, CancellationToken cancellationToken)
    {
        for (var written = 0; ;)
        {
            written += Decode(target.Span[written..]);
            if (written > 0 && (_decoded < Length || _isEnded)) return written;
            if (_isEnded) throw Changed();
            await FillAsync(cancellationToken);
        }
    }

    private int Decode(Span<byte> target)
    {
        var written = TakeTriple(target);
        while (_from < _to && !_isEnded && (written < target.Length || _decoded >= Length))
        {
            var most = Math.Max(Quad, (target.Length - written) / Triple * Quad);
            var part = JsonBase64.First(_buffer.AsSpan(_from, _to - _from), most);
            if (part.Kind == JsonBase64.Kind.Incomplete) break;
            if (part.Kind == JsonBase64.Kind.End)
            {
                if (_base64.Length != Length) throw Changed();
                _isEnded = true;
                EndQuad();
            }
            else
            {
                written += Decode(part, target[written..]);
            }

            written += TakeTriple(target[written..]);
        }

        return written;
    }

    private int Decode(JsonBase64.Part part, Span<byte> target)
    {
        var isWhole = part.Kind == JsonBase64.Kind.Symbols && _pending == 0 && part.Length >= Quad && target.Length >= Triple;
        if (isWhole) part = part with { Length = Math.Min(part.Length / Quad, target.Length / Triple) * Quad };
        else if (part.Kind == JsonBase64.Kind.Symbols) part = part with { Length = 1 };
        if (!_base64.Add(part) || _base64.Count > ((Length * Quad) + Triple - 1) / Triple) throw Changed();
        var text = _buffer.AsSpan(_from, part.Length);
        _from += part.Length;
        if (part.Kind == JsonBase64.Kind.Escaped) AddSymbol(part.Symbol);
        if (part.Kind != JsonBase64.Kind.Symbols) return 0;
        if (!isWhole)
        {
            AddSymbol(text[0]);
            return 0;
        }

        text.Replace((byte)'-', (byte)'+');
        text.Replace((byte)'_', (byte)'/');
        Base64.DecodeFromUtf8(text, target, out _, out var written, isFinalBlock: false);
        _decoded += written;
        return written;
    }

    private void AddSymbol(byte symbol)
    {
        _quad[_pending++] = symbol switch { (byte)'-' => (byte)'+', (byte)'_' => (byte)'/', _ => symbol };
        if (_pending == Quad) DecodeQuad(Triple);
    }

    private void EndQuad()
    {
        if (_pending == 0) return;
        var bytes = _pending - 1;
        _quad.AsSpan(_pending).Fill((byte)'A');
        DecodeQuad(bytes);
    }

    private void DecodeQuad(int bytes)
    {
        Base64.DecodeFromUtf8(_quad, _triple, out _, out _, isFinalBlock: false);
        (_pending, _tripleFrom, _tripleTo) = (0, 0, bytes);
    }

    private int TakeTriple(Span<byte> target)
    {
        var count = Math.Min(_tripleTo - _tripleFrom, target.Length);
        _triple.AsSpan(_tripleFrom, count).CopyTo(target);
        _tripleFrom += count;
        _decoded += count;
        return count;
    }

    private async ValueTask FillAsync(CancellationToken cancellationToken)
    {
        _buffer.AsSpan(_from, _to - _from).CopyTo(_buffer);
        (_from, _to) = (0, _to - _from);
        _silent.CancelAfter(_patience);
        try
        {
            using var gone = cancellationToken.UnsafeRegister(static silent => ((CancellationTokenSource)silent!).Cancel(), _silent);
            var read = await _source.ReadAsync(_buffer.AsMemory(_to), _silent.Token);
            _to += read > 0 ? read : throw new EndOfStreamException("The answer ends in the middle of its clip.");
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException("The provider stayed silent in the middle of a clip.", e);
        }
        catch (Exception e) when (e is HttpRequestException or InvalidDataException or InvalidOperationException)
        {
            throw new IOException("The answer breaks off in the middle of its clip.", e);
        }

        _silent.CancelAfter(Timeout.InfiniteTimeSpan);
    }

    private IOException Changed()
    {
        IsChanged = true;
        return new("The answer no longer holds the clip that it did.");
    }
}
