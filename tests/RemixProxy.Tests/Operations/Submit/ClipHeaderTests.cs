using System.Buffers.Binary;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using RemixProxy.Adapters;
using RemixProxy.Operations.Submit;
using RemixProxy.TestKit;

namespace RemixProxy.Tests.Operations.Submit;

/// <summary>What the header of an uploaded clip says.</summary>
public class ClipHeaderTests
{
    [Fact]
    public async Task Real_clips_have_size_and_length()
    {
        foreach (var path in Directory.EnumerateFiles(Path.Combine(Repository.Root, "src", "RemixProxy.Sandbox", "Clips"), "*.mp4"))
        {
            var clip = await ReadAsync(await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken));
            var (width, height) = clip.Size!.Value;
            Assert.Equal(Path.GetFileNameWithoutExtension(path).Split('-')[^1] switch { "portrait" => -1, "landscape" => 1, _ => 0 }, width.CompareTo(height));
            Assert.InRange(clip.Seconds!.Value, 0.5m, 60);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task The_header_may_stand_at_the_end_and_have_either_version(byte version)
    {
        byte[] file =
        [
            .. Box("ftyp", [1, 2, 3, 4]), .. Box("mdat", new byte[1000], isLong: true),
            .. Box("moov",
            [
                .. Box("mvhd", Mvhd(version, 600, 3003)), .. Box("trak", Box("tkhd", Tkhd(version, 0, 0))),
                .. Box("trak", Box("tkhd", Tkhd(version, 1280, 720))),
            ]),
        ];
        // 5.005 seconds.
        Assert.Equal(new(new VideoSize(1280, 720), 5m), await ReadAsync(file));
    }

    [Fact]
    public async Task A_turned_picture_is_as_players_show_it()
    {
        var tkhd = Tkhd(0, 1280, 720);
        tkhd.AsSpan(40, 36).Clear();
        BinaryPrimitives.WriteInt32BigEndian(tkhd.AsSpan(44), 0x10000);
        Assert.Equal(new VideoSize(720, 1280), (await ReadAsync(Box("moov", Box("trak", Box("tkhd", tkhd))))).Size);
    }

    [Theory]
    [InlineData(0, 3000u)]
    [InlineData(600, 0u)]
    [InlineData(600, uint.MaxValue)]
    [InlineData(1, 4_000_000_000u)]
    public async Task A_length_that_can_t_be_is_unknown(uint scale, uint length) =>
        Assert.Equal(new(null, null), await ReadAsync(Box("moov", Box("mvhd", Mvhd(0, scale, length)))));

    [Fact]
    public async Task A_file_of_many_boxes_ends_early()
    {
        var file = Enumerable.Repeat(Box("free", []), 100_000).SelectMany(b => b).Concat(Box("moov", Box("mvhd", Mvhd(0, 1, 5)))).ToArray();
        Assert.Equal(new(null, null), await ReadAsync(file));
        // A box inside itself, as deep as the bytes go.
        Assert.Equal(new(null, null), await ReadAsync([.. Enumerable.Repeat("\0\0\0\0moov"u8.ToArray(), 10_000).SelectMany(b => b)]));
    }

    /// <summary>No bytes make it fail, and what it says is within bounds.</summary>
    [Fact]
    public void Hostile_bytes_say_nothing_or_something_possible()
    {
        byte[] good = [.. Box("moov", [.. Box("mvhd", Mvhd(1, 600, 3000)), .. Box("trak", Box("tkhd", Tkhd(1, 1280, 720)))])];
        Prop.ForAll<byte[]>(IsPossible).QuickCheckThrowOnFailure();
        Prop.ForAll<int[], byte, NonNegativeInt>((places, value, length) =>
        {
            var copy = good.ToArray();
            foreach (var place in places) copy[(int)((uint)place % (uint)copy.Length)] = (byte)(value ^ place);
            return IsPossible(copy[..(copy.Length - (length.Get % 8))]);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));
    }

    private static bool IsPossible(byte[] bytes)
    {
        var clip = ReadAsync(bytes).AsTask().GetAwaiter().GetResult();
        return (clip.Seconds is null or (>= 0 and <= 86_400)) && (clip.Size is null or { Width: > 0 and <= 16384, Height: > 0 and <= 16384 });
    }

    private static ValueTask<ClipHeader> ReadAsync(byte[] bytes) => ClipHeader.ReadAsync(MediaFile.From("x.mp4", "video/mp4", bytes), CancellationToken.None);

    private static byte[] Box(string type, byte[] content, bool isLong = false)
    {
        var head = new byte[isLong ? 16 : 8];
        BinaryPrimitives.WriteUInt32BigEndian(head, isLong ? 1 : (uint)(8 + content.Length));
        Encoding.ASCII.GetBytes(type, head.AsSpan(4));
        if (isLong) BinaryPrimitives.WriteInt64BigEndian(head.AsSpan(8), 16 + content.Length);
        return [.. head, .. content];
    }

    private static byte[] Mvhd(byte version, uint scale, uint length)
    {
        var box = new byte[version == 1 ? 112 : 100];
        box[0] = version;
        BinaryPrimitives.WriteUInt32BigEndian(box.AsSpan(version == 1 ? 20 : 12), scale);
        BinaryPrimitives.WriteUInt32BigEndian(box.AsSpan(version == 1 ? 28 : 16), length);
        return box;
    }

    private static byte[] Tkhd(byte version, ushort width, ushort height)
    {
        var matrix = version == 1 ? 52 : 40;
        var box = new byte[matrix + 44];
        box[0] = version;
        BinaryPrimitives.WriteInt32BigEndian(box.AsSpan(matrix), 0x10000);
        BinaryPrimitives.WriteInt32BigEndian(box.AsSpan(matrix + 16), 0x10000);
        BinaryPrimitives.WriteUInt16BigEndian(box.AsSpan(matrix + 36), width);
        BinaryPrimitives.WriteUInt16BigEndian(box.AsSpan(matrix + 40), height);
        return box;
    }
}
