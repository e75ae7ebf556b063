using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace RemixProxy.FunctionalTests.Redis;

/// <summary>Where one value of Redis's protocol (RESP 2 or 3) ends and the next begins: a command, or an answer.</summary>
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

    /// <summary>
    /// Whether it answers no command: a message to a subscriber, on a connection that also answers commands. The confirmation of a subscription is an answer.
    /// </summary>
    public static bool IsMessage(byte[] answer) => answer[0] == '>' && answer.AsSpan().IndexOf("subscribe"u8) < 0;

    private static bool TrySkip(ref SequenceReader<byte> reader)
    {
        var (kind, count) = Header(ref reader);
        if (kind == 0) return false;
        // An array, a set, or a message to a subscriber; a map, and attributes before a value, consist of pairs.
        if (kind is (byte)'*' or (byte)'~' or (byte)'>' or (byte)'%' or (byte)'|')
        {
            var values = kind switch { (byte)'%' => 2 * count, (byte)'|' => (2 * count) + 1, _ => count };
            for (var i = 0; i < values; i++)
                if (!TrySkip(ref reader)) return false;
        }
        else if (kind is (byte)'$' or (byte)'=' or (byte)'!' && count >= 0)
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
