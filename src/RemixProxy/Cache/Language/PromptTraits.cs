using System.Globalization;
using System.Text;

namespace RemixProxy.Cache.Language;

/// <summary>A word or phrase of a class, where it stands in a prompt.</summary>
/// <param name="Meaning">What it stands for.</param>
/// <param name="Choice">Which choice it is, for classes of choices.</param>
/// <param name="At">The index of its first word in the prompt.</param>
/// <param name="Length">Its number of words.</param>
internal readonly record struct WordMention(string Meaning, int Choice, int At, int Length);

/// <summary>What a prompt says in each class of words by which two prompts can conflict.</summary>
internal sealed class PromptTraits
{
    private static readonly int ClassCount = Enum.GetValues<WordClass>().Length;

    private readonly List<WordMention>[] _mentions = new List<WordMention>[ClassCount];
    private readonly List<bool> _afterArticle = [];
    private readonly bool[] _isDeterminer;
    private readonly bool[] _isFiller;
    private readonly string[] _stemBefore;
    private readonly string[] _stemAfter;

    private PromptTraits(PromptText text, ConflictWords words)
    {
        Text = text;
        Lists = words;
        Words = WithoutDropped(text.Words);
        for (var i = 0; i < ClassCount; i++) _mentions[i] = [];
        FindMentions(words);
        _isDeterminer = Marks(WordClass.Determiners);
        _isFiller = Marks(WordClass.Fillers);
        Stems = new([.. Words.Select((w, i) => w.IsContent && !_isFiller[i] ? WordStem.Of(w.Text) : "")], text.Steps);
        (_stemBefore, _stemAfter) = (NearestStems(1), NearestStems(-1));
        Numbers = FindNumbers();
        Colors = FindColors();
        Negations = FindNegations();
    }

    public PromptText Text { get; }

    /// <summary>The lists by which the prompt was read.</summary>
    public ConflictWords Lists { get; }

    /// <summary>The words, without those that were dropped.</summary>
    public CountedList<PromptWord> Words { get; }

    /// <summary>The stem of each word; empty for fillers and punctuation.</summary>
    public CountedList<string> Stems { get; }

    public List<WordMention> Numbers { get; }

    public List<WordMention> Colors { get; }

    /// <summary>The negated words, each with its negation.</summary>
    public List<WordMention> Negations { get; }

    public List<WordMention> this[WordClass name] => _mentions[(int)name];

    public static PromptTraits Of(string prompt, ConflictWords words) => new(PromptText.Read(prompt), words);

    /// <summary>The word that a mention describes: the one after it or, where the clause ends or goes on with small words, the one before it.</summary>
    public string Bound(WordMention mention)
    {
        var next = mention.At + mention.Length;
        if (next < Words.Count && Stems[next].Length > 0) return "<" + Stems[next];
        return Before(mention.At) is { Length: > 0 } before ? ">" + before : "";
    }

    /// <summary>The nearest stem before a word in its clause; empty where there is none.</summary>
    public string Before(int at) => _stemBefore[at];

    /// <summary>The nearest stem after a word in its clause; empty where there is none.</summary>
    public string After(int at) => _stemAfter[at];

    /// <summary>How many words before this one a determiner or an article stands, three at most; 0 where none does.</summary>
    public int DeterminerDistance(int at)
    {
        for (var distance = 1; distance <= 3; distance++)
        {
            var i = at - distance + 1;
            if (i < 0 || !Words[i].IsContent || (distance > 1 && _isFiller[i])) return 0;
            if (_afterArticle[i] || (i > 0 && (_isDeterminer[i - 1] || Words[i - 1].Kind == PromptWordKind.Number))) return distance;
        }

        return 0;
    }

    private CountedList<PromptWord> WithoutDropped(IReadOnlyList<PromptWord> all)
    {
        var kept = new CountedList<PromptWord>(new(all.Count), Text.Steps);
        var article = false;
        foreach (var word in all)
        {
            if (word.Dropped)
            {
                article = ReadingWords.Shipped.Articles.Contains(word.Text);
                continue;
            }

            kept.Add(word);
            _afterArticle.Add(article);
            article = false;
        }

        return kept;
    }

    /// <summary>For each place the nearest stem in the clause, in one pass. Fillers without end stand between some words.</summary>
    /// <param name="step">1 for the stems before each place, −1 for those after it.</param>
    private string[] NearestStems(int step)
    {
        var all = new string[Words.Count];
        var near = "";
        for (var i = step > 0 ? 0 : all.Length - 1; i >= 0 && i < all.Length; i += step)
        {
            all[i] = near;
            if (!Words[i].IsContent) near = "";
            else if (Stems[i] is { Length: > 0 } stem) near = stem;
        }

        return all;
    }

