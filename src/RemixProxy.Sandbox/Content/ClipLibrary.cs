using System.Globalization;
using RemixProxy.Sandbox.Jobs;

namespace RemixProxy.Sandbox.Content;

/// <summary>The clips and images embedded in this assembly.</summary>
internal sealed class ClipLibrary
{
    private static readonly ClipLook[] Looks = Enum.GetValues<ClipLook>();

    private readonly Dictionary<(ClipLook Look, ClipShape Shape), Clip> _clips = [];

    public ClipLibrary()
    {
        foreach (var look in Looks)
        {
            foreach (var shape in Enum.GetValues<ClipShape>())
                _clips[(look, shape)] = new(look, shape, Read($"{look}-{shape}.mp4".ToLowerInvariant()));
        }
    }

    public byte[] Thumbnail { get; } = Read("thumbnail.webp");

    public byte[] Spritesheet { get; } = Read("spritesheet.jpg");

    /// <summary>A look by hash. An edit never looks like its source, an extension always does.</summary>
    public Clip Choose(uint hash, JobOrder order)
    {
        var look = Looks[hash % (uint)Looks.Length];
        if (order.SourceClip is { } source && order.Kind == JobKind.Extend)
            look = source.Look;
        else if (order.SourceClip?.Look == look)
            look = Looks[((int)look + 1) % Looks.Length];
        return _clips[(look, order.Shape)];
    }

    /// <summary>The clip with exactly these bytes: one that came back as an upload.</summary>
    public Clip? Recognise(ReadOnlySpan<byte> bytes)
    {
        foreach (var clip in _clips.Values)
        {
            if (bytes.SequenceEqual(clip.Bytes))
                return clip;
        }

        return null;
    }

    /// <summary>The shape nearest to a ratio written as "16:9", "1280:720" or "1280x720"; landscape where it can't be read.</summary>
    public static ClipShape ShapeOf(string? ratio)
    {
        string[] sides = (ratio ?? "").Split(':', 'x');
        if (sides.Length != 2 || !double.TryParse(sides[0], CultureInfo.InvariantCulture, out double width)
            || !double.TryParse(sides[1], CultureInfo.InvariantCulture, out double height))
            return ClipShape.Landscape;
        return (width / height) switch
        {
            > 1.15 => ClipShape.Landscape,
            < 0.87 => ClipShape.Portrait,
            _ => ClipShape.Square,
        };
    }

    private static byte[] Read(string name)
    {
        using var stream = typeof(ClipLibrary).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The embedded file {name} is missing.");
        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
