using RemixProxy.Resilience;

namespace RemixProxy.Cache.Embedding;

/// <summary>A prompt as an embedder sees it.</summary>
/// <param name="Values">Of unit length.</param>
/// <param name="Identity">Who made it: embedder, endpoint, model and dimension. Part of the scope, so that vectors of different makers never meet.</param>
/// <param name="Provider">The embedder's name, for <c>cache_debug</c>.</param>
/// <param name="Model">Its model, for <c>cache_debug</c>.</param>
/// <param name="InputTokens">What it consumed, where it says so.</param>
/// <param name="DefaultThreshold">The threshold where neither the caller nor the operator names one.</param>
internal sealed record PromptVector(ReadOnlyMemory<float> Values, string Identity, string Provider, string Model, int? InputTokens, double DefaultThreshold);

/// <summary>Turns prompts into vectors within a budget.</summary>
internal interface IPromptEmbedder : IKnownDependency
{
    // Prompts stay in this process unless an embedder says otherwise.
    DependencyState? IKnownDependency.State => null;

    /// <summary>The vector of a prompt; null where the embedder fails: the cache then does without.</summary>
    ValueTask<PromptVector?> EmbedAsync(string prompt, CancellationToken cancellationToken);
}
