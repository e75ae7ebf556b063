using System.Text;
using RemixProxy.Adapters;

namespace RemixProxy.Exchanges;

/// <summary>
/// Scans a native answer while it comes in, and puts a <see cref="ClipMark"/> in the place of each long base64 text, alone or in a data URL, so that nobody
/// holds a clip. All other bytes stay as they are, also those of an answer that is no JSON. How the bytes are split into reads changes nothing.
/// </summary>
/// <param name="clips">Numbers the clips.</param>
/// <param name="opens">Whether the scan ends at the wanted clip.</param>
internal sealed class ClipScanner(AnswerClips clips, bool opens)
{
    /// <summary>A longer base64 text is a clip's, in bytes of JSON. With what usually stands around it, it is held as part of a short answer.</summary>
    public const int LongestText = 32 << 10;

    private const int LongestHead = 256;

    private State _state;
    private JsonBase64 _base64;
    private int _number;
    private int _start;
    private int _kept;
    private int _from;

    private enum State
    {
        /// <summary>Outside of strings.</summary>
        Outside,

        /// <summary>In a string, or behind the comma of a data URL: all that came is base64.</summary>
        Base64,

        /// <summary>Before the comma of a data URL.</summary>
        Head,

        /// <summary>In a string that is no base64.</summary>
        Text,

        /// <summary>In the base64 of a clip.</summary>
        Clip,

        /// <summary>In a clip's text, behind what is no base64.</summary>
        Broken,
    }

    /// <summary>Where in the buffer the text of the wanted clip begins; null if the scan has not met it.</summary>
    public int? WantedAt { get; private set; }

    /// <summary>Scans bytes in place.</summary>
    /// <param name="buffer">What was kept of the answer, and behind it what was read.</param>
    /// <param name="kept">How much was kept; afterwards, how much now is.</param>
    /// <param name="read">Where what was read ends.</param>
    /// <returns>How many bytes stand behind those that are kept: half an escape, to be scanned with what comes next.</returns>
    public int Scan(Span<byte> buffer, ref int kept, int read)
    {
        (_kept, _from) = (kept, kept);
        while (_from < read && WantedAt is null)
        {
            if (!Step(buffer, buffer[_from..read])) break;
        }

        buffer[_from..read].CopyTo(buffer[_kept..]);
        kept = _kept;
        return read - _from;
    }

    /// <returns>Whether there was enough to go on.</returns>
    private bool Step(Span<byte> buffer, ReadOnlySpan<byte> text) => _state switch
    {
        State.Outside => Outside(buffer, text),
        State.Base64 => Base64(buffer, text),
        State.Head => Head(buffer, text),
        State.Clip => Clip(buffer, text),
        _ => Text(buffer, text),
    };

    private bool Outside(Span<byte> buffer, ReadOnlySpan<byte> text)
    {
        var quote = text.IndexOf((byte)'"');
        Keep(buffer, quote < 0 ? text.Length : quote + 1);
        if (quote >= 0) Begin();
        return true;
    }

    private bool Base64(Span<byte> buffer, ReadOnlySpan<byte> text)
    {
        var part = JsonBase64.First(text);
        switch (part.Kind)
        {
            case JsonBase64.Kind.Incomplete:
                return false;
            case JsonBase64.Kind.End:
                Keep(buffer, part.Length);
                _state = State.Outside;
                return true;
            case JsonBase64.Kind.Other when text[0] == ':' && Ascii.EqualsIgnoreCase(buffer[_start.._kept], "data"u8):
                _state = State.Head;
                return true;
            case var _ when !_base64.Add(part):
                _state = State.Text;
                return true;
            default:
                Keep(buffer, part.Length);
                if (_kept - _start > LongestText) Leave();
                return true;
        }
    }

    private bool Head(Span<byte> buffer, ReadOnlySpan<byte> text)
    {
        var end = text.IndexOfAny((byte)',', (byte)'"', (byte)'\\');
        if (end < 0 || text[end] == '"')
        {
            Keep(buffer, end < 0 ? text.Length : end);
            if (end >= 0) _state = State.Text;
            return true;
        }

        if (text[end] == '\\') return Pass(buffer, text, end);
        Keep(buffer, end + 1);
        var head = buffer[_start.._kept];
        if (head.Length <= LongestHead && Ascii.EqualsIgnoreCase(head[^Math.Min(head.Length, 8)..], ";base64,"u8)) Begin();
        else _state = State.Text;
        return true;
    }

    private bool Text(Span<byte> buffer, ReadOnlySpan<byte> text)
    {
        var end = text.IndexOfAny((byte)'"', (byte)'\\');
        if (end < 0 || text[end] == '\\') return Pass(buffer, text, end);
        if (end > 0) Skip(buffer, end);
        if (_state == State.Broken) End(buffer, 0);
        else Keep(buffer, 1);
        _state = State.Outside;
        return true;
    }

    private bool Clip(Span<byte> buffer, ReadOnlySpan<byte> text)
    {
        var part = JsonBase64.First(text);
        if (part.Kind == JsonBase64.Kind.Incomplete) return false;
        if (part.Kind == JsonBase64.Kind.End) End(buffer, _base64.Length ?? 0);
        else if (_base64.Add(part)) _from += part.Length;
        else _state = State.Broken;
        return true;
    }

    private void Begin() => (_state, _start, _base64) = (State.Base64, _kept, default);

    private void Leave()
    {
        _number = clips.Next();
        if (opens && clips.IsWanted(_number)) WantedAt = _start;
        else (_state, _kept) = (State.Clip, _start + ClipMark.JsonLength);
    }

    private void End(Span<byte> buffer, long length)
    {
        new ClipMark(_number, length).Write(buffer[_start..]);
        Keep(buffer, 1);
        _state = State.Outside;
    }

    // An escaped quote ends no string.
    private bool Pass(Span<byte> buffer, ReadOnlySpan<byte> text, int escape)
    {
        if (escape == 0 && text.Length == 1) return false;
        Skip(buffer, escape switch { < 0 => text.Length, 0 => 2, _ => escape });
        return true;
    }

    private void Skip(Span<byte> buffer, int count)
    {
        if (_state == State.Broken) _from += count;
        else Keep(buffer, count);
    }

    private void Keep(Span<byte> buffer, int count)
    {
        if (_kept != _from) buffer.Slice(_from, count).CopyTo(buffer[_kept..]);
        _kept += count;
        _from += count;
    }
}
