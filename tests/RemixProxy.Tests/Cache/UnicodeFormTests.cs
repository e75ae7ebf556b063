using System.Diagnostics;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using RemixProxy.Cache.Language;

namespace RemixProxy.Tests.Cache;

/// <summary>The one way in which prompts' characters are written.</summary>
public class UnicodeFormTests
{
    [Theory]
    [InlineData("ｶﾞﾗｽ", "ガラス")]
    [InlineData("Ｅ\u0301", "É")]
    [InlineData("e\uFE0F\u0301", "é")]
    [InlineData("q\u0301\u0323", "q\u0323\u0301")]
    [InlineData("ṕ ḱ ǘ ở", "p\u0301 k\u0301 u\u0308\u0301 o\u031B\u0309")]
    [InlineData("\u212B", "Å")]
    [InlineData("ﬃ… ℃", "ffi... °C")]
    [InlineData("٣۴५", "345")]
    [InlineData("｢｡､", "\".,")]
    public void One_text(string a, string b) => Assert.Equal(UnicodeForm.Of(a), UnicodeForm.Of(b));

    [Theory]
    [InlineData("10²", "102")]
    [InlineData("½", "1/2")]
    [InlineData("①", "1")]
    [InlineData("\U0001F3F4\U000E0067\U000E0062\U000E0065\U000E006E\U000E0067\U000E007F",
        "\U0001F3F4\U000E0067\U000E0062\U000E0073\U000E0063\U000E0074\U000E007F")]
    [InlineData("می\u200Cخواهم", "میخواهم")]
    public void Two_texts(string a, string b) => Assert.NotEqual(UnicodeForm.Of(a), UnicodeForm.Of(b));

    [Fact]
    public void Form_of_a_form_is_that_form_for_every_character_of_the_first_plane()
    {
        for (var c = 0; c <= char.MaxValue; c++)
        {
            var form = UnicodeForm.Of($"x{(char)c}y");
            Assert.Equal(form, UnicodeForm.Of(form));
        }
    }

    [Fact]
    public void Composed_and_decomposed_are_one_and_any_text_has_a_form()
    {
        var texts = Gen.Elements(
            "a", "E", "\u00E9", "\u1EDF", "\u0301", "\u0323", "\u031B", "한", "が", "\u3099", " ", "\uFFFD", "🙂", "\uD834\uDD65").ListOf().Select(
            string.Concat).ToArbitrary();
        Prop.ForAll(texts, t => UnicodeForm.Compose(t) == t.Normalize()
            && UnicodeForm.Compose(t.Normalize(NormalizationForm.FormD)) == UnicodeForm.Compose(t)).QuickCheckThrowOnFailure();
        Prop.ForAll<string>(t => UnicodeForm.Of(t + "e\u0301\uFFFEe\u0301\uD800e\u0301").EndsWith(
            "\u00E9\uFFFE\u00E9\uD800\u00E9", StringComparison.Ordinal)).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Marks_without_end_take_no_longer_than_their_length_asks()
    {
        var text = "a" + new string('\u0301', 200_000) + new string('\u0323', 200_000);
        var time = Stopwatch.StartNew();
        UnicodeForm.Of(text);
        Assert.True(time.Elapsed < TimeSpan.FromSeconds(2), $"{time.Elapsed}");
    }
}
