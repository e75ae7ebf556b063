using System.Globalization;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using RemixProxy.Cache.Embedding;
using RemixProxy.Cache.Language;

namespace RemixProxy.Tests.Cache.Language;

/// <summary>How the work with a prompt grows with its length. It is counted, because a clock tells about the machine.</summary>
public class ReadingStepsTests
{
    private const int Short = 4_000;

    // Whatever is read by a rule of its own: signs, quotes, figures, small words, articles, politeness, shades, negations, plurals, scripts without blanks.
    private static readonly string[] Parts =
    [
        "?", ",", ".", "!", "?,", "-", "—", "_", "#", "#ff0000 ", "&", "%", "°", "(", "|", "/", " ", "\n", "\"", "'", " '", "' ", "“", "«", "''", " 'x",
        "\u0301", "\u0323", "e\u0301", "\u0489", "\uFE0F", "\u200D", "\U0001E8D0", "1", "1,000", "10:30", "-5 ", "'90s ", "5\" ", "five ", "twenty-",
        "hundred ", "0", "st ", "a ", "the ", "please ", "please, ", "could you ", "of ", "in ", "out ", "on ", "it ", "by ", "be ", "let ", "to ", "and ",
        "or ", "not ", "no ", "never ", "without ", "nobody ", "free", "-free ", "don't ", "light ", "dark ", "olive ", "olive green ", "red ", "left ", "pan ",
        "day ", "man ", "dogs ", "dog ", "dog's ", "dogs' ", "x", "é", "з", "ك", "ก", "漢", "か", "한", "🙂", "👩\u200D🚀", "🇳🇱",
        "\U0001F3F4", "ﬃ", "ｶﾞ", "Ⅷ", "½", "\uD800",
        "\uFFFE", "unarmed ", "armed ", "hopeless ", "should be ", "was ", "at ",
    ];

    public static TheoryData<string> Runs => [.. Parts, "\"?,", "red not ", "of red ", "of not ", "in of ", "let dogs ", "olive, ", "please, a ", "a, "];

    [Theory]
    [MemberData(nameof(Runs))]
    public void Twice_a_run_of_one_part_takes_twice_the_steps(string part) => AssertLinear(Of([part], Short), Of([part], 2 * Short));

    [Fact]
    public void Twice_any_mixture_takes_twice_the_steps()
    {
        var some = Gen.Elements(Parts).NonEmptyListOf().Where(p => p.Count <= 6);
        Prop.ForAll(some.ToArbitrary(), parts => AssertLinear(Of([.. parts], Short), Of([.. parts], 2 * Short))).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Different_words_without_end_take_twice_the_steps_too()
    {
        AssertLinear(Numbered(Short / 8, "w{0}a w{0}b "), Numbered(Short / 4, "w{0}a w{0}b "));
        AssertLinear(Numbered(Short / 8, "not k{0} "), Numbered(Short / 4, "not k{0} "));
        // What is single here is plural there.
        AssertLinear(
            Numbered(Short / 8, "q{0}x "), Numbered(Short / 4, "q{0}x "), Numbered(Short / 8, "q{0}xs "), Numbered(Short / 4, "q{0}xs "));
    }

    [Fact]
    public void A_word_without_end_is_named_by_its_beginning_wherever_others_refer_to_it()
    {
        var word = new string('x', 16_000);
        var traits = PromptTraits.Of(word + string.Concat(Enumerable.Repeat(" not", 4_000)), ConflictWords.Shipped);
        Assert.Equal(4_000, traits.Negations.Count);
        Assert.All(traits.Negations, n => Assert.InRange(n.Meaning.Length, 1, 100));
        Assert.NotNull(LexicalConflict.Find($"not {word}y", $"not {word}z", ConflictWords.Shipped));
    }

    private static string Of(string[] parts, int length)
    {
        var text = new StringBuilder();
        for (var i = 0; text.Length < length; i++) text.Append(parts[i % parts.Length]);
        return text.ToString();
    }

    private static string Numbered(int count, string format) =>
        string.Concat(Enumerable.Range(1_000, count).Select(i => string.Format(CultureInfo.InvariantCulture, format, i)));

    private static void AssertLinear(string text, string twice) => AssertLinear(text, twice, "y " + text, "y " + twice);

    private static void AssertLinear(string text, string twice, string other, string twiceOther)
    {
        var (steps, more) = (Steps(text, other), Steps(twice, twiceOther));
        // A quadratic reading takes four times the steps, and a few of them hide in a small text.
        Assert.True(more <= (2.2 * steps) + 1_000, $"{steps} steps, and {more} with twice the text");
        Assert.True(steps <= 100 * (text.Length + other.Length), $"{steps} steps for {text.Length + other.Length} characters");
    }

    private static long Steps(string text, string other)
    {
        var (a, b) = (PromptTraits.Of(text, ConflictWords.Shipped), PromptTraits.Of(other, ConflictWords.Shipped));
        LexicalEmbedder.Embed(a.Text);
        // In both orders, and past every class that already tells them apart.
        _ = LexicalConflict.All(a, b).Concat(LexicalConflict.All(b, a)).Count();
        return a.Text.Steps.Count + b.Text.Steps.Count;
    }
}
