using System.Globalization;

namespace RemixProxy.Cache;

/// <summary>One spelling for each value that a JSON number can have, without rounding any.</summary>
internal static class CanonicalNumber
{
    /// <summary>More digits than any exponent that means something; such a number keeps its own spelling.</summary>
    private const int MaxExponentDigits = 15;

    /// <summary>The digits without zeros at either end, and the power of ten that they are taken times.</summary>
    /// <param name="number">As JSON writes it: <c>-1.50e3</c>.</param>
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
