using System.Buffers;
using System.Globalization;

namespace RemixProxy.Exchanges;

/// <summary>
/// Reads base64 where it stands in a JSON string: in the standard or the URL-safe alphabet, with line breaks and escapes as JSON writers make them (<c>\/</c>,
/// <c>\u002b</c>), padded or not.
/// </summary>
internal struct JsonBase64
{
    private const int UnicodeEscape = 6;

    private static readonly SearchValues<byte> Symbols = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_"u8);

    private int _padding;

    /// <summary>What a part of the string is.</summary>
    internal enum Kind
    {
        /// <summary>Symbols, one a byte.</summary>
        Symbols,

        /// <summary>One symbol, escaped.</summary>
        Escaped,
        Padding,
        LineBreak,

        /// <summary>The quote that ends the string.</summary>
        End,

        /// <summary>What is no base64.</summary>
        Other,

        /// <summary>The beginning of an escape.</summary>
        Incomplete,
    }

    /// <summary>How many symbols were counted.</summary>
    public long Count { get; private set; }

    /// <summary>The length of the counted symbols' bytes; null if no base64 ends so.</summary>
    public readonly long? Length => (Count % 4, _padding) is (0, 0) or (2, 0 or 2) or (3, 0 or 1) ? (Count / 4 * 3) + (Count % 4 * 3 / 4) : null;

    /// <summary>The first part of a string's text.</summary>
    /// <param name="text">The text as it stands in JSON, not empty.</param>
    /// <param name="most">The most symbols that are looked for at once.</param>
    public static Part First(ReadOnlySpan<byte> text, int most = int.MaxValue)
    {
        var run = text[..Math.Min(text.Length, most)].IndexOfAnyExcept(Symbols);
        if (run != 0) return new(Kind.Symbols, run < 0 ? Math.Min(text.Length, most) : run);
        if (text[0] != '\\') return new(text[0] == '"' ? Kind.End : text[0] == '=' ? Kind.Padding : Kind.Other, 1);
        if (text.Length < 2) return new(Kind.Incomplete, text.Length);
        if (text[1] != 'u') return new(text[1] switch { (byte)'/' => Kind.Escaped, (byte)'n' or (byte)'r' => Kind.LineBreak, _ => Kind.Other }, 2, text[1]);
        if (text.Length < UnicodeEscape) return new(Kind.Incomplete, text.Length);
        if (!text[2..4].SequenceEqual("00"u8)
            || !byte.TryParse(text[4..UnicodeEscape], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var symbol))
            return new(Kind.Other, 2);
        return new(
            Symbols.Contains(symbol) ? Kind.Escaped : symbol switch { (byte)'=' => Kind.Padding, (byte)'\n' or (byte)'\r' => Kind.LineBreak, _ => Kind.Other },
            UnicodeEscape, symbol);
    }

    /// <summary>Counts a part.</summary>
    /// <returns>Whether the text is base64 so far.</returns>
    public bool Add(Part part)
    {
        switch (part.Kind)
        {
            case Kind.Symbols when _padding == 0:
                Count += part.Length;
                return true;
            case Kind.Escaped when _padding == 0:
                Count++;
                return true;
            case Kind.Padding:
                return ++_padding <= 2;
            default:
                return part.Kind == Kind.LineBreak;
        }
    }

    /// <summary>A part of a string's text.</summary>
    /// <param name="Kind">What it is.</param>
    /// <param name="Length">Its length in bytes.</param>
    /// <param name="Symbol">The symbol, where it is <see cref="Kind.Escaped"/>.</param>
    internal readonly record struct Part(Kind Kind, int Length, byte Symbol = 0);
}
