using System.Collections.Frozen;
using System.Globalization;

namespace RemixProxy.Cache.Language;

/// <summary>A prompt as its words, each in one spelling, with meaningless words marked. Embedder and conflicts share this reading.</summary>
internal sealed class PromptText
{
    private PromptText(string raw, CountedList<PromptWord> words, List<string> quotes, ReadingSteps steps)
    {
        Raw = raw;
        Words = words;
        Quotes = quotes;
        Steps = steps;
        Content = ContentOf();
    }

    /// <summary>Every word and sign.</summary>
    public IReadOnlyList<PromptWord> Words { get; }

    /// <summary>The texts in quotes, verbatim but for typographic marks.</summary>
    public IReadOnlyList<string> Quotes { get; }

    /// <summary>The content: two prompts with equal content differ on their surface only. It is never empty.</summary>
    public IReadOnlyList<string> Content { get; }

    /// <summary>The steps that were taken with this text so far.</summary>
    public ReadingSteps Steps { get; }

    private string Raw { get; }

    public static PromptText Read(string prompt)
    {
        var reading = ReadingWords.Shipped;
        var raw = UnicodeForm.Of(prompt);
        var steps = new ReadingSteps();
        var (words, quotes) = Scan(raw, reading, steps);
        DropPoliteness(words, reading);
        DropArticles(words, reading);
        return new(raw.Trim(), words, quotes, steps);
    }

    /// <summary>The words of a text, before any is judged meaningless.</summary>
    public static (CountedList<PromptWord> Words, List<string> Quotes) Scan(string text, ReadingWords reading, ReadingSteps steps)
    {
        var (words, quotes) = new PromptScanner(text, reading, steps).Scan();
        words = InFigures(words, reading, steps);
        if (reading.Compounds is not null) LoosenCompounds(words, reading);
        return (words, quotes);
    }

    /// <summary>Turns number words into figures and gives a number's unit its one form.</summary>
    private static CountedList<PromptWord> InFigures(CountedList<PromptWord> words, ReadingWords reading, ReadingSteps steps)
    {
        var result = new CountedList<PromptWord>(new(words.Count), steps);
        for (var i = 0; i < words.Count; i++)
        {
            var word = words[i];
            var afterNumber = result.Count > 0 && result[^1].Kind == PromptWordKind.Number;
            if (word.Kind == PromptWordKind.Word && afterNumber && reading.Units.TryGetValue(word.Text, out var unit))
                word = word with { Text = unit, Kind = PromptWordKind.Unit, Joined = false };
            else if (word.Kind == PromptWordKind.Word && reading.Numerals.TryGetValue(word.Text, out var figures)) word = word
                with
            { Text = figures, Kind = char.IsAsciiDigit(figures[^1]) ? PromptWordKind.Number : PromptWordKind.Word };
            if (afterNumber && word.Text != words[i].Text && Combine(result[^1].Text, word) is { } combined && BelongTogether(words, i))
                result[^1] = result[^1] with { Text = combined, Kind = word.Kind };
            else result.Add(word);
        }

        return result;
    }

    /// <summary>Reads a number of several words, such as twenty-five or two hundred, but not "twenty five-year-olds".</summary>
    private static string? Combine(string before, PromptWord word)
    {
        if (word.Kind is not (PromptWordKind.Number or PromptWordKind.Word)
            || !long.TryParse(before, NumberStyles.None, CultureInfo.InvariantCulture, out var first)) return null;
        var digits = word.Text.AsSpan().IndexOfAnyExceptInRange('0', '9') is >= 0 and var end ? end : word.Text.Length;
        if (!long.TryParse(word.Text.AsSpan(0, digits), NumberStyles.None, CultureInfo.InvariantCulture, out var second)) return null;
        if (first is >= 20 and <= 90 && first % 10 == 0 && second is > 0 and < 10)
            return Invariant($"{first + second}{(digits < word.Text.Length ? OrdinalEnd(second) : "")}");
        return first is > 0 and < 1000 && first < second && second is 100 or 1000 or 1_000_000 && digits == word.Text.Length
            ? Invariant($"{first * second}")
            : null;
    }

    private static string OrdinalEnd(long unit) => unit switch
    {
        1 => "st",
        2 => "nd",
        3 => "rd",
        _ => "th",
    };

    private static bool BelongTogether(CountedList<PromptWord> words, int at) => words[at].Joined || at + 1 >= words.Count || !words[at + 1].Joined;

    private static void LoosenCompounds(CountedList<PromptWord> words, ReadingWords reading)
    {
        for (var i = 0; i + 1 < words.Count; i++)
        {
            if (PhraseAt(words, i, reading.Compounds) is not (> 1 and var length)) continue;
            for (var j = 1; j < length; j++) words[i + j] = words[i + j] with { Joined = false };
        }
    }

    /// <summary>The number of words of the longest phrase that begins here; 0 where none does.</summary>
    private static int PhraseAt(CountedList<PromptWord> words, int at, FrozenDictionary<string, string[][]> phrases)
    {
        if (!phrases.TryGetValue(words[at].Text, out var candidates)) return 0;
        foreach (var phrase in candidates)
        {
            var length = 1;
            while (length < phrase.Length && at + length < words.Count && words[at + length].Text == phrase[length]) length++;
            if (length == phrase.Length) return length;
        }

        return 0;
    }

