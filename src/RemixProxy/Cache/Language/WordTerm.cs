namespace RemixProxy.Cache.Language;

/// <summary>A term of a list of words.</summary>
/// <param name="Class">The term's class.</param>
/// <param name="Words">The term's words, read as prompts are; the last is a prefix where <paramref name="IsPrefix"/> says so.</param>
/// <param name="IsPrefix">Whether any ending may follow the last word.</param>
/// <param name="Meaning">What it stands for. Terms of one meaning count as the same.</param>
/// <param name="Choice">Which choice it is, for classes of choices.</param>
internal sealed record WordTerm(WordClass Class, string[] Words, bool IsPrefix, string Meaning, int Choice)
{
    public bool IsAt(IReadOnlyList<PromptWord> words, int at)
    {
        if (at + Words.Length > words.Count) return false;
        for (var i = 0; i < Words.Length; i++)
        {
            var isEqual = IsPrefix && i == Words.Length - 1
                ? words[at + i].Text.StartsWith(Words[i], StringComparison.Ordinal)
                : words[at + i].Text == Words[i];
            if (!isEqual) return false;
        }

        return true;
    }
}
