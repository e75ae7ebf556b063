using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace RemixProxy.FunctionalTests.Redis;

/// <summary>Where one value of Redis's protocol (RESP 2) ends and the next begins: a command, or an answer.</summary>
internal static class RespFrame
{
    /// <summary>Takes the first value from the front; false where it has not come whole yet.</summary>
    public static bool TryTake(ref ReadOnlySequence<byte> bytes, out byte[] frame)
    {
        var reader = new SequenceReader<byte>(bytes);
        var isWhole = TrySkip(ref reader);
        frame = isWhole ? bytes.Slice(0, reader.Position).ToArray() : [];
        if (isWhole) bytes = bytes.Slice(reader.Position);
        return isWhole;
    }

    /// <summary>The words of a command.</summary>
    public static string[] Words(byte[] command)
    {
        var reader = new SequenceReader<byte>(new(command));
        var words = new string[Header(ref reader).Count];
        for (var i = 0; i < words.Length; i++)
        {
            var length = Header(ref reader).Count;
            words[i] = Encoding.UTF8.GetString(command.AsSpan((int)reader.Consumed, length));
            reader.Advance(length + "\r\n".Length);
        }

        return words;
    }

    private static bool TrySkip(ref SequenceReader<byte> reader)
    {
        var (kind, count) = Header(ref reader);
        if (kind == 0) return false;
        if (kind == '*')
        {
            for (var i = 0; i < count; i++)
                if (!TrySkip(ref reader)) return false;
        }
        else if (kind == '$' && count >= 0)
        {
            var length = count + "\r\n".Length;
            if (reader.Remaining < length) return false;
            reader.Advance(length);
        }

        return true;
    }

    // The first line: what it is, and how many items or bytes it announces. Zero where it has not come whole.
    private static (byte Kind, int Count) Header(ref SequenceReader<byte> reader)
    {
        if (!reader.TryReadTo(out ReadOnlySpan<byte> line, "\r\n"u8)) return default;
        return (line[0], Utf8Parser.TryParse(line[1..], out int count, out _) ? count : 0);
    }
}
