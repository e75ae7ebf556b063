using FsCheck;
using FsCheck.Fluent;
using RemixProxy.Exchanges;

namespace RemixProxy.Tests.Exchanges;

/// <summary>Where a provider's words quote the caller's.</summary>
public class QuoteTests
{
    [Theory]
    [InlineData("refused: A Paper Boat on a canal", "a paper boat on a canal at dawn", "refused: [quote]")]
    [InlineData("refused: …per boat on a ca…", "a paper boat on a canal at dawn", "refused: …[quote]")]
    [InlineData("refused: a paper boat", "a paper boat on a canal at dawn", "refused: [quote]")]
    [InlineData("refused: a paper boa", "a paper boat on a canal at dawn", "refused: a paper boa")]
    [InlineData("no snow here", "snow", "no [quote]")]
    [InlineData("no sno here", "snow", "no sno here")]
    [InlineData("no cat", "cat", "no cat")]
    [InlineData("say \\u0022hi there\\u0022", "\"hi there\"", "say [quote]")]
    public void Text_is_cut_where_the_quote_begins(string said, string own, string shown) =>
        Assert.Equal(shown, ProviderText.WithoutQuotes(said, own));

    [Fact]
    public void Earliest_quote_of_any_text_counts() =>
        Assert.Equal("I read [quote]", ProviderText.WithoutQuotes("I read the second one and the first one", "the first one", null, "", "the second one"));

    [Fact]
    public void Quotes_are_found_as_by_trying_every_piece_at_every_place()
    {
        var text = Gen.Elements('a', 'b', 'A').ListOf().Select(c => string.Concat(c)).ToArbitrary();
        Prop.ForAll(text, text, (said, own) => ProviderText.WithoutQuotes(said, own) == Naive(said, own)).QuickCheckThrowOnFailure();
        Prop.ForAll(text, text, text, (said, a, b) =>
            (ProviderText.WithoutQuotes(said, a, b) == said) == (Naive(said, a) == said && Naive(said, b) == said)).QuickCheckThrowOnFailure();
    }

    private static string Naive(string said, string own)
    {
        var length = Math.Min(own.Length, 12);
        for (var at = 0; length >= 4 && at + length <= said.Length; at++)
        {
            if (own.Contains(said.Substring(at, length), StringComparison.OrdinalIgnoreCase)) return said[..at] + "[quote]";
        }

        return said;
    }
}
