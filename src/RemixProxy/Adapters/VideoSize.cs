using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace RemixProxy.Adapters;

/// <summary>The size of a video in pixels.</summary>
/// <param name="Width">The width; <see cref="TryParse"/> reads 1–16384.</param>
/// <param name="Height">The height; <see cref="TryParse"/> reads 1–16384.</param>
public readonly record struct VideoSize(int Width, int Height)
{
    private const int MaxSide = 16384;

    /// <summary>Reads <c>WxH</c>, e.g. <c>1280x720</c>; false where the text is no size or a side is out of range.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out VideoSize size)
    {
        size = default;
        var cross = text?.IndexOf('x', StringComparison.OrdinalIgnoreCase) ?? -1;
        if (cross < 0 || !TrySide(text.AsSpan(0, cross), out var width) || !TrySide(text.AsSpan(cross + 1), out var height)) return false;
        size = new(width, height);
        return true;
    }

    /// <summary>Scales this size to a short side of the given pixels. Both sides are rounded to even numbers.</summary>
    public VideoSize AtShortSide(int pixels)
    {
        var factor = (double)pixels / Math.Min(Width, Height);
        return new(Even(Width * factor), Even(Height * factor));

        static int Even(double side) => (int)Math.Round(side / 2) * 2;
    }

    /// <inheritdoc />
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Width}x{Height}");

    private static bool TrySide(ReadOnlySpan<char> text, out int side) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out side) && side is > 0 and <= MaxSide;
}

/// <summary>A size that a model makes, and the provider's words for it.</summary>
/// <param name="Aspect">The aspect ratio, e.g. <c>16:9</c>.</param>
/// <param name="Resolution">The provider's word for the tier, e.g. <c>720p</c>.</param>
/// <param name="Pixels">The size of the video in pixels.</param>
public sealed record SizeOption(string Aspect, string Resolution, VideoSize Pixels)
{
    /// <summary>
    /// Finds the option nearest to a wish. An exact match wins. Otherwise the nearest aspect ratio wins, compared by logarithm; within it, the highest tier
    /// that is not above the tier of the wish's short side, else the lowest tier.
    /// </summary>
    /// <param name="options">At least one option. Where two ratios are equally near, the first one wins.</param>
    /// <param name="wish">The requested size.</param>
    public static SizeOption Fit(IReadOnlyList<SizeOption> options, VideoSize wish)
    {
        if (options.FirstOrDefault(o => o.Pixels == wish) is { } exact) return exact;
        var aspect = options.MinBy(o => Math.Round(Math.Abs(LogRatio(o.Pixels) - LogRatio(wish)), 3))!.Aspect;
        var tier = Tier(Math.Min(wish.Width, wish.Height));
        var sameShape = options.Where(o => o.Aspect == aspect).OrderBy(o => ShortSide(o)).ToArray();
        return sameShape.LastOrDefault(o => ShortSide(o) <= tier) ?? sameShape[0];
    }

    /// <summary>
    /// Lists every tier of every ratio. The tier gives the short side. The long side follows from the ratio, rounded to even, e.g. 854x480 and 1366x768 for
    /// 16:9.
    /// </summary>
    /// <param name="aspects">The ratios, <c>W:H</c>.</param>
    /// <param name="resolutions">The provider's words for the tiers, in any letter case: <c>720p</c> and the like, <c>2K</c> (1440 lines), <c>4K</c> (2160
    /// lines).</param>
    /// <param name="others">Sizes where the provider differs from this rule. Each replaces the size of its ratio and tier and, turned, that of the turned
    /// ratio.</param>
    /// <exception cref="FormatException">A ratio or a word has another form.</exception>
    public static IReadOnlyList<SizeOption> Standard(
        IReadOnlyList<string> aspects, IReadOnlyList<string> resolutions, params IReadOnlyList<SizeOption> others) =>
    [
        .. from aspect in aspects
           from resolution in resolutions
           let ratio = RatioOf(aspect)
           select others.FirstOrDefault(o => (o.Aspect, o.Resolution) == (aspect, resolution))
               ?? others.FirstOrDefault(o => (o.Aspect, o.Resolution) == (Invariant($"{ratio.Height}:{ratio.Width}"), resolution))?.Turned(aspect)
               ?? new(aspect, resolution, ratio.AtShortSide(LinesOf(resolution))),
    ];

