using System.Runtime.InteropServices;
using Microsoft.Extensions.AI;
using RemixProxy.Cache.Language;

namespace RemixProxy.Cache.Embedding;

/// <summary>
/// The built-in embedder. It turns texts into hashed features, on the processor alone, and gives the same vector on every machine.
/// A quarter of a vector's squared length stands for the whole sequence of content words, so two texts reach 0.85 only with the same words in the same order.
/// Below 0.75 the cosine says how many words, pairs of words and letters they share.
/// </summary>
internal sealed class LexicalEmbedder : IEmbeddingGenerator<string, Embedding<float>>
{
    public const string ProviderName = "builtin";
    public const string ModelName = "lexical-1";
    public const int Dimensions = WordDimensions + SequenceDimensions;

    private const int WordDimensions = 384;
    private const int SequenceDimensions = 128;
    private const double SequenceShare = 0.25;
    private const double PairWeight = 0.6;
    private const double LetterWeight = 0.35;

    private static readonly EmbeddingGeneratorMetadata Metadata = new(ProviderName, providerUri: null, ModelName, Dimensions);

    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        var result = new GeneratedEmbeddings<Embedding<float>>();
        long words = 0;
        foreach (var value in values)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var text = PromptText.Read(value);
            words += text.Words.Count(w => w.Kind is not (PromptWordKind.Break or PromptWordKind.Question));
            result.Add(new(Embed(text)) { ModelId = ModelName });
        }

        result.Usage = new() { InputTokenCount = words, TotalTokenCount = words };
        return Task.FromResult(result);
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is not null ? null : serviceType == typeof(EmbeddingGeneratorMetadata) ? Metadata : serviceType.IsInstanceOfType(this) ? this : null;

    public void Dispose()
    {
    }

    /// <summary>The vector of a text, at unit length.</summary>
    public static float[] Embed(PromptText text)
    {
        var vector = new float[Dimensions];
        AddWords(vector.AsSpan(0, WordDimensions), text.Content);
        AddSequence(vector.AsSpan(WordDimensions), text.Content);
        return vector;
    }

    private static void AddWords(Span<float> space, IReadOnlyList<string> content)
    {
        var sums = new double[WordDimensions];
        foreach (var (feature, (count, weight)) in Features(content))
        {
            // Sublinear, because a word said ten times isn't ten words. A square root, because IEEE 754 rounds it alike everywhere, unlike a logarithm.
            var value = weight * Math.Sqrt(count);
            sums[feature % WordDimensions] += (feature >> 63) == 0 ? value : -value;
        }

        var length = 0d;
        foreach (var sum in sums) length += sum * sum;
        // If the features cancel each other out, the first dimension stands for all.
        if (length < 1e-12) (sums[0], length) = (1, 1);
        var scale = Math.Sqrt((1 - SequenceShare) / length);
        for (var i = 0; i < sums.Length; i++) space[i] = (float)(sums[i] * scale);
    }

    private static Dictionary<ulong, (int Count, double Weight)> Features(IReadOnlyList<string> content)
    {
        var features = new Dictionary<ulong, (int Count, double Weight)>(content.Count * 8);
        var previous = "";
        foreach (var word in content)
        {
            Count(features, StableHash.Of(word, Seed('w')), 1);
            Count(features, StableHash.Of(word, StableHash.Add(StableHash.Add(Seed('p'), previous), " ")), PairWeight);
            for (var i = 0; i + 3 <= word.Length; i++) Count(features, StableHash.Of(word.AsSpan(i, 3), Seed('l')), LetterWeight);
            previous = word;
        }

        return features;
    }

    private static void Count(Dictionary<ulong, (int Count, double Weight)> features, ulong feature, double weight)
    {
        ref var entry = ref CollectionsMarshal.GetValueRefOrAddDefault(features, feature, out _);
        entry = (entry.Count + 1, weight);
    }

    private static ulong Seed(char kind) => StableHash.Add(StableHash.Start, [kind]);

    private static void AddSequence(Span<float> space, IReadOnlyList<string> content)
    {
        var hash = Seed('s');
        foreach (var word in content) hash = StableHash.Add(StableHash.Add(hash, word), "\n");
        var value = (float)Math.Sqrt(SequenceShare / SequenceDimensions);
        var bits = 0UL;
        for (var i = 0; i < space.Length; i++)
        {
            if (i % 64 == 0) bits = hash = StableHash.Mix(hash);
            space[i] = (bits & 1) == 0 ? value : -value;
            bits >>= 1;
        }
    }
}
