using RemixProxy.Routing;

namespace RemixProxy.Cache;

/// <summary>
/// Decides by words whether two prompts ask for different videos although their vectors are near. It doesn't ask for equal words, since an embedding model may well match a
/// paraphrase: it looks for what models of language see least, such as a number, a "no", a colour, a side, an opposite, or who does what to whom.
/// </summary>
internal sealed class LexicalConflict(ProviderRegistry registry)
{
    private volatile Loaded? _loaded;

    private delegate bool Differ(PromptTraits a, PromptTraits b);

    // In the order in which they are worth telling.
    private static readonly (string Name, Differ Differ)[] Classes =
    [
        ("quoted text", (a, b) => !a.Text.Quotes.SequenceEqual(b.Text.Quotes)),
        ("numbers", (a, b) => AreOthers(a, a.Numbers, b, b.Numbers)),
        ("negation", (a, b) => !HaveEqualMeanings(a.Negations, b.Negations)),
        ("colours", (a, b) => AreOthers(a, a.Colors, b, b.Colors)),
        ("directions", (a, b) => AreOthers(a, a[WordClass.Directions], b, b[WordClass.Directions])),
        ("camera", (a, b) => !a[WordClass.Cameras].Select(m => m.Meaning).ToHashSet().SetEquals(b[WordClass.Cameras].Select(m => m.Meaning))),
        ("opposites", (a, b) => Choose(a[WordClass.Opposites], b[WordClass.Opposites])),
        ("particles", ChooseParticles),
        ("singular and plural", (a, b) => Choose(a[WordClass.Plurals], b[WordClass.Plurals]) || CountThings(a, b) || CountThings(b, a)),
        ("order", AreReordered),
        ("punctuation", ArePunctuatedOtherwise),
    ];

    /// <summary>Whether a word stands between two prompts.</summary>
    public bool Between(string a, string b) => Find(a, b) is not null;

    /// <summary>The class of what stands between two prompts; null where nothing does.</summary>
    public string? Find(string a, string b) => Find(a, b, Words());

    /// <summary>The same, by given lists.</summary>
    public static string? Find(string a, string b, ConflictWords words)
    {
        if (a == b) return null;
        var (first, second) = (PromptTraits.Of(a, words), PromptTraits.Of(b, words));
        foreach (var (name, differ) in Classes)
        {
            if (differ(first, second)) return name;
        }

        return null;
    }

    private ConflictWords Words()
    {
        var options = registry.Current.Options;
        if (_loaded is { } loaded && ReferenceEquals(loaded.Options, options)) return loaded.Words;
        // Configuration in force has been validated.
        var words = options.Cache.Words.Count == 0 ? ConflictWords.Shipped : ConflictWords.Build(options.Cache.Words, []);
        _loaded = new(options, words);
        return words;
    }

    private static bool AreOthers(PromptTraits a, List<WordMention> inA, PromptTraits b, List<WordMention> inB)
    {
        if (inA.Count != inB.Count || !HaveEqualMeanings(inA, inB)) return true;
        if (inA.Count < 2) return false;
        var (boundInA, boundInB) = (inA.ConvertAll(m => (m.Meaning, Of: a.Bound(m))), inB.ConvertAll(m => (m.Meaning, Of: b.Bound(m))));
        if (!inA.Select(m => m.Meaning).SequenceEqual(inB.Select(m => m.Meaning)) && !boundInA.Order().SequenceEqual(boundInB.Order())) return true;
        // The car is red here and blue there, whatever else has changed.
        var ofB = boundInB.ToLookup(m => m.Of, m => m.Meaning);
        return boundInA.GroupBy(m => m.Of, m => m.Meaning).Any(g => g.Key.StartsWith('<') && ofB[g.Key].Any() && !ofB[g.Key].Intersect(g).Any());
    }

    private static bool HaveEqualMeanings(List<WordMention> a, List<WordMention> b) =>
        a.Count == b.Count && (a.Count == 0 || a.Select(m => m.Meaning).Order(StringComparer.Ordinal).SequenceEqual(b.Select(m => m.Meaning).Order(StringComparer.Ordinal)));

    /// <summary>Whether one prompt has one choice where the other has another.</summary>
    private static bool Choose(List<WordMention> a, List<WordMention> b)
    {
        if (a.Count == 0 || b.Count == 0) return false;
        var more = new Dictionary<(string, int), int>();
        foreach (var mention in a) more[(mention.Meaning, mention.Choice)] = more.GetValueOrDefault((mention.Meaning, mention.Choice)) + 1;
        foreach (var mention in b) more[(mention.Meaning, mention.Choice)] = more.GetValueOrDefault((mention.Meaning, mention.Choice)) - 1;
        var onlyInA = more.Where(m => m.Value > 0).Select(m => m.Key.Item1).ToHashSet();
        return more.Any(m => m.Value < 0 && onlyInA.Contains(m.Key.Item1));
    }

    /// <summary>The same for small words, beside the same word.</summary>
    private static bool ChooseParticles(PromptTraits a, PromptTraits b)
    {
        var (inA, inB) = (Anchored(a), Anchored(b));
        var onlyInA = inA.Except(inB).Select(p => (p.Pair, p.Anchor)).ToHashSet();
        return onlyInA.Count > 0 && inB.Except(inA).Any(p => onlyInA.Contains((p.Pair, p.Anchor)));
    }

