using RemixProxy.Providers;

namespace RemixProxy.Cache.Language;

/// <summary>
/// Decides by words whether two prompts ask for different videos although their vectors are near. It doesn't require equal words, because an embedding model
/// may well match a paraphrase. It looks for what embedding models hardly notice, such as a number, a "no", a colour, a side, an opposite, or who does what
/// to whom.
/// </summary>
internal sealed class LexicalConflict(ProviderRegistry registry)
{
    private volatile Loaded? _loaded;

    private delegate bool Differ(PromptTraits a, PromptTraits b);

    private const int LongText = 10;
    private const int LongestEdit = 6;

    private static readonly string[] NegatingPrefixes = ["un", "in", "im", "ir", "il", "dis", "non", "de", "mis", "anti"];

    // The first class with a conflict is reported, so the most telling ones come first.
    private static readonly (string Name, Differ Differ)[] Classes =
    [
        ("quoted text", (a, b) => !a.Text.Quotes.SequenceEqual(b.Text.Quotes)),
        ("numbers", (a, b) => AreOthers(a, a.Numbers, b, b.Numbers)),
        ("negation", (a, b) => !HaveEqualMeanings(a.Negations, b.Negations) || AreNegatedByPrefix(a, b) || AreNegatedByPrefix(b, a)),
        ("colours", (a, b) => AreOthers(a, a.Colors, b, b.Colors)),
        ("directions", (a, b) => AreOthers(a, a[WordClass.Directions], b, b[WordClass.Directions])),
        ("camera", (a, b) => !a[WordClass.Cameras].Select(m => m.Meaning).ToHashSet().SetEquals(b[WordClass.Cameras].Select(m => m.Meaning))),
        ("opposites", (a, b) => Choose(a[WordClass.Opposites], b[WordClass.Opposites])),
        ("particles", ChooseParticles),
        ("singular and plural", (a, b) => Choose(a[WordClass.Plurals], b[WordClass.Plurals]) || CountThings(a, b) || CountThings(b, a)),
        ("order", AreReordered),
        ("punctuation", ArePunctuatedOtherwise),
        ("signs", (a, b) => !Signs(a).SequenceEqual(Signs(b))),
        ("one edit in a long text", AreOneEditApart),
    ];

    /// <summary>A prompt that is compared with several others, so that it is read once.</summary>
    public PromptTraits Read(string prompt) => PromptTraits.Of(prompt, Words());

    /// <summary>Whether two prompts conflict.</summary>
    public bool Between(string a, string b) => Find(a, b) is not null;

    /// <summary>Whether a prompt conflicts with one that was read before.</summary>
    public static bool Between(PromptTraits a, string b) => All(a, PromptTraits.Of(b, a.Lists)).Any();

    /// <summary>The class of the words by which two prompts conflict; null where they don't.</summary>
    public string? Find(string a, string b) => Find(a, b, Words());

    /// <summary>The same, with given lists.</summary>
    public static string? Find(string a, string b, ConflictWords words) =>
        a == b ? null : All(PromptTraits.Of(a, words), PromptTraits.Of(b, words)).FirstOrDefault();

    /// <summary>Every class by which two prompts conflict that were read before, the most telling first.</summary>
    public static IEnumerable<string> All(PromptTraits a, PromptTraits b) => Classes.Where(c => c.Differ(a, b)).Select(c => c.Name);

    private ConflictWords Words()
    {
        var options = registry.Current.Options;
        if (_loaded is { } loaded && ReferenceEquals(loaded.Options, options)) return loaded.Words;
        // The configuration in force has been validated, so there are no errors to report.
        var words = options.Cache.Words.Count == 0 ? ConflictWords.Shipped : ConflictWords.Build(options.Cache.Words, []);
        // The first comparison of a process compiles this code. A look-up should not pay for it.
        Find("a red boat", "the red boat", words);
        _loaded = new(options, words);
        return words;
    }

