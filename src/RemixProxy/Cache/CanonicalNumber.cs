using System.Globalization;

namespace RemixProxy.Cache;

/// <summary>Writes each value that a JSON number can have in one spelling, without rounding.</summary>
internal static class CanonicalNumber
{
    /// <summary>The most digits of an exponent. No meaningful exponent has more; a number that does keeps its own spelling.</summary>
    private const int MaxExponentDigits = 15;

    /// <summary>The canonical spelling: the digits without zeros at either end, and a power of ten, as in <c>-15e2</c>.</summary>
    /// <param name="number">The number as JSON writes it, such as <c>-1.50e3</c>.</param>
    public static string Of(string number)
    {
        var text = number.AsSpan();
        var sign = text is ['-', ..] ? "-" : "";
        var mantissa = text[sign.Length..];
        var exponent = 0L;
        if (mantissa.IndexOfAny('e', 'E') is >= 0 and var e)
        {
            if (!TryExponent(mantissa[(e + 1)..], out exponent)) return number;
            mantissa = mantissa[..e];
        }

        var point = mantissa.IndexOf('.');
        var all = point < 0 ? mantissa.ToString() : string.Concat(mantissa[..point], mantissa[(point + 1)..]);
        if (point >= 0) exponent -= mantissa.Length - point - 1;
        var digits = all.AsSpan().TrimStart('0');
        var significant = digits.TrimEnd('0');
        return significant.IsEmpty ? "0" : string.Create(CultureInfo.InvariantCulture, $"{sign}{significant}e{exponent + digits.Length - significant.Length}");
    }

    private static bool TryExponent(ReadOnlySpan<char> text, out long exponent)
    {
        exponent = 0;
        var isNegative = text is ['-', ..];
        var digits = text.TrimStart("+-").TrimStart('0');
        if (digits.Length > MaxExponentDigits) return false;
        if (!digits.IsEmpty) exponent = long.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture);
        if (isNegative) exponent = -exponent;
        return true;
    }
}
