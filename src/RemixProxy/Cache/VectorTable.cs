using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace RemixProxy.Cache;

/// <summary>Keeps the newest vectors of one scope in one block of memory, and searches them exactly. Not thread-safe.</summary>
/// <param name="dimensions">The length of each vector.</param>
/// <param name="capacity">The most vectors. A new one then replaces the oldest expired one, else the oldest.</param>
internal sealed class VectorTable(int dimensions, int capacity)
{
    /// <summary>The approximate size of an entry without its vector, in bytes: its id, its row and its place in the dictionary.</summary>
    private const int EntryOverhead = 256;

    private readonly Dictionary<string, int> _rows = new(StringComparer.Ordinal);
    private float[] _values = [];
    private Row[] _entries = [];
    private long _added;

    public int Dimensions => dimensions;

    public int Count { get; private set; }

    /// <summary>The approximate size of the table, in bytes.</summary>
    public long Bytes => (long)_entries.Length * BytesOfRow(dimensions);

    public static long BytesOfRow(int dimensions) => (dimensions * (long)sizeof(float)) + EntryOverhead;

    /// <summary>Adds or replaces an entry, which is then the newest.</summary>
    /// <param name="entry">The <c>cache_id</c>.</param>
    /// <param name="vector">The vector, of unit length.</param>
    /// <param name="expiresAt">When the entry expires; a search doesn't find it from then on.</param>
    /// <param name="now">The present time, by which an expired entry is replaced first.</param>
    public void Set(string entry, ReadOnlySpan<float> vector, DateTimeOffset expiresAt, DateTimeOffset now)
    {
        if (vector.Length != dimensions) throw new ArgumentException("A vector of another dimension belongs to another scope.", nameof(vector));
        if (!_rows.TryGetValue(entry, out var row))
        {
            row = Count < capacity ? Append() : Displace(now);
            _rows.Add(entry, row);
        }

        vector.CopyTo(Values(row));
        _entries[row] = new(entry, expiresAt, _added++);
    }

    public bool Remove(string entry)
    {
        if (!_rows.TryGetValue(entry, out var row)) return false;
        RemoveAt(row);
        Fit();
        return true;
    }

    /// <summary>Removes what has expired.</summary>
    public void RemoveExpired(DateTimeOffset now)
    {
        for (var row = Count - 1; row >= 0; row--)
        {
            if (_entries[row].ExpiresAt <= now) RemoveAt(row);
        }

        Fit();
    }

    /// <summary>Finds the nearest entries that have not expired, nearest first; of equally near ones the newest first.</summary>
    /// <param name="vector">The vector, of unit length.</param>
    /// <param name="now">The present time.</param>
    /// <param name="best">Receives the entries, with their exact cosine.</param>
    /// <returns>How many were found, and whether the table has expired entries.</returns>
    public (int Count, bool AnyExpired) Search(ReadOnlySpan<float> vector, DateTimeOffset now, Span<Neighbour> best)
    {
        if (vector.Length != dimensions) throw new ArgumentException("A vector of another dimension belongs to another scope.", nameof(vector));
        Span<long> ages = best.Length <= 64 ? stackalloc long[best.Length] : new long[best.Length];
        var (found, anyExpired) = (0, false);
        for (var row = 0; row < Count; row++)
        {
            ref readonly var entry = ref _entries[row];
            if (entry.ExpiresAt <= now)
            {
                anyExpired = true;
                continue;
            }

            // Rounding can exceed 1 a little.
            var similarity = (double)Math.Clamp(TensorPrimitives.Dot(vector, Values(row)), -1f, 1f);
            var place = found;
            while (place > 0 && (best[place - 1].Similarity < similarity || (best[place - 1].Similarity == similarity && ages[place - 1] < entry.Added)))
                place--;
            if (place == best.Length) continue;
            if (found < best.Length) found++;
            best[place..(found - 1)].CopyTo(best[(place + 1)..]);
            ages[place..(found - 1)].CopyTo(ages[(place + 1)..]);
            (best[place], ages[place]) = (new(entry.Id, similarity), entry.Added);
        }

        return (found, anyExpired);
    }

    private Span<float> Values(int row) => _values.AsSpan(row * dimensions, dimensions);

    private int Append()
    {
        if (Count == _entries.Length) Resize(Math.Min(capacity, Math.Max(1, 2 * Count)));
        return Count++;
    }

    /// <summary>Frees the row of the oldest expired entry; if none has expired, that of the oldest entry.</summary>
    private int Displace(DateTimeOffset now)
    {
        var (row, lives) = (0, _entries[0].ExpiresAt > now);
        for (var other = 1; other < Count; other++)
        {
            var otherLives = _entries[other].ExpiresAt > now;
            if (otherLives == lives ? _entries[other].Added < _entries[row].Added : lives) (row, lives) = (other, otherLives);
        }

        _rows.Remove(_entries[row].Id);
        return row;
    }

    /// <summary>Removes a row. The last row takes its place, so that there are no holes.</summary>
    private void RemoveAt(int row)
    {
        _rows.Remove(_entries[row].Id);
        var last = --Count;
        if (row != last)
        {
            Values(last).CopyTo(Values(row));
            _entries[row] = _entries[last];
            _rows[_entries[row].Id] = row;
        }

        _entries[last] = default;
    }

    private void Fit()
    {
        if (Count <= _entries.Length / 4) Resize(Count);
    }

    private void Resize(int rows)
    {
        Array.Resize(ref _entries, rows);
        Array.Resize(ref _values, rows * dimensions);
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Row(string Id, DateTimeOffset ExpiresAt, long Added);
}
