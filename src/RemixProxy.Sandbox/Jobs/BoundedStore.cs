using System.Diagnostics.CodeAnalysis;

namespace RemixProxy.Sandbox.Jobs;

/// <summary>Keeps the newest entries of an account. A removed entry counts towards the bound until it would have been dropped.</summary>
internal sealed class BoundedStore<T>(int capacity)
    where T : class
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, T> _entries = new(StringComparer.Ordinal);
    private readonly Queue<string> _ages = new();

    public void Add(string id, T entry)
    {
        lock (_lock)
        {
            _entries.Add(id, entry);
            _ages.Enqueue(id);
            while (_ages.Count > capacity)
                _entries.Remove(_ages.Dequeue());
        }
    }

    public bool TryGet(string? id, [NotNullWhen(true)] out T? entry)
    {
        entry = null;
        lock (_lock)
            return id is not null && _entries.TryGetValue(id, out entry);
    }

    public bool Remove(string id)
    {
        lock (_lock)
            return _entries.Remove(id);
    }

    public IReadOnlyList<T> Snapshot()
    {
        lock (_lock)
            return [.. _entries.Values];
    }
}
