namespace RemixProxy.Cache;

/// <summary>No vectors and no words: what is not equal is not similar.</summary>
internal sealed class ExactOnly : IPromptEmbedder, ISemanticIndex, ILexicalConflict
{
    public ValueTask<PromptVector?> EmbedAsync(string prompt, CancellationToken cancellationToken) => default;

    public ValueTask<IReadOnlyList<Neighbour>> SearchAsync(string scope, ReadOnlyMemory<float> vector, int count, CancellationToken cancellationToken) => new([]);

    public ValueTask AddAsync(string scope, string entry, ReadOnlyMemory<float> vector, DateTimeOffset expiresAt, CancellationToken cancellationToken) => default;

    public ValueTask RemoveAsync(string scope, string entry, CancellationToken cancellationToken) => default;

    public bool Between(string a, string b) => a != b;
}