    private static void DropPoliteness(CountedList<PromptWord> words, ReadingWords reading)
    {
        var polite = false;
        var clauseBegins = true;
        for (var i = 0; i < words.Count; i++)
        {
            var word = words[i];
            var length = word.Quoted || word.Joined ? 0 : PhraseAt(words, i, reading.Politeness);
            if (length > 0 && i > 0 && word.Text == "please" && reading.PleaseVerbs.Contains(words[i - 1].Text)) length = 0;
            if (length == 0 && clauseBegins && !word.Quoted) length = PhraseAt(words, i, reading.PoliteOpenings);
            for (var j = 0; j < length; j++) words[i + j] = words[i + j] with { Dropped = true };
            polite |= length > 0;
            if (word.Kind == PromptWordKind.Question)
            {
                // The question mark is part of the politeness.
                if (polite && !word.Quoted) words[i] = word with { Kind = PromptWordKind.Break };
                polite = false;
            }

            clauseBegins = length > 0 || word.Kind is PromptWordKind.Break or PromptWordKind.Question || (clauseBegins && word.Text is "and" or "then" or "but")
                || word.Text is "and" or "then" or "but";
            if (length > 1) i += length - 1;
        }
    }

    private static void DropArticles(CountedList<PromptWord> words, ReadingWords reading)
    {
        for (var i = 0; i + 1 < words.Count; i++)
        {
            var (word, next) = (words[i], words[i + 1]);
            if (word.Kind != PromptWordKind.Word || word.Quoted || word.Joined || !reading.Articles.Contains(word.Text)) continue;
            // Here "a" is no article: "vitamin A and", "plan A.", "step A-1".
            if (!next.IsContent || next.Joined || (word.Text == "a" && (reading.Openers.Contains(next.Text) || next.Text is "and" or "or" or "is"))) continue;
            // "A few" and "a little snow" don't mean "few" and "little snow".
            if (word.Text == "a" && (next.Text == "few" || (next.Text == "little" && i + 2 < words.Count && reading.LittleAmounts.Contains(words[i + 2].Text))))
                continue;
            words[i] = word with { Dropped = true };
        }
    }

    private CountedList<string> ContentOf()
    {
        var content = new CountedList<string>(new(Words.Count), Steps);
        var reading = ReadingWords.Shipped;
        var (before, after) = (Nearest(1), Nearest(-1));
        for (var i = 0; i < Words.Count; i++)
        {
            var word = Words[i];
            if (word.Dropped || (word.Kind == PromptWordKind.Break && !BreakCounts(i, before, after, reading))) continue;
            content.Add(word.Kind == PromptWordKind.Break ? "," : word.Joined ? "-" + word.Text : word.Text);
        }

        if (content.Count == 0) content.Add(Raw);
        return content;
    }

    /// <summary>
    /// Whether punctuation changes what the words around it say: "No, zoom in", "a light, blue dress", "Let's eat, Grandma", "eats, shoots and leaves".
    /// Elsewhere punctuation is a matter of taste.
    /// </summary>
    private bool BreakCounts(int at, Near[] before, Near[] after, ReadingWords reading)
    {
        if (before[at].Word is not (>= 0 and var previous) || after[at].Word is not (>= 0 and var following)) return false;
        var (last, next) = (Words[previous].Text, Words[following].Text);
        if (reading.Negations.Contains(last) || next is "who" or "which" or "that" or "because" or "where" or "whose") return true;
        if (next is "and" or "or" or "but" or "then" or "with" or "so" or "while") return false;
        // The next word ends a list with "and" or "or", as in "eats, shoots and leaves".
        if (after[following].Word is >= 0 and var second && Words[second].Text is "and" or "or") return true;
        if (Words[previous].Kind == PromptWordKind.Number || reading.Modifiers.Contains(last)) return true;
        if (last.Length > 4 && last.EndsWith("ing", StringComparison.Ordinal)) return true;
        var isHead = before[previous].InSentence < 0 && !last.EndsWith("ly", StringComparison.Ordinal)
            && last is not ("then" or "now" or "today" or "finally" or "next" or "later");
        return isHead || after[following].InSentence < 0;
    }

    /// <summary>For each place the nearest word that counts, in one pass over the words. Signs without end stand between some words.</summary>
    /// <param name="step">1 for the words before each place, −1 for those after it.</param>
    private Near[] Nearest(int step)
    {
        var all = new Near[Words.Count];
        var near = new Near(-1, -1);
        for (var i = step > 0 ? 0 : all.Length - 1; i >= 0 && i < all.Length; i += step)
        {
            all[i] = near;
            var word = Words[i];
            if (word.IsContent) near = new(i, i);
            else if (!word.Dropped && word.Text is "." or "?") near = near with { InSentence = -1 };
        }

        return all;
    }

    /// <summary>The nearest word that counts, and the nearest one in the same sentence; −1 where there is none.</summary>
    private readonly record struct Near(int Word, int InSentence);
}
