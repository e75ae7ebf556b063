using RemixProxy.Resilience;

namespace RemixProxy.Cache.Embedding;

/// <summary>A prompt as an embedder sees it.</summary>
/// <param name="Values">The vector, at unit length.</param>
/// <param name="Identity">Embedder, endpoint, model and dimension, hashed. It is part of the scope, so that vectors of different makers never meet.</param>
/// <param name="Provider">The embedder's name, for <c>cache_debug</c>.</param>
/// <param name="Model">The embedder's model, for <c>cache_debug</c>.</param>
/// <param name="InputTokens">The tokens that the embedder consumed, where it says so.</param>
/// <param name="DefaultThreshold">The threshold that applies if neither the caller nor the operator names one.</param>
internal sealed record PromptVector(ReadOnlyMemory<float> Values, string Identity, string Provider, string Model, int? InputTokens, double DefaultThreshold);

/// <summary>Turns prompts into vectors within a budget.</summary>
internal interface IPromptEmbedder : IKnownDependency
{
    // The default is an embedder that sends no prompt to a server.
    DependencyState? IKnownDependency.State => null;

    /// <summary>The vector of a prompt; null where the embedder fails, and the cache then goes on without it.</summary>
    ValueTask<PromptVector?> EmbedAsync(string prompt, CancellationToken cancellationToken);
}
