using System.Globalization;

namespace RemixProxy.Cache.Language;

/// <summary>A word without its English ending. Stems are coarse: they help to find a conflict, and never make two prompts equal.</summary>
internal static class WordStem
{
    /// <summary>Longer than any word, though a script without blanks writes whole sentences in one.</summary>
    private const int Longest = 64;

    /// <summary>The stem. That of a longer word than any language has is its beginning and a hash, because many words of a prompt may refer to it.</summary>
    public static string Of(string word)
    {
        var stem = Stem(word);
        return stem.Length <= Longest ? stem : string.Concat(stem.AsSpan(0, Longest / 2), StableHash.Of(stem).ToString("x16", CultureInfo.InvariantCulture));
    }

    private static string Stem(string word)
    {
        var stem = word.AsSpan();
        if (stem.Length > 3 && stem.EndsWith("'s")) stem = stem[..^2];
        else if (stem.Length > 3 && stem[^1] == '\'') stem = stem[..^1];
        if (stem.Length > 4 && (stem.EndsWith("ies") || stem.EndsWith("ied"))) return string.Concat(stem[..^3], "y");
        if (stem.Length > 5 && stem.EndsWith("ing")) stem = Undoubled(stem[..^3]);
        else if (stem.Length > 4 && stem.EndsWith("ed")) stem = Undoubled(stem[..^2]);
        else if (stem.Length > 4 && (stem.EndsWith("ches") || stem.EndsWith("shes") || stem.EndsWith("sses") || stem.EndsWith("xes"))) stem = stem[..^2];
        else if (stem.Length > 3 && stem[^1] == 's' && stem[^2] is not ('s' or 'u' or 'i')) stem = stem[..^1];
        if (stem.Length > 3 && stem[^1] == 'e') stem = stem[..^1];
        return stem.Length == word.Length ? word : stem.ToString();
    }

    private static ReadOnlySpan<char> Undoubled(ReadOnlySpan<char> stem) =>
        stem.Length > 3 && stem[^1] == stem[^2] && stem[^1] is not ('l' or 's' or 'z' or 'e' or 'o') ? stem[..^1] : stem;
}