    private void FindMentions(ConflictWords words)
    {
        var covered = new int[ClassCount];
        var found = new List<WordTerm>();
        for (var i = 0; i < Words.Count; i++)
        {
            if (!Words[i].IsContent) continue;
            words.Find(Words, i, found);
            Cover(found, WordClass.Idioms, covered, i);
            foreach (var term in found)
            {
                if (i < covered[(int)term.Class] || (i < covered[(int)WordClass.Idioms] && term.Class != WordClass.Idioms)) continue;
                if (found.Exists(t => t.Class == term.Class && t.Words.Length > term.Words.Length)) continue;
                _mentions[(int)term.Class].Add(new(term.Meaning, term.Choice, i, term.Words.Length));
            }

            foreach (var term in found) Cover(term, covered, i);
        }
    }

    private static void Cover(List<WordTerm> found, WordClass name, int[] covered, int at)
    {
        foreach (var term in found)
        {
            if (term.Class == name) Cover(term, covered, at);
        }
    }

    private static void Cover(WordTerm term, int[] covered, int at) => covered[(int)term.Class] = Math.Max(covered[(int)term.Class], at + term.Words.Length);

    private bool[] Marks(WordClass name)
    {
        var marks = new bool[Words.Count];
        foreach (var mention in this[name]) marks[mention.At] = true;
        return marks;
    }

    private List<WordMention> FindNumbers()
    {
        var numbers = new List<WordMention>(this[WordClass.Numbers]);
        for (var i = 0; i < Words.Count; i++)
        {
            var word = Words[i];
            if (UnitAlone(i) is { } one) numbers.Add(new($"1 {one}", 0, i, 1));
            if (word.Kind == PromptWordKind.Unit || word.Text[0] == '#' || !word.Text.AsSpan().ContainsAnyInRange('0', '9')) continue;
            var hasUnit = i + 1 < Words.Count && Words[i + 1].Kind == PromptWordKind.Unit;
            var unit = hasUnit ? " " + Words[i + 1].Text : "";
            // As in 5 °C.
            if (unit == " °" && i + 2 < Words.Count && Words[i + 2].Text.Length == 1) unit += Words[i + 2].Text;
            numbers.Add(new(word.Text + unit, 0, i, hasUnit ? 2 : 1));
        }

        // "One" is often a pronoun, and "a dog" is one dog too.
        numbers.RemoveAll(n => n.Meaning == "1");
        numbers.Sort((a, b) => a.At.CompareTo(b.At));
        return numbers;
    }

    /// <summary>The unit of an amount without a number, as in "a minute", which is one minute; null where none stands here.</summary>
    private string? UnitAlone(int at) =>
        _afterArticle[at] && ReadingWords.Shipped.Units.TryGetValue(Words[at].Text, out var unit) && unit is "min" or "h" or "in" or "mile" ? unit : null;

    private List<WordMention> FindColors()
    {
        var (shades, begin) = (Marks(WordClass.Shades), new int[Words.Count]);
        for (var i = 1; i < begin.Length; i++) begin[i] = shades[i - 1] ? begin[i - 1] : i;
        var last = new List<WordMention>();
        foreach (var color in this[WordClass.Colors])
        {
            // A shade that is also a colour ("olive green") is part of the colour after it.
            while (last.Count > 0 && begin[last[^1].At] >= begin[color.At]) last.RemoveAt(last.Count - 1);
            last.Add(color);
        }

        var colors = last.ConvertAll(color => WithShades(color, begin[color.At]));
        for (var i = 0; i < Words.Count; i++)
        {
            if (Words[i].Text[0] == '#' && Words[i].Text.Length is 4 or 5 or 7 or 9) colors.Add(new(Words[i].Text, 0, i, 1));
        }

        return colors;
    }

    private WordMention WithShades(WordMention color, int begin)
    {
        var meaning = new StringBuilder();
        for (var i = begin; i < color.At; i++) meaning.Append(Words[i].Text).Append(' ');
        return new(meaning.Append(color.Meaning).ToString(), 0, begin, color.At + color.Length - begin);
    }

    private List<WordMention> FindNegations()
    {
        var negations = new List<WordMention>();
        foreach (var negation in this[WordClass.Negations])
        {
            // "Nobody" says no by itself, wherever it stands.
            if (negation.Meaning is "nobody" or "nothing" or "none" or "nowhere")
            {
                negations.Add(negation);
                continue;
            }

            var target = After(negation.At + negation.Length - 1) is { Length: > 0 } after ? after : Before(negation.At);
            negations.Add(negation with { Meaning = string.Create(CultureInfo.InvariantCulture, $"{negation.Meaning} {target}") });
        }

        // As in sugar-free.
        for (var i = 1; i < Words.Count; i++)
        {
            if (Words[i] is { Text: "free", Joined: true }) negations.Add(new($"no {Stems[i - 1]}", 0, i, 1));
        }

        return negations;
    }
}
