using System.Buffers.Binary;
using System.Text;

namespace RemixProxy.FunctionalTests.Telemetry;

/// <summary>
/// A protobuf message's fields as they are on the wire, asked for by number. What is not there is protobuf's default; of what is there twice the last counts.
/// </summary>
internal sealed class ProtobufMessage
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly List<(int Number, ulong Value, ReadOnlyMemory<byte> Bytes)> _fields = [];

    /// <exception cref="InvalidDataException">These bytes are no message.</exception>
    public ProtobufMessage(ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var key = ReadVarint(ref bytes);
            var number = key >> 3 is > 0 and < 1 << 29 and var n ? (int)n : throw new InvalidDataException($"There is no field {key >> 3}.");
            _fields.Add((key & 7) switch
            {
                0 => (number, ReadVarint(ref bytes), default),
                1 => (number, BinaryPrimitives.ReadUInt64LittleEndian(Take(ref bytes, 8).Span), default),
                2 => (number, 0, Take(ref bytes, ReadVarint(ref bytes))),
                5 => (number, BinaryPrimitives.ReadUInt32LittleEndian(Take(ref bytes, 4).Span), default),
                var type => throw new InvalidDataException($"Field {number} has the unknown type {type}."),
            });
        }
    }

    public bool Has(int number) => _fields.Exists(f => f.Number == number);

    /// <summary>A whole number as it is, a fractional one as its bits.</summary>
    public ulong Number(int number) => _fields.FindLast(f => f.Number == number).Value;

    public ReadOnlyMemory<byte> Bytes(int number) => _fields.FindLast(f => f.Number == number).Bytes;

    public string Text(int number) => StrictUtf8.GetString(Bytes(number).Span);

    public string Hex(int number) => Convert.ToHexStringLower(Bytes(number).Span);

    public ProtobufMessage Message(int number) => new(Bytes(number));

    public IEnumerable<ProtobufMessage> Messages(int number) => _fields.Where(f => f.Number == number).Select(f => new ProtobufMessage(f.Bytes));

    private static ulong ReadVarint(ref ReadOnlyMemory<byte> bytes)
    {
        var value = 0UL;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var part = Take(ref bytes, 1).Span[0];
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80) return value;
        }

        throw new InvalidDataException("A number has more than 10 bytes.");
    }

    private static ReadOnlyMemory<byte> Take(ref ReadOnlyMemory<byte> bytes, ulong count)
    {
        if (count > (ulong)bytes.Length) throw new InvalidDataException($"The message ends {count - (ulong)bytes.Length} bytes early.");
        var taken = bytes[..(int)count];
        bytes = bytes[(int)count..];
        return taken;
    }
}
