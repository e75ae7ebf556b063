using RemixProxy.Cache.Embedding;
using RemixProxy.Jobs;
using RemixProxy.Redis;

namespace RemixProxy.Resilience;

/// <summary>The servers that this process needs, with the state they are in.</summary>
internal sealed class KnownDependencies(IJobStore store, IPromptEmbedder embedder)
{
    public IEnumerable<DependencyState> States()
    {
        if (store is RedisJobStore shared) yield return shared.Redis;
        if (embedder.Dependency is { } server) yield return server.State;
    }
}
