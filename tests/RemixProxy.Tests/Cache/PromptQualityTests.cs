using System.Numerics.Tensors;
using RemixProxy.Cache;

namespace RemixProxy.Tests.Cache;

/// <summary>How well the cache tells prompts apart, over the pairs of <c>tests/Prompts</c>.</summary>
public class PromptQualityTests
{
    private const double Threshold = 0.85;

    private static readonly string[] Guarded = ["number", "negation", "colour", "camera", "opposite", "quoted", "order"];

    [Fact]
    public void Report()
    {
        foreach (var pair in PromptPairs.Surface.Where(p => !IsHit(p))) Console.WriteLine($"|S {pair.Kind}| {Find(pair)} {Similarity(pair):f3} {pair.A} || {pair.B}");
        foreach (var pair in PromptPairs.Contrasts.Where(IsHit)) Console.WriteLine($"|CH {pair.Kind}| {Similarity(pair):f3} {pair.A} || {pair.B}");
        foreach (var pair in PromptPairs.Contrasts.Where(p => Find(p) is null)) Console.WriteLine($"|C {pair.Kind}| {pair.A} || {pair.B}");
        foreach (var pair in PromptPairs.Paraphrases.Where(p => Find(p) is not null)) Console.WriteLine($"|P {pair.Kind}| {Find(pair)} | {pair.A} || {pair.B}");
        foreach (var kind in PromptPairs.Contrasts.GroupBy(p => p.Kind)) Console.WriteLine($"REPORT {kind.Key} {kind.Count(p => Find(p) is not null)}/{kind.Count()}");
        Console.WriteLine($"REPORT surface {PromptPairs.Surface.Count(IsHit)}/{PromptPairs.Surface.Count} contrasts hit {PromptPairs.Contrasts.Count(IsHit)} paraphrases hit {PromptPairs.Paraphrases.Count(IsHit)} blocked {PromptPairs.Paraphrases.Count(p => Find(p) is not null)}/{PromptPairs.Paraphrases.Count}");
    }

    private static bool IsHit(PromptPair pair) => Similarity(pair) >= Threshold && Find(pair) is null;

    private static string? Find(PromptPair pair) => LexicalConflict.Find(pair.A, pair.B, ConflictWords.Shipped);

    private static float Similarity(PromptPair pair) => TensorPrimitives.Dot(LexicalEmbedder.Embed(PromptText.Read(pair.A)), LexicalEmbedder.Embed(PromptText.Read(pair.B)));
}
