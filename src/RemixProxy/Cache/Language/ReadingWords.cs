using System.Collections.Frozen;

namespace RemixProxy.Cache.Language;

/// <summary>The words by which a prompt is read. They can't be configured, because the built-in embedder's vectors depend on them.</summary>
internal sealed class ReadingWords
{
    private readonly FrozenDictionary<string, string[]> _spellings;
    private readonly FrozenDictionary<string, string> _stems;
    private readonly int _longestStem;

    private ReadingWords()
    {
        var spellings = Pairs("Spellings").ToArray();
        _spellings = spellings.Where(s => !s.Key.EndsWith('*')).ToFrozenDictionary(s => s.Key, s => s.Value.Split(' '));
        _stems = spellings.Where(s => s.Key.EndsWith('*')).ToFrozenDictionary(s => s.Key[..^1], s => s.Value);
        _longestStem = _stems.Keys.Max(s => s.Length);
        Numerals = Pairs("Numerals").ToFrozenDictionary();
        Units = Pairs("Units").SelectMany(u => u.Key.Split(',').Select(name => KeyValuePair.Create(name, u.Value))).ToFrozenDictionary();
        Articles = Set("Articles");
        PleaseVerbs = Set("PleaseVerbs");
        LittleAmounts = Set("LittleAmounts");
        Modifiers = WordFile.Classes["Colors"].Concat(WordFile.Classes["Shades"]).SelectMany(c => c.Split(',')).Where(
            c => !c.Contains(' ') && !c.EndsWith('*')).ToFrozenSet();
        Openers = Set("Openers");
        Negations = WordFile.Classes["Negations"].SelectMany(c => c.Split(',')).Append("yes").ToFrozenSet();
        Compounds = Phrases("Compounds");
        Politeness = Phrases("Politeness");
        PoliteOpenings = Phrases("PoliteOpenings");
    }

    public static ReadingWords Shipped { get; } = new();

    public FrozenDictionary<string, string> Numerals { get; }

    public FrozenDictionary<string, string> Units { get; }

    public FrozenSet<string> Articles { get; }

    public FrozenSet<string> PleaseVerbs { get; }

    public FrozenSet<string> LittleAmounts { get; }

    /// <summary>Words that stand before what they describe, so that a comma after them counts.</summary>
    public FrozenSet<string> Modifiers { get; }

    public FrozenSet<string> Openers { get; }

    public FrozenSet<string> Negations { get; }

    public FrozenDictionary<string, string[][]> Compounds { get; }

    public FrozenDictionary<string, string[][]> Politeness { get; }

    public FrozenDictionary<string, string[][]> PoliteOpenings { get; }

    /// <summary>The words that a word is read as; null where it stays as it is.</summary>
    public string[]? Spell(string word)
    {
        if (_spellings.TryGetValue(word, out var words)) return words;
        var stems = _stems.GetAlternateLookup<ReadOnlySpan<char>>();
        for (var length = Math.Min(word.Length, _longestStem); length > 3; length--)
        {
            if (stems.TryGetValue(word.AsSpan(0, length), out var stem)) return [string.Concat(stem, word.AsSpan(length))];
        }

        return word.Contains('\'') ? Expand(word) : null;
    }

    private static string[]? Expand(string word)
    {
        if (word.Length > 3 && word.EndsWith("n't", StringComparison.Ordinal)) return [word[..^3], "not"];
        (string End, string Full)[] ends = [("'re", "are"), ("'m", "am"), ("'ll", "will"), ("'ve", "have")];
        foreach (var (end, full) in ends)
        {
            if (word.Length > end.Length && word.EndsWith(end, StringComparison.Ordinal)) return [word[..^end.Length], full];
        }

        return null;
    }

    private static FrozenSet<string> Set(string name) => WordFile.Classes[name].ToFrozenSet();

    private static IEnumerable<KeyValuePair<string, string>> Pairs(string name) =>
        WordFile.Classes[name].Select(e => KeyValuePair.Create(e[..e.LastIndexOf('=')], e[(e.LastIndexOf('=') + 1)..]));

    /// <summary>Phrases by their first word, the longest first.</summary>
    private FrozenDictionary<string, string[][]> Phrases(string name) => WordFile.Classes[name]
        .Select(phrase => PromptText.Scan(phrase, this, new()).Words.Select(w => w.Text).ToArray())
        .GroupBy(words => words[0])
        .ToFrozenDictionary(g => g.Key, g => g.OrderByDescending(words => words.Length).ToArray());
}
