using System.Collections.Concurrent;
using RemixProxy.Sandbox.Content;

namespace RemixProxy.Sandbox.Jobs;

/// <summary>All accounts: any name is one, made when first spoken of.</summary>
internal sealed class AccountRegistry(ClipLibrary clips, int maxJobs)
{
    private readonly ConcurrentDictionary<(string Type, string Name), SandboxAccount> _accounts = new();

    public SandboxAccount Of(string type, string name) =>
        _accounts.GetOrAdd((type, name), static (key, own) => new(key.Type, key.Name, own.Clips, own.MaxJobs), (Clips: clips, MaxJobs: maxJobs));

    /// <summary>How many jobs were ever made, by all accounts or those of one type.</summary>
    public int SubmitsOf(string? type) => _accounts.Values.Where(account => type is null || account.Type == type).Sum(account => account.Submits);
}
