using System.Buffers;

namespace RemixProxy.Contract;

/// <summary>Reads what another machine sends, up to a bound.</summary>
internal static class BoundedRead
{
    private const int LeastBuffer = 4 << 10;

    /// <summary>The rest of a stream; null where it has more than <paramref name="max"/> bytes.</summary>
    public static async Task<ReadOnlyMemory<byte>?> ToEndAsync(Stream stream, long max, CancellationToken cancellationToken)
    {
        var buffer = new ArrayBufferWriter<byte>(LeastBuffer);
        while (await stream.ReadAsync(buffer.GetMemory(LeastBuffer), cancellationToken) is > 0 and var read)
        {
            buffer.Advance(read);
            if (buffer.WrittenCount > max) return null;
        }

        return buffer.WrittenMemory;
    }
}