    private static bool AreOthers(PromptTraits a, List<WordMention> inA, PromptTraits b, List<WordMention> inB)
    {
        if (inA.Count != inB.Count || !HaveEqualMeanings(inA, inB)) return true;
        if (inA.Count < 2) return false;
        var (boundInA, boundInB) = (inA.ConvertAll(m => (m.Meaning, Of: a.Bound(m))), inB.ConvertAll(m => (m.Meaning, Of: b.Bound(m))));
        if (!inA.Select(m => m.Meaning).SequenceEqual(inB.Select(m => m.Meaning)) && !Ordered(boundInA).SequenceEqual(Ordered(boundInB))) return true;
        // The car is red in one prompt and blue in the other, whatever else differs.
        var ofB = boundInB.ToLookup(m => m.Of, m => m.Meaning);
        return boundInA.GroupBy(m => m.Of, m => m.Meaning).Any(g => g.Key.StartsWith('<') && ofB[g.Key].Any() && !ofB[g.Key].Intersect(g).Any());
    }

    private static IEnumerable<(string Meaning, string Of)> Ordered(List<(string Meaning, string Of)> bound) =>
        bound.OrderBy(m => m.Meaning, StringComparer.Ordinal).ThenBy(m => m.Of, StringComparer.Ordinal);

    private static bool HaveEqualMeanings(List<WordMention> a, List<WordMention> b) =>
        a.Count == b.Count
            && (a.Count == 0 || a.Select(m => m.Meaning).Order(StringComparer.Ordinal).SequenceEqual(b.Select(m => m.Meaning).Order(StringComparer.Ordinal)));

    /// <summary>Whether one prompt makes a choice (day) and the other makes the other choice (night).</summary>
    private static bool Choose(List<WordMention> a, List<WordMention> b)
    {
        if (a.Count == 0 || b.Count == 0) return false;
        var more = new Dictionary<(string, int), int>();
        foreach (var mention in a) more[(mention.Meaning, mention.Choice)] = more.GetValueOrDefault((mention.Meaning, mention.Choice)) + 1;
        foreach (var mention in b) more[(mention.Meaning, mention.Choice)] = more.GetValueOrDefault((mention.Meaning, mention.Choice)) - 1;
        var onlyInA = more.Where(m => m.Value > 0).Select(m => m.Key.Item1).ToHashSet();
        return more.Any(m => m.Value < 0 && onlyInA.Contains(m.Key.Item1));
    }

    /// <summary>The same for small words (in, out), if they stand between the same words.</summary>
    private static bool ChooseParticles(PromptTraits a, PromptTraits b)
    {
        var (inA, inB) = (Anchored(a), Anchored(b));
        var onlyInA = inA.Except(inB).Select(p => (p.Pair, p.Anchors)).ToHashSet();
        return onlyInA.Count > 0 && inB.Except(inA).Any(p => onlyInA.Contains((p.Pair, p.Anchors)));
    }

    private static HashSet<(string Pair, int Choice, (string Before, string After) Anchors)> Anchored(PromptTraits traits) =>
        [.. traits[WordClass.Particles].Select(p => (p.Meaning, p.Choice, (Root(traits.Before(p.At)), Root(traits.After(p.At + p.Length - 1)))))];

    /// <summary>The first letters of a word, enough to recognise it in another grammatical case.</summary>
    private static string Root(string stem) => stem.Length > 4 ? stem[..4] : stem;

    /// <summary>Whether a word is negated by its own parts: armed and unarmed, inflate and deflate, hope and hopeless.</summary>
    private static bool AreNegatedByPrefix(PromptTraits plain, PromptTraits negated)
    {
        var (inPlain, inNegated) = (plain.Stems.ToHashSet(), negated.Stems.ToHashSet());
        return inNegated.Any(stem => !inPlain.Contains(stem) && Positives(stem).Any(p => p.Length > 2 && inPlain.Contains(p) && !inNegated.Contains(p)));
    }

    private static IEnumerable<string> Positives(string stem)
    {
        foreach (var prefix in NegatingPrefixes)
        {
            if (stem.Length > prefix.Length + 2 && stem.StartsWith(prefix, StringComparison.Ordinal)) yield return stem[prefix.Length..];
        }

        if (stem.StartsWith("de", StringComparison.Ordinal)) yield return "in" + stem[2..];
        if (!stem.EndsWith("less", StringComparison.Ordinal)) yield break;
        yield return stem[..^4];
        yield return stem[..^4] + "ful";
    }

