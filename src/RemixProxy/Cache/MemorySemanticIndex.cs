namespace RemixProxy.Cache;

/// <summary>Keeps vectors in this process: the newest of each scope, and the scopes that were used last.</summary>
/// <param name="time">The clock that decides what has expired.</param>
/// <param name="maxBytes">The approximate size of all vectors, in bytes. Beyond it the least recently used scopes are dropped.</param>
internal sealed class MemorySemanticIndex(TimeProvider time, long maxBytes) : ISemanticIndex
{
    /// <summary>The most vectors of one scope.</summary>
    public const int MaxVectors = 2_000;

    private const long DefaultMaxBytes = 64L << 20;

    /// <summary>The approximate size of a scope without its vectors, in bytes.</summary>
    private const int ScopeOverhead = 512;

    /// <summary>Guards the set of scopes. Each scope has its own lock for its vectors, so that a long search delays no other scope.</summary>
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Scope> _scopes = new(StringComparer.Ordinal);
    private readonly LinkedList<Scope> _byUse = new();
    private long _bytes;

    public MemorySemanticIndex(TimeProvider time)
        : this(time, DefaultMaxBytes)
    {
    }

    /// <summary>The approximate size of all vectors, in bytes.</summary>
    public long Bytes
    {
        get
        {
            lock (_lock) return _bytes;
        }
    }

    public ValueTask<IReadOnlyList<Neighbour>> SearchAsync(string scope, ReadOnlyMemory<float> vector, int count, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (count <= 0 || Use(scope) is not { } held) return new([]);
        var best = new Neighbour[Math.Min(count, MaxVectors)];
        int found;
        lock (held.Lock)
        {
            var now = time.GetUtcNow();
            (found, var anyExpired) = held.Table.Search(vector.Span, now, best);
            if (anyExpired)
            {
                held.Table.RemoveExpired(now);
                Account(held);
            }
        }

        return new(best.AsSpan(0, found).ToArray());
    }

    public ValueTask AddAsync(string scope, string entry, ReadOnlyMemory<float> vector, DateTimeOffset expiresAt, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        while (true)
        {
            var held = UseOrAdd(scope, vector.Length);
            lock (held.Lock)
            {
                held.Table.Set(entry, vector.Span, expiresAt, time.GetUtcNow());
                // The scope may have been dropped since it was found.
                if (Account(held)) return default;
            }
        }
    }

    public ValueTask RemoveAsync(string scope, string entry, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (Use(scope) is not { } held) return default;
        lock (held.Lock)
        {
            if (held.Table.Remove(entry)) Account(held);
        }

        return default;
    }

    private Scope? Use(string name)
    {
        lock (_lock)
        {
            if (!_scopes.TryGetValue(name, out var scope)) return null;
            _byUse.Remove(scope.Node);
            _byUse.AddFirst(scope.Node);
            return scope;
        }
    }

    private Scope UseOrAdd(string name, int dimensions)
    {
        lock (_lock)
        {
            if (Use(name) is { } known) return known;
            // A single scope must fit into the bound.
            var capacity = (int)Math.Clamp((maxBytes - ScopeOverhead) / VectorTable.BytesOfRow(dimensions), 1, MaxVectors);
            var scope = new Scope(name, new(dimensions, capacity));
            _scopes.Add(name, scope);
            _byUse.AddFirst(scope.Node);
            return scope;
        }
    }

    /// <summary>Updates the size of a scope, and drops the least recently used others if the total is too large. The caller holds the scope's lock.</summary>
    /// <returns>False if the scope had been dropped before.</returns>
    private bool Account(Scope scope)
    {
        lock (_lock)
        {
            if (scope.Node.List is null) return false;
            _bytes -= scope.Bytes;
            scope.Bytes = ScopeOverhead + scope.Table.Bytes;
            _bytes += scope.Bytes;
            if (scope.Table.Count == 0) Drop(scope);
            // Other scopes may have been used since this one was found. It may stand anywhere in the order and must not protect those before it.
            for (var (node, next) = (_byUse.Last, _byUse.Last?.Previous); _bytes > maxBytes && node is not null; (node, next) = (next, next?.Previous))
            {
                if (node.Value != scope) Drop(node.Value);
            }

            return true;
        }
    }

    private void Drop(Scope scope)
    {
        _byUse.Remove(scope.Node);
        _scopes.Remove(scope.Name);
        _bytes -= scope.Bytes;
    }

    private sealed class Scope
    {
        public Scope(string name, VectorTable table)
        {
            Name = name;
            Table = table;
            Node = new(this);
        }

        public string Name { get; }

        public VectorTable Table { get; }

        public LinkedListNode<Scope> Node { get; }

        public Lock Lock { get; } = new();

        /// <summary>The size that the index counts for the scope, in bytes.</summary>
        public long Bytes { get; set; }
    }
}
