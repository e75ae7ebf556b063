using RemixProxy.Contract;
using RemixProxy.Providers;

namespace RemixProxy.Cache;

/// <summary>What a submit is to the cache.</summary>
/// <param name="Call">Whose it is.</param>
/// <param name="Providers">Those in force for it.</param>
/// <param name="Policy">What it wants.</param>
/// <param name="Scope">Everything but the prompt.</param>
/// <param name="Entry">The <c>cache_id</c>.</param>
/// <param name="Prompt">As the caller wrote it.</param>
internal sealed record CacheWish(CallContext Call, ProviderSet Providers, CachePolicy Policy, string Scope, string Entry, string Prompt)
{
    /// <summary>How long the cache may keep it waiting.</summary>
    public TimeSpan Patience => Providers.Options.Redis.Timeout;
}
