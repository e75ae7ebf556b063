using RemixProxy.Resilience;

namespace RemixProxy.Cache;

/// <summary>Keeps the vectors of prompts by scope. A search sees only the vectors of its scope.</summary>
internal interface ISemanticIndex
{
    /// <summary>The nearest entries that have not expired, nearest first, with their exact cosine.</summary>
    /// <param name="scope">The hash of everything but the prompt, and of the embedder's identity.</param>
    /// <param name="vector">The vector of the prompt, of unit length.</param>
    /// <param name="count">The most entries to return.</param>
    /// <param name="cancellationToken">Cancels the search.</param>
    /// <exception cref="DependencyException">The index can't be reached.</exception>
    ValueTask<IReadOnlyList<Neighbour>> SearchAsync(string scope, ReadOnlyMemory<float> vector, int count, CancellationToken cancellationToken);

    /// <summary>Adds an entry; replaces an older one of the same id.</summary>
    ValueTask AddAsync(string scope, string entry, ReadOnlyMemory<float> vector, DateTimeOffset expiresAt, CancellationToken cancellationToken);

    /// <summary>Removes an entry.</summary>
    ValueTask RemoveAsync(string scope, string entry, CancellationToken cancellationToken);
}
