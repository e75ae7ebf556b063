using System.Buffers.Binary;
using RemixProxy.Adapters;

namespace RemixProxy.Operations.Submit;

/// <summary>Size and length of an uploaded clip, as the header of an MP4 or QuickTime file says. No package that reads just this was found.</summary>
/// <param name="Size">The size in pixels, turned as players show it; null where the header does not say.</param>
/// <param name="Seconds">The length in seconds; null where the header does not say.</param>
internal sealed record ClipHeader(VideoSize? Size, decimal? Seconds)
{
    private const int MaxBoxes = 1000;
    private const int MaxSeconds = 24 * 3600;
    private const int FileHeader = 8;
    private const int LongFileHeader = 16;

    /// <summary>Reads a file; its header may stand at its end. A file of another kind, or a broken one, says nothing.</summary>
    public static async ValueTask<ClipHeader> ReadAsync(MediaFile file, CancellationToken cancellationToken)
    {
        await using var stream = await file.Open(cancellationToken);
        var reader = new Reader(stream);
        if (stream.CanSeek) await reader.ReadAsync(0, stream.Length, cancellationToken);
        return new(reader.Size, reader.Seconds);
    }

    private sealed class Reader(Stream stream)
    {
        private readonly byte[] _buffer = new byte[96];
        private int _boxes;

        public VideoSize? Size { get; private set; }

        public decimal? Seconds { get; private set; }

        /// <summary>Reads the boxes between two positions. The number of boxes is bounded, so a file can't keep the reader busy.</summary>
        public async ValueTask ReadAsync(long from, long to, CancellationToken cancellationToken)
        {
            while (to - from >= FileHeader && _boxes++ < MaxBoxes)
            {
                var head = await FillAsync(from, LongFileHeader, cancellationToken);
                if (head.Length < FileHeader) return;
                var (size, type, start) = ((long)BinaryPrimitives.ReadUInt32BigEndian(head.Span), TypeOf(head.Span), FileHeader);
                if (size == 0) size = to - from;
                if (size == 1 && head.Length == LongFileHeader) (size, start) = (BinaryPrimitives.ReadInt64BigEndian(head.Span[FileHeader..]), LongFileHeader);
                if (size < start || size > to - from) return;
                if (type is "moov" or "trak") await ReadAsync(from + start, from + size, cancellationToken);
                if (type == "mvhd") Seconds ??= LengthOf((await FillAsync(from + start, size - start, cancellationToken)).Span);
                if (type == "tkhd") Size ??= SizeOf((await FillAsync(from + start, size - start, cancellationToken)).Span);
                from += size;
            }
        }

        private async ValueTask<ReadOnlyMemory<byte>> FillAsync(long at, long count, CancellationToken cancellationToken)
        {
            stream.Position = at;
            var wanted = _buffer.AsMemory(0, (int)Math.Min(count, _buffer.Length));
            return wanted[..await stream.ReadAtLeastAsync(wanted, wanted.Length, throwOnEndOfStream: false, cancellationToken)];
        }

        private static string TypeOf(ReadOnlySpan<byte> head) => System.Text.Encoding.ASCII.GetString(head.Slice(4, 4));

        // Version 1 has times of eight bytes. All bits set means unknown.
        private static decimal? LengthOf(ReadOnlySpan<byte> box)
        {
            var isLong = box is [1, ..];
            if (box.Length < (isLong ? 32 : 20)) return null;
            var scale = BinaryPrimitives.ReadUInt32BigEndian(box[(isLong ? 20 : 12)..]);
            ulong length = isLong ? BinaryPrimitives.ReadUInt64BigEndian(box[24..]) : BinaryPrimitives.ReadUInt32BigEndian(box[16..]);
            var isKnown = scale > 0 && length > 0 && length != (isLong ? ulong.MaxValue : uint.MaxValue);
            return isKnown && (decimal)length / scale is <= MaxSeconds and var seconds ? Math.Round(seconds, 2) : null;
        }

        // Sides are fixed-point numbers. A matrix without its diagonal turns the picture by a quarter. A sound track has no sides.
        private static VideoSize? SizeOf(ReadOnlySpan<byte> box)
        {
            var matrix = box is [1, ..] ? 52 : 40;
            if (box.Length < matrix + 44) return null;
            var (width, height) = (BinaryPrimitives.ReadUInt16BigEndian(box[(matrix + 36)..]), BinaryPrimitives.ReadUInt16BigEndian(box[(matrix + 40)..]));
            var isTurned = BinaryPrimitives.ReadInt32BigEndian(box[matrix..]) == 0 && BinaryPrimitives.ReadInt32BigEndian(box[(matrix + 16)..]) == 0;
            return VideoSize.TryParse(isTurned ? Invariant($"{height}x{width}") : Invariant($"{width}x{height}"), out var size) ? size : null;
        }
    }
}