    /// <summary>Whether a thing is single in <paramref name="one"/> and plural in <paramref name="many"/>.</summary>
    private static bool CountThings(PromptTraits one, PromptTraits many)
    {
        var (inOne, inMany) = (Places(one), Places(many));
        var firstBare = FirstBareVerb(one);
        foreach (var (word, at) in inMany)
        {
            if (word.Length < 3 || inOne.ContainsKey(word) || !(word[^1] == 's' || word.EndsWith("s'", StringComparison.Ordinal))) continue;
            foreach (var singular in Singulars(word))
            {
                if (inOne.TryGetValue(singular, out var there) && !inMany.ContainsKey(singular) && IsThing(one, there, firstBare, many, at)) return true;
            }
        }

        return false;
    }

    private static Dictionary<string, int> Places(PromptTraits traits)
    {
        var places = new Dictionary<string, int>(traits.Words.Count);
        for (var i = 0; i < traits.Words.Count; i++)
        {
            if (traits.Words[i].IsContent) places.TryAdd(traits.Words[i].Text, i);
        }

        return places;
    }

    private static IEnumerable<string> Singulars(string word)
    {
        if (word.EndsWith("s'", StringComparison.Ordinal))
        {
            yield return word[..^2] + "'s";
            yield break;
        }

        yield return word[..^1];
        if (word.EndsWith("es", StringComparison.Ordinal)) yield return word[..^2];
        if (word.EndsWith("ies", StringComparison.Ordinal)) yield return word[..^3] + "y";
    }

    /// <summary>Whether a word is a noun, judged by its place, because a verb's third person ends in -s too.</summary>
    private static bool IsThing(PromptTraits one, int inOne, int firstBare, PromptTraits many, int inMany)
    {
        // "It rains" has no plural of the noun rain, and "street-level" speaks of no street.
        if (inMany > 0 && many.Words[inMany - 1].Text is "it" or "he" or "she" or "that" or "who" or "which") return false;
        if (inOne + 1 < one.Words.Count && one.Words[inOne + 1].Joined) return false;
        var (near, far) = (one.DeterminerDistance(inOne), many.DeterminerDistance(inMany));
        if (near == 1 || far == 1 || one.Words[inOne].Text.EndsWith("'s", StringComparison.Ordinal)) return true;
        if (firstBare < inOne) return false;
        return (near > 1 && far == 0) || (one.Before(inOne) == many.Before(inMany) && one.After(inOne) == many.After(inMany));
    }

    /// <summary>Where the first word stands after which the bare form is a verb: "Let the man walk".</summary>
    private static int FirstBareVerb(PromptTraits traits)
    {
        var at = 0;
        while (at < traits.Words.Count && traits.Words[at].Text is not
            ("let" or "make" or "have" or "see" or "watch" or "help" or "to" or "will" or "should" or "can" or "must" or "not")) at++;
        return at;
    }

    /// <summary>Whether the content words are the same in another order, as in who chases whom.</summary>
    private static bool AreReordered(PromptTraits a, PromptTraits b)
    {
        string[] first = [.. a.Stems.Where(s => s.Length > 0)], second = [.. b.Stems.Where(s => s.Length > 0)];
        if (first.Length != second.Length || Sum(first) != Sum(second)) return false;
        var isSame = first.AsSpan().SequenceEqual(second);
        // The passive turns the order round: "The winner is cheered by the crowd" is "The crowd cheers the winner".
        if (first.Length > 2 && IsPassive(a) != IsPassive(b)) return isSame;
        if (isSame) return AreSmallWordsReordered(a, b);
        if (ShouldBe(a) != ShouldBe(b)) return !IsSameButForVerb(ShouldBe(a) ? second : first, ShouldBe(a) ? first : second);
        return !IsRotated(a, first, second) && !IsRotated(b, second, first);
    }

    /// <summary>Whether only the small words changed places: "Der Hund jagt den Kater" and "Den Hund jagt der Kater".</summary>
    private static bool AreSmallWordsReordered(PromptTraits a, PromptTraits b)
    {
        string[] first = [.. a.Words.Where(w => w.IsContent).Select(w => w.Text)], second = [.. b.Words.Where(w => w.IsContent).Select(w => w.Text)];
        return first.Length == second.Length && !first.AsSpan().SequenceEqual(second) && Sum(first) == Sum(second);
    }

