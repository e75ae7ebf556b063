using System.Globalization;
using System.Text.Unicode;

namespace RemixProxy.Adapters;

/// <summary>
/// What an adapter sees in place of a long base64 text of an answer, which the proxy reads past: a text that tells where the bytes are. In a data URL the mark
/// stands behind the comma, as the base64 did.
/// </summary>
/// <param name="Number">The number of the text among those that an operation's answers have, from 0.</param>
/// <param name="Length">The length of the bytes; 0 if the text is no base64 to its end.</param>
internal readonly record struct ClipMark(int Number, long Length)
{
    /// <summary>The length of a mark as JSON, in bytes.</summary>
    public const int JsonLength = 5 + TextLength;

    // A control character stands neither in base64 nor in a URL, an id or a name, so no provider's text is taken for a mark.
    private const char Sign = '\u0001';
    private const int Digits = 10;
    private const int TextLength = 2 + (2 * Digits);

    /// <summary>The mark at the end of a text; null if there is none.</summary>
    public static ClipMark? Of(string? text)
    {
        if (!(text?.Length >= TextLength)) return null;
        var mark = text.AsSpan(text.Length - TextLength);
        return mark[0] == Sign && mark[1 + Digits] == ':'
            && int.TryParse(mark.Slice(1, Digits), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && long.TryParse(mark[^Digits..], NumberStyles.None, CultureInfo.InvariantCulture, out var length)
            ? new(number, length)
            : null;
    }

    /// <summary>Writes the mark as it stands in a JSON string.</summary>
    /// <param name="json">Gets <see cref="JsonLength"/> bytes.</param>
    public void Write(Span<byte> json) => Utf8.TryWrite(json, CultureInfo.InvariantCulture, $"\\u0001{Number:D10}:{Length:D10}", out _);

    public override string ToString() => Invariant($"{Sign}{Number:D10}:{Length:D10}");
}
