using RemixProxy.Resilience;

namespace RemixProxy.Cache;

/// <summary>The vectors of prompts, by scope. Vectors of different scopes never meet.</summary>
internal interface ISemanticIndex
{
    /// <summary>The nearest entries that have not expired, best first, with their exact cosine.</summary>
    /// <param name="scope">Everything but the prompt, hashed, with the embedder's identity.</param>
    /// <param name="vector">Of unit length.</param>
    /// <param name="count">How many at most.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <exception cref="DependencyException">The index can't be reached.</exception>
    ValueTask<IReadOnlyList<Neighbour>> SearchAsync(string scope, ReadOnlyMemory<float> vector, int count, CancellationToken cancellationToken);

    /// <summary>Adds an entry, or replaces it.</summary>
    ValueTask AddAsync(string scope, string entry, ReadOnlyMemory<float> vector, DateTimeOffset expiresAt, CancellationToken cancellationToken);

    /// <summary>Removes an entry.</summary>
    ValueTask RemoveAsync(string scope, string entry, CancellationToken cancellationToken);
}
