using System.Text.RegularExpressions;

namespace RemixProxy.Sandbox.Jobs;

/// <summary>What the sandbox reads out of a prompt.</summary>
internal static partial class Prompt
{
    /// <summary>The magic words in the prompt, each only as a whole word: MODERATELY is none.</summary>
    public static MagicWords MagicWordsOf(string? prompt)
    {
        var found = MagicWords.None;
        foreach (var word in WholeWord().EnumerateMatches(prompt ?? ""))
        {
            found |= prompt![word.Index] switch
            {
                'F' => MagicWords.Fail,
                'M' => MagicWords.Moderate,
                'S' => MagicWords.Slow,
                'E' => MagicWords.Expire,
                _ => MagicWords.Refuse,
            };
        }

        return found;
    }

    public static bool IsRefused(string? prompt) => MagicWordsOf(prompt).HasFlag(MagicWords.Refuse);

    /// <summary>FNV-1a: the same prompt takes the same time and gets the same look in every run.</summary>
    public static uint Hash(string prompt, int ordinal)
    {
        uint hash = 2166136261;
        foreach (char c in prompt)
            hash = (hash ^ c) * 16777619;
        return (hash ^ (uint)ordinal) * 16777619;
    }

    [GeneratedRegex("(?<![A-Za-z])(?:FAIL|MODERATE|SLOW|EXPIRE|REFUSE)(?![A-Za-z])", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex WholeWord();
}