    /// <summary>The option of a size, with its ratio in lowest terms and its short side as the tier, e.g. <c>16:9</c> and <c>720p</c>.</summary>
    public static SizeOption Of(VideoSize size)
    {
        var (a, b) = (size.Width, size.Height);
        while (b > 0) (a, b) = (b, a % b);
        return new(Invariant($"{size.Width / a}:{size.Height / a}"), Invariant($"{Math.Min(size.Width, size.Height)}p"), size);
    }

    private SizeOption Turned(string aspect) => new(aspect, Resolution, new(Pixels.Height, Pixels.Width));

    private static VideoSize RatioOf(string aspect) =>
        VideoSize.TryParse(aspect.Replace(':', 'x'), out var ratio) ? ratio : throw new FormatException($"'{aspect}' is no ratio W:H.");

    private static int LinesOf(string resolution) => resolution.ToUpperInvariant() switch
    {
        "2K" => 1440,
        "4K" => 2160,
        var word when word.EndsWith('P') && int.TryParse(word[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var lines) => lines,
        _ => throw new FormatException($"'{resolution}' is no resolution like 720p."),
    };

    private static double LogRatio(VideoSize size) => Math.Log((double)size.Width / size.Height);

    private static int ShortSide(SizeOption option) => Math.Min(option.Pixels.Width, option.Pixels.Height);

    // Each tier includes near relatives: 720p takes 768 and 784, 1080p takes 1024 to 1200.
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

/// <summary>The lengths that a model makes, in seconds: a list of values, or a range.</summary>
public sealed record Durations
{
    private readonly decimal[] _values;

    private Durations(decimal[] values) => _values = values;

    /// <summary>A list of values, which must be ascending.</summary>
    public static Durations Of(params decimal[] values) => new(values);

    /// <summary>Whole seconds from <paramref name="min"/> to <paramref name="max"/>.</summary>
    public static Durations Range(int min, int max) => new([.. Enumerable.Range(min, max - min + 1).Select(s => (decimal)s)]);

    /// <summary>Any length from <paramref name="min"/> to <paramref name="max"/>, fractions too. <see cref="Values"/> lists only the whole seconds.</summary>
    public static Durations Any(int min, int max) => Range(min, max) with { Fractions = true };

    /// <summary>Whether values between the listed ones are allowed too.</summary>
    public bool Fractions { get; private init; }

    /// <summary>The values, ascending.</summary>
    public IReadOnlyList<decimal> Values => _values;

    /// <summary>The smallest allowed length that is not below the wish, else the largest.</summary>
    public decimal Fit(decimal wish)
    {
        if (Fractions) return Math.Clamp(wish, _values[0], _values[^1]);
        foreach (var value in _values)
        {
            if (value >= wish) return value;
        }

        return _values[^1];
    }

    /// <summary>Reads a length as <see cref="Text"/> writes it; null for any other text.</summary>
    internal static decimal? Read(string? seconds) =>
        decimal.TryParse(seconds, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var length) ? length : null;

    /// <summary>Writes a length as the unified object does: seconds without trailing zeros, three decimals at most.</summary>
    public static string Text(decimal seconds) => seconds.ToString("0.###", CultureInfo.InvariantCulture);

    /// <inheritdoc />
    public bool Equals(Durations? other) => other is not null && Fractions == other.Fractions && _values.AsSpan().SequenceEqual(other._values);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Fractions, _values.Length, _values[0], _values[^1]);
}
