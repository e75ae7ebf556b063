using Microsoft.Extensions.AI;

namespace RemixProxy.Tests.Cache.Embedding;

/// <summary>A generator that answers as a test says.</summary>
internal sealed class FakeGenerator(EmbeddingGeneratorMetadata? metadata = null) : IEmbeddingGenerator<string, Embedding<float>>
{
    public Func<string, CancellationToken, Task<GeneratedEmbeddings<Embedding<float>>>> Answer { get; set; } = (_, _) => Task.FromResult(Of([3, 4]));

    public int Calls { get; private set; }

    public bool Disposed { get; private set; }

    public EmbeddingGenerationOptions? Options { get; private set; }

    public static GeneratedEmbeddings<Embedding<float>> Of(params float[][] vectors) => new(vectors.Select(v => new Embedding<float>(v)));

    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        Calls++;
        Options = options;
        return Answer(Assert.Single(values), cancellationToken);
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => serviceType == typeof(EmbeddingGeneratorMetadata) ? metadata : null;

    public void Dispose() => Disposed = true;
}
