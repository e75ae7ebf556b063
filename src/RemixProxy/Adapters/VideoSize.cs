using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace RemixProxy.Adapters;

/// <summary>Pixels of a video.</summary>
/// <param name="Width">1–16384.</param>
/// <param name="Height">1–16384.</param>
public readonly record struct VideoSize(int Width, int Height)
{
    private const int MaxSide = 16384;

    /// <summary>Reads <c>WxH</c>.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out VideoSize size)
    {
        size = default;
        var cross = text?.IndexOf('x', StringComparison.OrdinalIgnoreCase) ?? -1;
        if (cross < 0 || !TrySide(text.AsSpan(0, cross), out var width) || !TrySide(text.AsSpan(cross + 1), out var height)) return false;
        size = new(width, height);
        return true;
    }

    /// <inheritdoc />
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Width}x{Height}");

    private static bool TrySide(ReadOnlySpan<char> text, out int side) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out side) && side is > 0 and <= MaxSide;
}

/// <summary>A size that a model makes, and how its provider says it.</summary>
/// <param name="Aspect">The aspect ratio, e.g. <c>16:9</c>.</param>
/// <param name="Resolution">The provider's word for the tier, e.g. <c>720p</c>.</param>
/// <param name="Pixels">What comes out.</param>
public sealed record SizeOption(string Aspect, string Resolution, VideoSize Pixels)
{
    /// <summary>
    /// The option nearest to a wish: itself where it is offered, else first the nearest aspect ratio, by logarithm, then the tier of the wish's short side or
    /// the next one below it, else the lowest.
    /// </summary>
    /// <param name="options">At least one; where two ratios are equally near the first wins.</param>
    /// <param name="wish">The size wished for.</param>
    public static SizeOption Fit(IReadOnlyList<SizeOption> options, VideoSize wish)
    {
        if (options.FirstOrDefault(o => o.Pixels == wish) is { } exact) return exact;
        var aspect = options.MinBy(o => Math.Round(Math.Abs(LogRatio(o.Pixels) - LogRatio(wish)), 3))!.Aspect;
        var tier = Tier(Math.Min(wish.Width, wish.Height));
        var sameShape = options.Where(o => o.Aspect == aspect).OrderBy(o => ShortSide(o)).ToArray();
        return sameShape.LastOrDefault(o => ShortSide(o) <= tier) ?? sameShape[0];
    }

    /// <summary>The options that the field <c>aspect_ratio</c> leaves: a ratio by its name, or as pixels <c>W:H</c>.</summary>
    internal static IReadOnlyList<SizeOption> OfAspect(IReadOnlyList<SizeOption> options, FieldReader reader) =>
        Narrow(options, reader, "aspect_ratio", o => o.Aspect, (o, aspect) => o.Aspect == aspect || Invariant($"{o.Pixels.Width}:{o.Pixels.Height}") == aspect);

    /// <summary>The options that the field <c>resolution</c> leaves.</summary>
    internal static IReadOnlyList<SizeOption> AtResolution(IReadOnlyList<SizeOption> options, FieldReader reader) =>
        Narrow(options, reader, "resolution", o => o.Resolution, (o, resolution) => o.Resolution.Equals(resolution, StringComparison.OrdinalIgnoreCase));

    private static IReadOnlyList<SizeOption> Narrow(
        IReadOnlyList<SizeOption> options, FieldReader reader, string field, Func<SizeOption, string> name, Func<SizeOption, string, bool> matches)
    {
        if (options.Count == 0 || reader.Text(field) is not { } value) return options;
        var left = options.Where(o => matches(o, value)).ToArray();
        return left.Length > 0
            ? left
            : throw new VideoRequestException("invalid_value", field, $"'{field}' must be one of {string.Join(", ", options.Select(name).Distinct())}.");
    }

    private static double LogRatio(VideoSize size) => Math.Log((double)size.Width / size.Height);

    private static int ShortSide(SizeOption option) => Math.Min(option.Pixels.Width, option.Pixels.Height);

    // The upper bound of each tier leaves room for its kin: 720p takes 768 and 784, 1080p takes 1024 to 1200.
    private static int Tier(int shortSide) => shortSide switch
    {
        <= 400 => 400,
        <= 500 => 500,
        <= 640 => 640,
        <= 800 => 800,
        <= 1200 => 1200,
        <= 1600 => 1600,
        _ => int.MaxValue,
    };
}

/// <summary>The lengths that a model makes, in seconds: certain values, or a range.</summary>
public sealed record Durations
{
    private readonly decimal[] _values;

    private Durations(decimal[] values) => _values = values;

    /// <summary>Certain values, ascending.</summary>
    public static Durations Of(params decimal[] values) => new(values);

    /// <summary>Whole seconds from <paramref name="min"/> to <paramref name="max"/>.</summary>
    public static Durations Range(int min, int max) => new([.. Enumerable.Range(min, max - min + 1).Select(s => (decimal)s)]);

    /// <summary>Any fraction from <paramref name="min"/> to <paramref name="max"/>; listed as whole seconds.</summary>
    public static Durations Any(int min, int max) => Range(min, max) with { Fractions = true };

    /// <summary>Whether values between the listed ones are allowed too.</summary>
    public bool Fractions { get; private init; }

    /// <summary>The values, ascending.</summary>
    public IReadOnlyList<decimal> Values => _values;

    /// <summary>The smallest allowed value that is not below the wish, else the largest.</summary>
    public decimal Fit(decimal wish)
    {
        if (Fractions) return Math.Clamp(wish, _values[0], _values[^1]);
        foreach (var value in _values)
        {
            if (value >= wish) return value;
        }

        return _values[^1];
    }

    /// <inheritdoc />
    public bool Equals(Durations? other) => other is not null && Fractions == other.Fractions && _values.AsSpan().SequenceEqual(other._values);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Fractions, _values.Length, _values[0], _values[^1]);
}
