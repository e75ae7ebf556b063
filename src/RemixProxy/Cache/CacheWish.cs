using RemixProxy.Contract;
using RemixProxy.Providers;

namespace RemixProxy.Cache;

/// <summary>A submit as the cache sees it.</summary>
/// <param name="Call">The call of the submit.</param>
/// <param name="Providers">The providers in force for the call.</param>
/// <param name="Policy">The cache policy of the submit.</param>
/// <param name="Scope">Everything that shapes the video but the prompt, hashed.</param>
/// <param name="Entry">The <c>cache_id</c>.</param>
/// <param name="Prompt">The prompt as the caller wrote it.</param>
internal sealed record CacheWish(CallContext Call, ProviderSet Providers, CachePolicy Policy, string Scope, string Entry, string Prompt)
{
    /// <summary>The longest that the cache store may keep the submit waiting.</summary>
    public TimeSpan Patience => Providers.Options.Redis.Timeout;
}
