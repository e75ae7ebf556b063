using System.Globalization;
using RemixProxy.Cache.Embedding;
using RemixProxy.Contract;
using RemixProxy.Providers;

namespace RemixProxy.Cache;

/// <summary>Names in the cache. What shapes a video besides its prompt is its scope: videos of different scopes never answer for each other.</summary>
internal static class CacheScope
{
    private const int NameLength = 32;

    /// <summary>Everything but the prompt, hashed.</summary>
    /// <param name="caller">Callers don't share.</param>
    /// <param name="operation">What is really done: an edit of a video by its id is a remix.</param>
    /// <param name="targets">Who may serve it, in order, resolved.</param>
    /// <param name="source">The source video, resolved.</param>
    /// <param name="parameters">Of the request, hashed: all but prompt, model and source.</param>
    public static string Of(string caller, VideoOperation operation, IReadOnlyList<ModelTarget> targets, VideoId? source, string parameters)
    {
        using var hash = new CanonicalHash();
        hash.Add(caller);
        hash.AddNumber(((int)operation).ToString(CultureInfo.InvariantCulture));
        hash.AddCount('t', targets.Count);
        foreach (var (provider, model) in targets)
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

    /// <summary>Where the vectors of a scope are: those of another maker never meet them.</summary>
    public static string VectorsOf(string scope, PromptVector vector) => CanonicalHash.Of(scope, vector.Identity)[..NameLength];
}
