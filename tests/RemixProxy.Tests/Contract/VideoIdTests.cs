using FsCheck;
using FsCheck.Fluent;
using RemixProxy.Contract;

namespace RemixProxy.Tests.Contract;

/// <summary>Laws of <see cref="VideoId"/>.</summary>
public class VideoIdTests
{
    private static readonly Gen<string> Providers = Gen.Elements("openai", "runway-eu", "a", "0-9", new string('p', 32));

    private static readonly Gen<char> Characters = Gen.Frequency(
        (5, Gen.Elements("abcXYZ019_-".ToCharArray())), (3, Gen.Elements(":~.%/\\?#@;&=+ '\"<>|,!*()[]".ToCharArray())), (
            1, Gen.Elements("éß漢\u202e\u0301\ufeff".ToCharArray())));

    private static readonly Gen<string> Natives = Gen.OneOf(
        Gen.Elements(".", "..", "~", "~~", ":", "::", "a:runway-eu", ":openai", "~Li4", "%2F", "🎬", "projects/p/operations/1"),
        Characters.NonEmptyListOf().Select(c => string.Concat(c)));

    private static readonly Arbitrary<VideoId> Ids = Natives.SelectMany(n => Providers.Select(p => new VideoId(n, p))).ToArbitrary();

    [Fact]
    public void Every_native_id_comes_back() =>
        Prop.ForAll(Ids, id => !Comes(id.Native) || (VideoId.TryParse(id.ToString(), out var parsed) && parsed == id)).QuickCheckThrowOnFailure();

    [Fact]
    public void An_emitted_id_needs_no_escaping_in_a_path_and_is_no_dot_segment() => Prop.ForAll(Ids, id =>
    {
        var text = id.ToString();
        return text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' or '~' or ':') && text is not ("." or "..")
            && text.Split(':')[0] is not ("" or "." or "..");
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Different_native_ids_have_different_texts() =>
        Prop.ForAll(Ids, Ids, (a, b) => a == b || a.ToString() != b.ToString()).QuickCheckThrowOnFailure();

    [Fact]
    public void A_doubled_suffix_counts_once() =>
        Prop.ForAll(Ids, id => VideoId.TryParse($"{id}:{id.Provider}", out var parsed) && parsed == id).QuickCheckThrowOnFailure();

    [Fact]
    public void A_text_that_is_no_canonical_encoding_is_no_id() => Prop.ForAll(Natives.ToArbitrary(), native =>
        !VideoId.TryDecodeNative("~" + native, out var decoded) || VideoId.EncodeNative(decoded) == "~" + native).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("", false)]
    [InlineData(".", false)]
    [InlineData("..", false)]
    [InlineData("a\0b:openai", false)]
    [InlineData("a\u0085b:openai", false)]
    [InlineData("a:openai", true)]
    public void What_may_be_looked_at(string text, bool accepted) => Assert.Equal(accepted, VideoId.IsAcceptable(text));

    [Fact]
    public void Length_counts_in_bytes()
    {
        Assert.True(VideoId.IsAcceptable(new('é', 256)));
        Assert.False(VideoId.IsAcceptable(new string('é', 256) + "a"));
    }

    // A lone surrogate is no valid text, and a provider's JSON can't have one either.
    private static bool Comes(string native) => native.EnumerateRunes().All(r => r.Value != 0xFFFD);
}
