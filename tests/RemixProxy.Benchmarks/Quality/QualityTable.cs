using System.Globalization;
using System.Numerics.Tensors;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using RemixProxy.Cache.Embedding;
using RemixProxy.Cache.Language;
using RemixProxy.TestKit.Prompts;

namespace RemixProxy.Benchmarks.Quality;

/// <summary>Which of the pairs of <c>tests/Prompts</c> would share a video, with and without the check of words.</summary>
internal sealed class QualityTable(IPromptEmbedder embedder, LexicalConflict conflicts)
{
    private const int Tries = 3;

    private readonly Dictionary<string, PromptVector> _vectors = new(StringComparer.Ordinal);

    /// <summary>Judges all pairs and prints the table.</summary>
    /// <param name="options">Of <c>RemixProxy:Cache:Embeddings</c>; empty: the built-in embedder.</param>
    public static async Task<int> RunAsync(IReadOnlyDictionary<string, string?> options)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(
            options.Select(o => KeyValuePair.Create("RemixProxy:Cache:Embeddings:" + o.Key, o.Value))).Build();
        var services = new ServiceCollection().AddLogging().AddSingleton<IConfiguration>(configuration);
        services.AddReverseProxy().AddRemixProxy(configuration);
        await using var provider = services.BuildServiceProvider();
        var table = new QualityTable(provider.GetRequiredService<IPromptEmbedder>(), provider.GetRequiredService<LexicalConflict>());
        await table.PrintAsync();
        return 0;
    }

    private async Task PrintAsync()
    {
        var sample = await VectorAsync(PromptPairs.Surface[0].A);
        Console.WriteLine($"""
            Embedder: {sample.Provider}, {sample.Model}, {sample.Values.Length} dimensions; a hit is a cosine of at least {sample.DefaultThreshold} and no conflict of words.

            | pairs | how many | median cosine | cosine reaches the threshold | words conflict | hits | in remix style | least cosine of a hit |
            |---|---|---|---|---|---|---|---|
            """);
        Print("surface", await JudgeAsync(PromptPairs.Surface));
        Print("paraphrases", await JudgeAsync(PromptPairs.Paraphrases));
        var contrasts = await JudgeAsync(PromptPairs.Contrasts);
        Print("contrasts", contrasts);
        foreach (var kind in contrasts.GroupBy(v => v.Pair.Kind).OrderBy(g => g.Key, StringComparer.Ordinal)) Print($"contrasts: {kind.Key}", [.. kind]);
        foreach (var hit in contrasts.Where(v => v.IsHit))
            Console.WriteLine($"\nA contrast hit ({hit.Pair.Kind}, {hit.Cosine:F3}): \"{hit.Pair.A}\" – \"{hit.Pair.B}\"");
    }

    private static void Print(string name, IReadOnlyList<Verdict> verdicts)
    {
        var hits = verdicts.Count(v => v.IsHit);
        var cosines = verdicts.Select(v => v.Cosine).Order().ToArray();
        var least = verdicts.Where(v => v.IsHit).Select(
            v => v.Cosine.ToString("F3", CultureInfo.InvariantCulture)).Order(StringComparer.Ordinal).FirstOrDefault("–");
        var remixes = verdicts.Where(v => v.Pair.Style == "remix").ToArray();
        Console.WriteLine(
            $"| {name} | {verdicts.Count} | {cosines[cosines.Length / 2]:F3} | {verdicts.Count(v => v.IsNear)} | {verdicts.Count(
            v => !v.MayShare)} | {hits} ({100.0 * hits / verdicts.Count:F1} %) | {remixes.Count(v => v.IsHit)} of {remixes.Length} | {least} |");
    }

    private async Task<List<Verdict>> JudgeAsync(IReadOnlyList<PromptPair> pairs)
    {
        var verdicts = new List<Verdict>(pairs.Count);
        foreach (var pair in pairs)
        {
            var (a, b) = (await VectorAsync(pair.A), await VectorAsync(pair.B));
            var cosine = TensorPrimitives.Dot(a.Values.Span, b.Values.Span);
            verdicts.Add(new(pair, cosine, cosine >= a.DefaultThreshold, !conflicts.Between(pair.A, pair.B)));
        }

        return verdicts;
    }

    private async Task<PromptVector> VectorAsync(string prompt)
    {
        if (_vectors.TryGetValue(prompt, out var known)) return known;
        for (var i = 0; i < Tries; i++)
        {
            if (await embedder.EmbedAsync(prompt, CancellationToken.None) is { } vector) return _vectors[prompt] = vector;
            // Its breaker lets the next one through after a second.
            await Task.Delay(TimeSpan.FromSeconds(2));
        }

        throw new InvalidOperationException("The embedder does not answer with vectors; see its own log.");
    }

    private sealed record Verdict(PromptPair Pair, float Cosine, bool IsNear, bool MayShare)
    {
        public bool IsHit => IsNear && MayShare;
    }
}
