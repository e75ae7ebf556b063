using System.Collections.Frozen;

namespace RemixProxy.Cache.Language;

/// <summary>The words that make two prompts conflict: the shipped lists and what the configuration adds.</summary>
internal sealed class ConflictWords
{
    private readonly FrozenDictionary<string, WordTerm[]> _terms;
    private readonly FrozenDictionary<string, WordTerm[]> _prefixes;
    private readonly int _longestPrefix;

    private ConflictWords(Dictionary<WordClass, List<WordTerm>> classes)
    {
        var terms = classes.Values.SelectMany(c => c).ToArray();
        _terms = ByFirstWord(terms.Where(t => !(t.IsPrefix && t.Words.Length == 1)));
        _prefixes = ByFirstWord(terms.Where(t => t.IsPrefix && t.Words.Length == 1));
        _longestPrefix = _prefixes.Keys.Select(k => k.Length).DefaultIfEmpty().Max();
    }

    /// <summary>The shipped lists alone.</summary>
    public static ConflictWords Shipped { get; } = Build(new Dictionary<string, IReadOnlyList<string>>(), []);

    /// <summary>Builds the lists, and adds each error in <paramref name="added"/> to <paramref name="errors"/>, with its class.</summary>
    public static ConflictWords Build(IEnumerable<KeyValuePair<string, IReadOnlyList<string>>> added, List<(string Class, string Expected)> errors)
    {
        var classes = new Dictionary<WordClass, List<WordTerm>>();
        foreach (var name in Enum.GetValues<WordClass>())
            classes[name] = [.. WordFile.Classes[name.ToString()].SelectMany(
                (entry, i) => Parse(name, entry, i) ?? throw new InvalidOperationException($"words.json: {name}: {entry}"))];
        foreach (var (name, entries) in added)
        {
            if (!Enum.TryParse<WordClass>(name, ignoreCase: true, out var known)
                || !Enum.GetNames<WordClass>().Contains(name, StringComparer.OrdinalIgnoreCase))
            {
                errors.Add((name, $"one of the classes {string.Join(", ", Enum.GetNames<WordClass>())}"));
                continue;
            }

            if (entries.Count == 0) errors.Add((name, Expected(known)));
            for (var i = 0; i < entries.Count; i++)
            {
                if (Parse(known, entries[i], WordFile.Classes[name].Length + i) is { } terms) classes[known].AddRange(terms);
                else errors.Add((name, $"{Expected(known)}, which \"{entries[i]}\" is not"));
            }
        }

        return new(classes);
    }

    /// <summary>The terms that begin with a word, in no particular order.</summary>
    public void Find(IReadOnlyList<PromptWord> words, int at, List<WordTerm> found)
    {
        found.Clear();
        var word = words[at].Text;
        if (_terms.TryGetValue(word, out var terms)) AddFitting(terms, words, at, found);
        var prefixes = _prefixes.GetAlternateLookup<ReadOnlySpan<char>>();
        for (var length = Math.Min(word.Length, _longestPrefix); length > 0; length--)
        {
            if (prefixes.TryGetValue(word.AsSpan(0, length), out terms)) AddFitting(terms, words, at, found);
        }
    }

    private static void AddFitting(WordTerm[] terms, IReadOnlyList<PromptWord> words, int at, List<WordTerm> found)
    {
        foreach (var term in terms)
        {
            if (term.IsAt(words, at)) found.Add(term);
        }
    }

    private static FrozenDictionary<string, WordTerm[]> ByFirstWord(IEnumerable<WordTerm> terms) =>
        terms.GroupBy(t => t.Words[0]).ToFrozenDictionary(g => g.Key, g => g.ToArray());

    private static bool HasChoices(WordClass name) => name is WordClass.Opposites or WordClass.Particles or WordClass.Plurals;

    private static string Expected(WordClass name) => name switch
    {
        WordClass.Numbers => "a list of terms or \"term=figures\"",
        _ when HasChoices(name) => "a list of choices such as \"day/night\"",
        _ => "a list of terms",
    };

    /// <summary>The terms of an entry; null where it is malformed.</summary>
    private static List<WordTerm>? Parse(WordClass name, string entry, int index)
    {
        var terms = new List<WordTerm>();
        var choices = HasChoices(name) ? entry.Split('/') : [entry];
        if (HasChoices(name) && choices.Length < 2) return null;
        for (var choice = 0; choice < choices.Length; choice++)
        {
            foreach (var text in choices[choice].Split(','))
            {
                if (ParseTerm(name, text.Trim(), HasChoices(name) ? Invariant($"{index}") : null, choice) is not { } term) return null;
                // The first form names a colour or a direction, so that two entries of the same one are equal.
                terms.Add(term.Meaning.Length > 0 ? term : term with { Meaning = terms.Count > 0 ? terms[0].Meaning : string.Join(' ', term.Words) });
            }
        }

        return terms;
    }

    private static WordTerm? ParseTerm(WordClass name, string text, string? meaning, int choice)
    {
        var equals = name == WordClass.Numbers ? text.LastIndexOf('=') : -1;
        if (equals >= 0) (text, meaning) = (text[..equals], text[(equals + 1)..].Trim());
        if (equals >= 0 && meaning!.Length == 0) return null;
        var isPrefix = text.EndsWith('*');
        // A letter instead of the star keeps an apostrophe before the star inside its word.
        string[] words = [.. PromptText.Read(isPrefix ? text[..^1] + "x" : text).Words.Where(w => w.IsContent).Select(w => w.Text)];
        if (isPrefix && words.Length > 0) words[^1] = words[^1][..^1];
        return words.Length == 0 || (isPrefix && words[^1] is "" or [< '\u0080']) ? null : new(name, words, isPrefix, meaning ?? "", choice);
    }
}