    /// <summary>A sum of hashes, which is equal for equal words in any order.</summary>
    private static ulong Sum(string[] words)
    {
        var sum = 0UL;
        foreach (var word in words) sum += StableHash.Of(word);
        return sum;
    }

    /// <summary>Whether only the verb's place differs: "The wall should be painted white" is "Paint the wall white".</summary>
    private static bool IsSameButForVerb(string[] imperative, string[] other)
    {
        var verb = Array.IndexOf(other, imperative[0]);
        // Somebody may have made words whose sum of hashes is that of others.
        if (verb < 0) return false;
        return imperative.AsSpan(1, verb).SequenceEqual(other.AsSpan(0, verb)) && imperative.AsSpan(verb + 1).SequenceEqual(other.AsSpan(verb + 1));
    }

    private static bool ShouldBe(PromptTraits traits) =>
        traits.Words.Zip(traits.Words.Skip(1)).Any(p => p.First.Text is "should" or "must" or "shall" or "to" && p.Second.Text == "be");

    private static bool IsPassive(PromptTraits traits)
    {
        var before = traits.Words.TakeWhile(w => w.Text != "by").ToArray();
        return before.Length > 1 && before.Length < traits.Words.Count
            && Array.Exists(before, w => w.Text is "is" or "are" or "was" or "were" or "be" or "being" or "been" or "get" or "gets" or "got");
    }

    /// <summary>Whether a part moved from front to end: "At sunset, a horse gallops" is "A horse gallops at sunset".</summary>
    private static bool IsRotated(PromptTraits traits, string[] words, string[] other)
    {
        var end = traits.Words.TakeWhile(w => w.Kind != PromptWordKind.Break).Count();
        if (end < 2 || end == traits.Words.Count || !ReadingWords.Shipped.Openers.Contains(traits.Words[0].Text)) return false;
        var length = traits.Stems.Take(end).Count(s => s.Length > 0);
        return words.AsSpan(length).SequenceEqual(other.AsSpan(0, other.Length - length))
            && words.AsSpan(0, length).SequenceEqual(other.AsSpan(other.Length - length));
    }

    /// <summary>Whether punctuation cuts the same words into other parts.</summary>
    private static bool ArePunctuatedOtherwise(PromptTraits a, PromptTraits b)
    {
        if (!Bare(a.Text.Content).SequenceEqual(Bare(b.Text.Content))) return false;
        if (!a.Text.Content.SequenceEqual(b.Text.Content)) return true;
        var (inA, inB) = (Cuts(a), Cuts(b));
        return !inA.IsSubsetOf(inB) && !inB.IsSubsetOf(inA);
    }

    private static IEnumerable<string> Bare(IReadOnlyList<string> content) =>
        content.Where(w => w is not ("," or "?")).Select(w => w.Length > 1 ? w.TrimStart('-') : w);

    /// <summary>The emoji and other signs of a prompt.</summary>
    private static IEnumerable<string> Signs(PromptTraits traits) => traits.Words.Where(w => w.Kind == PromptWordKind.Symbol).Select(w => w.Text);

    /// <summary>
    /// Whether a long text differs in one place only. A paraphrase changes more than that. So this is the same text with one wish changed, which hardly
    /// moves the vector of a long text.
    /// </summary>
    private static bool AreOneEditApart(PromptTraits a, PromptTraits b)
    {
        string[] first = [.. a.Stems.Where(s => s.Length > 0)], second = [.. b.Stems.Where(s => s.Length > 0)];
        var shorter = Math.Min(first.Length, second.Length);
        var before = first.AsSpan().CommonPrefixLength(second);
        var after = 0;
        while (after < shorter - before && first[^(after + 1)] == second[^(after + 1)]) after++;
        var edited = Math.Max(first.Length, second.Length) - before - after;
        return edited is > 0 and <= LongestEdit && before + after >= LongText;
    }

    private static HashSet<int> Cuts(PromptTraits traits)
    {
        var cuts = new HashSet<int>();
        var words = 0;
        foreach (var word in traits.Words)
        {
            if (word.IsContent) words++;
            else cuts.Add(words);
        }

        // Punctuation at the end of a prompt cuts nothing.
        cuts.Remove(words);
        cuts.Remove(0);
        return cuts;
    }

    private sealed record Loaded(RemixProxyOptions Options, ConflictWords Words);
}
