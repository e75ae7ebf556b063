using System.Globalization;
using RemixProxy.Cache.Embedding;
using RemixProxy.Contract;
using RemixProxy.Providers;

namespace RemixProxy.Cache;

/// <summary>Makes the names of the cache. A scope is all that shapes a video besides its prompt. A video never answers a request of another scope.</summary>
internal static class CacheScope
{
    private const int NameLength = 32;

    /// <summary>The scope of a request: everything but the prompt, hashed.</summary>
    /// <param name="caller">The caller. Callers don't share videos.</param>
    /// <param name="operation">The operation that is carried out: an edit of a video by its id is a remix.</param>
    /// <param name="targets">The resolved providers and models that may serve the request; their order doesn't count.</param>
    /// <param name="source">The resolved source video.</param>
    /// <param name="parameters">The hash of all other fields that a target is sent: all but prompt, model and source.</param>
    public static string Of(string caller, VideoOperation operation, IReadOnlyList<ModelTarget> targets, VideoId? source, string parameters)
    {
        using var hash = new CanonicalHash();
        hash.Add(caller);
        hash.AddNumber(((int)operation).ToString(CultureInfo.InvariantCulture));
        hash.AddCount('t', targets.Count);
        foreach (var (provider, model) in targets.OrderBy(t => t.Provider.Name, StringComparer.Ordinal).ThenBy(t => t.Model, StringComparer.Ordinal))
        {
            hash.Add(provider.Name);
            hash.Add(model);
        }

        hash.Add(source?.ToString());
        hash.Add(parameters);
        return hash.ToHex();
    }

    /// <summary>The <c>cache_id</c> of a prompt in a scope.</summary>
    public static string EntryOf(string scope, string prompt) => CanonicalHash.Of(scope, prompt)[..NameLength];

    /// <summary>The name under which the index keeps the vectors that one embedder made for a scope. Vectors of different embedders never meet.</summary>
    public static string VectorsOf(string scope, PromptVector vector) => CanonicalHash.Of(scope, vector.Identity)[..NameLength];
}
