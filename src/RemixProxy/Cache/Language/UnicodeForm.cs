using System.Globalization;
using System.Text;

namespace RemixProxy.Cache.Language;

/// <summary>Gives each character one way to be written.</summary>
internal static class UnicodeForm
{
    /// <summary>More marks in a row than any language writes (The Unicode Standard, annex 15, section 13).</summary>
    private const int LongestMarks = 30;

    /// <summary>
    /// Composes letters, gives full-width characters, digits and typographic marks their ASCII forms, and makes white space of any kind a blank.
    /// It does not use form KC as a whole, which turns 10² into 102.
    /// </summary>
    public static string Of(string text)
    {
        if (Ascii.IsValid(text) && !text.AsSpan().ContainsAnyInRange('\0', '\u001F')) return text;
        var folded = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            if (!HasOtherShape(c)) Append(folded, c);
            else foreach (var part in c.ToString().Normalize(NormalizationForm.FormKC)) Append(folded, part);
        }

        return Compose(folded.ToString());
    }

    /// <summary>
    /// Form C of any text, in a time that grows with its length only. ICU's time grows with the square of the number of marks in a row, so if there are more
    /// than any language writes, each thirty are put in order by themselves. .NET refuses U+FFFE and half a surrogate pair; they stay as they are.
    /// </summary>
    public static string Compose(string text)
    {
        var result = new StringBuilder(text.Length);
        var (marks, start, at) = (0, 0, 0);
        foreach (var rune in text.EnumerateRunes())
        {
            var isRefused = rune.Value is 0xFFFD or 0xFFFE;
            marks = IsMark(rune) ? marks + 1 : 0;
            if (marks > LongestMarks || isRefused)
            {
                result.Append(text[start..at].Normalize());
                (marks, start) = (1, at);
            }

            at += rune.Utf16SequenceLength;
            if (!isRefused) continue;
            result.Append(text, start, at - start);
            start = at;
        }

        return start == 0 ? text.Normalize() : result.Append(text[start..].Normalize()).ToString();
    }

    private static bool IsMark(Rune rune) =>
        // ICU may know marks of a newer Unicode than .NET does.
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark
            or UnicodeCategory.OtherNotAssigned;

    /// <summary>Whether a character has full or half width, is a ligature, or is one of a few that stand for two or three others.</summary>
    private static bool HasOtherShape(char c) => c is (>= '\uFF01' and <= '\uFFEE') or (>= '\uFB00' and <= '\uFB06') or '…' or '℃' or '℉';

    private static void Append(StringBuilder folded, char c)
    {
        if (Fold(c) is { } one) folded.Append(one);
    }

    private static char? Fold(char c) => c switch
    {
        >= ' ' and < '\u007F' => c,
        '‘' or '’' or '‛' or '‚' or 'ʼ' or '′' or '´' or '\u1FFD' => '\'',
        '“' or '”' or '„' or '‟' or '«' or '»' or '″' or '「' or '」' or '『' or '』' or '〝' or '〞' or '〟' => '"',
        '‐' or '‑' or '‒' or '−' => '-',
        '–' or '―' or '─' => '—',
        '、' or '،' => ',',
        '。' => '.',
        '؟' => '?',
        '〜' => '~',
        'º' or '˚' => '°',
        // Joiners stay, because they shape emoji and Persian words.
        '\u200C' or '\u200D' => c,
        '\uFE0E' or '\uFE0F' => null,
        _ when char.IsWhiteSpace(c) => ' ',
        _ => char.GetUnicodeCategory(c) switch
        {
            UnicodeCategory.Format or UnicodeCategory.Control => null,
            UnicodeCategory.DecimalDigitNumber => (char)('0' + CharUnicodeInfo.GetDecimalDigitValue(c)),
            _ => c,
        },
    };
}