    private static HashSet<(string Pair, int Choice, string Anchor)> Anchored(PromptTraits traits)
    {
        var anchored = new HashSet<(string, int, string)>();
        foreach (var particle in traits[WordClass.Particles])
        {
            if (traits.Before(particle.At) is { Length: > 0 } before) anchored.Add((particle.Meaning, particle.Choice, "<" + before));
            if (traits.After(particle.At + particle.Length - 1) is { Length: > 0 } after) anchored.Add((particle.Meaning, particle.Choice, ">" + after));
        }

        return anchored;
    }

    /// <summary>Whether a thing is one in <paramref name="one"/> and more in <paramref name="many"/>.</summary>
    private static bool CountThings(PromptTraits one, PromptTraits many)
    {
        var (inOne, inMany) = (Places(one), Places(many));
        foreach (var (word, at) in inMany)
        {
            if (word.Length < 3 || inOne.ContainsKey(word) || !(word[^1] == 's' || word.EndsWith("s'"))) continue;
            foreach (var singular in Singulars(word))
            {
                if (inOne.TryGetValue(singular, out var there) && !inMany.ContainsKey(singular) && IsThing(one, there, many, at)) return true;
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
        if (word.EndsWith("s'"))
        {
            yield return word[..^2] + "'s";
            yield break;
        }

        yield return word[..^1];
        if (word.EndsWith("es")) yield return word[..^2];
        if (word.EndsWith("ies")) yield return word[..^3] + "y";
    }

    /// <summary>A noun, as far as its place tells: a verb's third person ends in -s too.</summary>
    private static bool IsThing(PromptTraits one, int inOne, PromptTraits many, int inMany)
    {
        var (near, far) = (one.DeterminerDistance(inOne), many.DeterminerDistance(inMany));
        if (near == 1 || far == 1 || one.Words[inOne].Text.EndsWith("'s")) return true;
        // "Let the man walk": after such words the bare form is a verb.
        if (one.Words.Take(inOne).Any(w => w.Text is "let" or "make" or "have" or "see" or "watch" or "help" or "to" or "will" or "should" or "can" or "must" or "not")) return false;
        return (near > 1 && far == 0) || (one.Before(inOne) == many.Before(inMany) && one.After(inOne) == many.After(inMany));
    }

    /// <summary>The same content words in another order: who chases whom.</summary>
    private static bool AreReordered(PromptTraits a, PromptTraits b)
    {
        if (Sum(a) != Sum(b)) return false;
        string[] first = [.. a.Stems.Where(s => s.Length > 0)], second = [.. b.Stems.Where(s => s.Length > 0)];
        var isSame = first.AsSpan().SequenceEqual(second);
        // "The winner is cheered by the crowd" turns the crowd's cheering round.
        if (first.Length > 2 && IsPassive(a) != IsPassive(b)) return isSame;
        return !isSame && !IsRotated(a, first, second) && !IsRotated(b, second, first);
    }

    /// <summary>Equal for equal words in any order.</summary>
    private static ulong Sum(PromptTraits traits)
    {
        var sum = 0UL;
        foreach (var stem in traits.Stems)
        {
            if (stem.Length > 0) sum += StableHash.Of(stem);
        }

        return sum;
    }

    private static bool IsPassive(PromptTraits traits)
    {
        var by = traits.Words.FindIndex(w => w.Text == "by");
        return by > 1 && traits.Words.FindIndex(0, by, w => w.Text is "is" or "are" or "was" or "were" or "be" or "being" or "been" or "get" or "gets" or "got") >= 0;
    }

    /// <summary>"At sunset, a horse gallops" is "A horse gallops at sunset".</summary>
    private static bool IsRotated(PromptTraits traits, string[] words, string[] other)
    {
        var end = traits.Words.FindIndex(w => w.Kind == PromptWordKind.Break);
        if (end < 2 || !ReadingWords.Shipped.Openers.Contains(traits.Words[0].Text)) return false;
        var length = traits.Stems.Take(end).Count(s => s.Length > 0);
        return words.AsSpan(length).SequenceEqual(other.AsSpan(0, other.Length - length)) && words.AsSpan(0, length).SequenceEqual(other.AsSpan(other.Length - length));
    }

    /// <summary>The same words, cut into other parts.</summary>
    private static bool ArePunctuatedOtherwise(PromptTraits a, PromptTraits b)
    {
        if (!Bare(a.Text.Content).SequenceEqual(Bare(b.Text.Content))) return false;
        if (!a.Text.Content.SequenceEqual(b.Text.Content)) return true;
        var (inA, inB) = (Cuts(a), Cuts(b));
        return !inA.IsSubsetOf(inB) && !inB.IsSubsetOf(inA);
    }

    private static IEnumerable<string> Bare(IReadOnlyList<string> content) => content.Where(w => w is not ("," or "?"));

    private static HashSet<int> Cuts(PromptTraits traits)
    {
        var cuts = new HashSet<int>();
        var words = 0;
        foreach (var word in traits.Words)
        {
            if (word.IsContent) words++;
            else cuts.Add(words);
        }

        // At the end of a prompt nothing is cut.
        cuts.Remove(words);
        cuts.Remove(0);
        return cuts;
    }

    private sealed record Loaded(RemixProxyOptions Options, ConflictWords Words);
}
