using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using RemixProxy.Cache;
using RemixProxy.Resilience;

namespace RemixProxy.FunctionalTests.Cache;

/// <summary>The index in memory, whose entries can be seen and which can be away.</summary>
internal sealed class WatchedIndex : ISemanticIndex
{
    private readonly ConcurrentDictionary<string, string> _entries = new(StringComparer.Ordinal);
    private MemorySemanticIndex? _inner;

    /// <summary>The entries that have a vector.</summary>
    public ICollection<string> Entries => _entries.Keys;

    public bool IsAway { get; set; }

    public void Install(IReverseProxyBuilder proxy) => proxy.Services.Replace(ServiceDescriptor.Singleton<ISemanticIndex>(services =>
    {
        _inner = new(services.GetRequiredService<TimeProvider>());
        return this;
    }));

    public ValueTask<IReadOnlyList<Neighbour>> SearchAsync(string scope, ReadOnlyMemory<float> vector, int count, CancellationToken cancellationToken) =>
        Reach().SearchAsync(scope, vector, count, cancellationToken);

    public ValueTask AddAsync(string scope, string entry, ReadOnlyMemory<float> vector, DateTimeOffset expiresAt, CancellationToken cancellationToken)
    {
        _ = Reach();
        _entries[entry] = scope;
        return Reach().AddAsync(scope, entry, vector, expiresAt, cancellationToken);
    }

    public ValueTask RemoveAsync(string scope, string entry, CancellationToken cancellationToken)
    {
        _ = Reach();
        _entries.TryRemove(new(entry, scope));
        return Reach().RemoveAsync(scope, entry, cancellationToken);
    }

    private MemorySemanticIndex Reach() => IsAway ? throw new DependencyException("redis") : _inner!;
}
