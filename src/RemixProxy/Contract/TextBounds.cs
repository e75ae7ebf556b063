using System.Diagnostics.CodeAnalysis;

namespace RemixProxy.Contract;

/// <summary>Cuts texts that others wrote.</summary>
internal static class TextBounds
{
    /// <summary>A text as it is up to a length, else its beginning with "…" behind. Half a character is no text, so it is left out too.</summary>
    [return: NotNullIfNotNull(nameof(text))]
    public static string? Cut(string? text, int max) => text is null || text.Length <= max ? text : Beginning(text, max) + "…";

    /// <summary>The beginning of a longer text, without half a character.</summary>
    public static string Beginning(string text, int length) => text[..(length > 0 && char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)];
}
