using System.Numerics.Tensors;
using RemixProxy.Cache.Embedding;
using RemixProxy.Cache.Language;
using RemixProxy.TestKit.Prompts;

namespace RemixProxy.Tests.Cache;

/// <summary>How well the cache tells prompts apart, over the pairs of <c>tests/Prompts</c>. The bounds are what was measured, less a little.</summary>
public class PromptQualityTests
{
    private const double Threshold = 0.85;

    [Fact]
    public void Prompts_that_differ_on_the_surface_hit() => AtLeast(0.95, PromptPairs.Surface, IsHit);

    [Fact]
    public void Prompts_that_ask_for_other_videos_never_hit()
    {
        var hits = PromptPairs.Contrasts.Where(IsHit).ToArray();
        Assert.True(hits.Length == 0, Text(hits));
    }

    [Theory]
    [InlineData("number")]
    [InlineData("negation")]
    [InlineData("colour")]
    [InlineData("camera")]
    [InlineData("opposite")]
    [InlineData("quoted")]
    [InlineData("order")]
    public void Whatever_the_embedder_the_classes_of_the_contract_are_caught(string kind) =>
        AtLeast(0.97, [.. PromptPairs.Contrasts.Where(p => p.Kind == kind)], p => Find(p) is not null);

    [Fact]
    public void Whatever_the_embedder_most_contrasts_are_caught() => AtLeast(0.85, PromptPairs.Contrasts, p => Find(p) is not null);

    [Fact]
    public void Nothing_stands_between_prompts_that_differ_on_the_surface() => AtLeast(0.99, PromptPairs.Surface, p => Find(p) is null);

    [Fact]
    public void Few_paraphrases_are_blocked() => AtLeast(0.79, PromptPairs.Paraphrases, p => Find(p) is null);

    private static void AtLeast(double share, IReadOnlyList<PromptPair> pairs, Func<PromptPair, bool> isGood)
    {
        var bad = pairs.Where(p => !isGood(p)).ToArray();
        Assert.NotEmpty(pairs);
        Assert.True(bad.Length <= (1 - share) * pairs.Count, $"{pairs.Count - bad.Length} of {pairs.Count}{Text(bad)}");
    }

    private static string Text(IEnumerable<PromptPair> pairs) =>
        string.Concat(pairs.Select(p => $"\n{p.Kind}, {Find(p) ?? "no conflict"}, {Similarity(p):f3}: {p.A} | {p.B}"));

    private static bool IsHit(PromptPair pair) => Similarity(pair) >= Threshold && Find(pair) is null;

    private static string? Find(PromptPair pair) => LexicalConflict.Find(pair.A, pair.B, ConflictWords.Shipped);

    private static float Similarity(PromptPair pair) =>
        TensorPrimitives.Dot(LexicalEmbedder.Embed(PromptText.Read(pair.A)), LexicalEmbedder.Embed(PromptText.Read(pair.B)));
}
