using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.AI;
using RemixProxy.Cache.Embedding;
using RemixProxy.Cache.Language;
using RemixProxy.TestKit.Prompts;

namespace RemixProxy.Tests.Cache.Embedding;

/// <summary>The built-in embedder.</summary>
public class LexicalEmbedderTests
{
    private const float Threshold = 0.85f;

    [Fact]
    public async Task It_says_who_it_is_and_what_it_consumed()
    {
        using var embedder = new LexicalEmbedder();
        var metadata = embedder.GetService<EmbeddingGeneratorMetadata>()!;
        Assert.Equal(("builtin", "lexical-1", 512), (metadata.ProviderName, metadata.DefaultModelId, metadata.DefaultModelDimensions));
        Assert.Same(embedder, embedder.GetService<IEmbeddingGenerator<string, Embedding<float>>>());
        Assert.Null(embedder.GetService(typeof(EmbeddingGeneratorMetadata), "other"));

        var made = await embedder.GenerateAsync(["Make the car red, please!", "Two dogs"]);
        Assert.Equal(2, made.Count);
        Assert.All(made, e => Assert.Equal((512, "lexical-1"), (e.Vector.Length, e.ModelId)));
        Assert.Equal(7, made.Usage!.InputTokenCount);
    }

    [Fact]
    public void A_vector_is_the_same_everywhere()
    {
        var vector = Vector("Zwei Hunde & a café at 10:30, \"Open 24h\" 🙂 — 猫が寝ている");
        Assert.Equal(Golden, Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes(vector.AsSpan())))[..16]);
    }

    private const string Golden = "c526b66c941f54c4";

    [Fact]
    public void A_vector_of_any_text_has_unit_length() => Prop.ForAll(ArbMap.Default.ArbFor<string>(), text =>
    {
        var vector = Vector(text ?? "");
        return Math.Abs(TensorPrimitives.Norm(vector) - 1) < 1e-5 && vector.AsSpan().SequenceEqual(Vector(text ?? ""));
    }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("Make the car red", "make the car RED")]
    [InlineData("Make the car red", "Make the car red!")]
    [InlineData("Make the car red", "make  the\tcar\nred ")]
    [InlineData("Make the car red", "make car red")]
    [InlineData("Make the car red", "please make the car red")]
    [InlineData("Make the car red", "Could you make the car red?")]
    [InlineData("Make the car red", "Could you please make the car red, please?")]
    [InlineData("Make the car red", "Ｍake the car red")]
    [InlineData("a café", "a cafe\u0301")]
    [InlineData("the dog's bowl", "the dog’s bowl")]
    [InlineData("Don't zoom", "do not zoom")]
    [InlineData("two dogs", "2 dogs")]
    [InlineData("twenty-five dogs", "25 dogs")]
    [InlineData("a slow-motion shot", "a slow motion shot")]
    [InlineData("a grey harbour", "a gray harbor")]
    [InlineData("Mach das Auto rot", "Bitte mach das Auto rot.")]
    [InlineData("雨を降らせて", "雨を降らせてください。")]
    [InlineData("ガラス", "カ\u3099ラス")]
    [InlineData("한국", "\u1112\u1161\u11ab\u1100\u116e\u11a8")]
    public void What_differs_on_the_surface_reaches_the_threshold(string a, string b) => Assert.InRange(Similarity(a, b), Threshold, 1.0001f);

    [Theory]
    [InlineData("a dog", "dogs")]
    [InlineData("a few people", "few people")]
    [InlineData("No, zoom in", "No zoom in")]
    [InlineData("Let's eat, Grandma", "Let's eat Grandma")]
    [InlineData("a light, blue dress", "a light blue dress")]
    [InlineData("the dog runs", "the dog runs?")]
    [InlineData("a man-eating shark", "a man eating shark")]
    [InlineData("at 1.5 m", "at 15 m")]
    [InlineData("at -5 degrees", "at 5 degrees")]
    [InlineData("twenty five-year-olds", "twenty-five year-olds")]
    [InlineData("the dog's bowls", "the dogs' bowls")]
    [InlineData("a kindly man", "a man")]
    [InlineData("a man tries to please", "a man tries to")]
    [InlineData("Vitamin A", "Vitamin")]
    [InlineData("🙂", "🙁")]
    [InlineData("please", "could you")]
    [InlineData("the", "an")]
    [InlineData("", "please")]
    [InlineData("$5", "5%")]
    [InlineData("C#", "C++")]
    [InlineData("80s music", "80 seconds of music")]
    [InlineData("schon", "schön")]
    [InlineData("猫が犬を追う", "犬が猫を追う")]
    public void What_differs_in_meaning_stays_below(string a, string b) => Assert.InRange(Similarity(a, b), -1f, 0.84f);

    [Fact]
    public void The_more_words_are_shared_the_nearer()
    {
        const string Prompt = "an old sailor mends a net on the pier at dawn";
        string[] others = ["an old sailor mends a net on the pier at noon", "an old sailor paints a boat on the pier at noon",
            "a young sailor paints a boat in the harbour at noon", "two cats sleep"];
        var similarities = Array.ConvertAll(others, o => Similarity(Prompt, o));
        Assert.Equal(similarities.OrderDescending(), similarities);
        Assert.True(similarities[0] > 0.4 && similarities[^1] < 0.2, string.Join(' ', similarities));
    }

    [Fact]
    public void Texts_of_other_words_never_reach_the_threshold()
    {
        var texts = PromptPairs.Contrasts.Concat(PromptPairs.Paraphrases).SelectMany(p => new[] { p.A, p.B }).Select(PromptText.Read).DistinctBy(
            t => string.Join(' ', t.Content)).ToArray();
        var vectors = Array.ConvertAll(texts, LexicalEmbedder.Embed);
        for (var i = 0; i < vectors.Length; i++)
        {
            for (var j = 0; j < i; j++) Assert.True(TensorPrimitives.Dot(vectors[i], vectors[j]) < Threshold);
        }
    }

    private static float Similarity(string a, string b) => TensorPrimitives.Dot(Vector(a), Vector(b));

    private static float[] Vector(string text) => LexicalEmbedder.Embed(PromptText.Read(text));
}
