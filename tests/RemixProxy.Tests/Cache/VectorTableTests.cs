using System.Numerics.Tensors;
using FsCheck;
using FsCheck.Fluent;
using RemixProxy.Cache;

namespace RemixProxy.Tests.Cache;

/// <summary>A table of vectors answers as a plain list would, whatever was done to it.</summary>
public class VectorTableTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 22, 9, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Equals_a_search_through_all_entries_after_any_changes()
    {
        var changes = Gen.Choose(0, 999).NonEmptyListOf().ToArbitrary();
        Prop.ForAll(changes, Gen.Choose(1, 12).ToArbitrary(), Gen.Choose(1, 40).ToArbitrary(), (steps, capacity, dimensions) =>
        {
            var (random, now, table, model) = (new Random(steps.Sum()), Start, new VectorTable(dimensions, capacity), new Model(capacity));
            return steps.TrueForAll(step =>
            {
                var entry = $"e{step % 20}";
                if (step < 100)
                {
                    now += TimeSpan.FromMinutes(step % 3);
                }
                else if (step < 250)
                {
                    if (table.Remove(entry) != model.Remove(entry)) return false;
                }
                else if (step < 300)
                {
                    table.RemoveExpired(now);
                    model.RemoveExpired(now);
                }
                else
                {
                    var (vector, expiry) = (UnitVectors.Next(random, dimensions), now + TimeSpan.FromMinutes((step % 7) + 1));
                    table.Set(entry, vector, expiry, now);
                    model.Set(entry, vector, expiry, now);
                }

                var (query, best) = (UnitVectors.Next(random, dimensions), new Neighbour[1 + (step % 6)]);
                var (found, anyExpired) = table.Search(query, now, best);
                return table.Count == model.Count && anyExpired == model.AnyExpired(now)
                    && best.Take(found).SequenceEqual(model.Search(query, now, best.Length));
            });
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void The_cosine_is_exact_and_never_beyond_one()
    {
        var random = new Random(1);
        var best = new Neighbour[1];
        for (var i = 0; i < 500; i++)
        {
            var dimensions = 1 + random.Next(2000);
            var (vector, other) = (UnitVectors.Next(random, dimensions), UnitVectors.Next(random, dimensions));
            var table = new VectorTable(dimensions, 1);
            table.Set("e", vector, DateTimeOffset.MaxValue, Start);
            table.Search(vector, Start, best);
            Assert.InRange(best[0].Similarity, 1 - 1e-6, 1);
            table.Search(other, Start, best);
            Assert.Equal(vector.Zip(other, (a, b) => (double)a * b).Sum(), best[0].Similarity, 1e-6);
            TensorPrimitives.Negate(vector, other);
            table.Search(other, Start, best);
            Assert.InRange(best[0].Similarity, -1, -1 + 1e-6);
        }
    }

    [Fact]
    public void Of_equally_near_entries_the_newest_comes_first()
    {
        var table = new VectorTable(2, 5);
        foreach (var entry in (string[])["a", "b", "c"]) table.Set(entry, UnitVectors.Unit(1, 0), DateTimeOffset.MaxValue, Start);
        table.Set("a", UnitVectors.Unit(1, 0), DateTimeOffset.MaxValue, Start);
        var best = new Neighbour[2];
        Assert.Equal((2, false), table.Search(UnitVectors.Unit(1, 1), Start, best));
        Assert.Equal(["a", "c"], best.Select(n => n.Entry));
    }

    [Fact]
    public void What_has_expired_gives_way_before_what_is_oldest()
    {
        var table = new VectorTable(2, 2);
        table.Set("old", UnitVectors.Unit(1, 0), Start.AddDays(1), Start);
        table.Set("dead", UnitVectors.Unit(1, 0), Start.AddMinutes(1), Start);
        table.Set("new", UnitVectors.Unit(0, 1), Start.AddDays(1), Start.AddMinutes(1));
        var best = new Neighbour[3];
        Assert.Equal((2, false), table.Search(UnitVectors.Unit(2, 1), Start.AddMinutes(1), best));
        Assert.Equal(["old", "new"], best.Take(2).Select(n => n.Entry));
    }

    [Fact]
    public void Memory_follows_what_is_stored()
    {
        var table = new VectorTable(512, 2000);
        Assert.Equal(0, table.Bytes);
        table.Set("0", UnitVectors.Next(new(1), 512), DateTimeOffset.MaxValue, Start);
        Assert.Equal(VectorTable.BytesOfRow(512), table.Bytes);
        for (var i = 0; i < 3000; i++) table.Set($"{i}", UnitVectors.Next(new(i), 512), DateTimeOffset.MaxValue, Start);
        Assert.Equal((2000, 2000 * VectorTable.BytesOfRow(512)), (table.Count, table.Bytes));
        for (var i = 0; i < 2990; i++) table.Remove($"{i}");
        Assert.InRange(table.Bytes, 1, 40 * VectorTable.BytesOfRow(512));
        for (var i = 2990; i < 3000; i++) table.Remove($"{i}");
        Assert.Equal((0, 0), (table.Count, table.Bytes));
    }

    [Fact]
    public void A_search_allocates_nothing()
    {
        var table = new VectorTable(64, 500);
        for (var i = 0; i < 500; i++) table.Set($"{i}", UnitVectors.Next(new(i), 64), DateTimeOffset.MaxValue, Start);
        var (query, best) = (UnitVectors.Next(new(7), 64), new Neighbour[8]);
        table.Search(query, Start, best);
        var before = GC.GetAllocatedBytesForCurrentThread();
        table.Search(query, Start, best);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void A_vector_of_another_dimension_is_refused() =>
        Assert.Throws<ArgumentException>(() => new VectorTable(3, 5).Set("e", UnitVectors.Unit(1, 0), DateTimeOffset.MaxValue, Start));

    private sealed class Model(int capacity)
    {
        private readonly List<(string Id, float[] Vector, DateTimeOffset ExpiresAt)> _entries = [];

        public int Count => _entries.Count;

        public bool AnyExpired(DateTimeOffset now) => _entries.Exists(e => e.ExpiresAt <= now);

        public bool Remove(string id) => _entries.RemoveAll(e => e.Id == id) > 0;

        public void RemoveExpired(DateTimeOffset now) => _entries.RemoveAll(e => e.ExpiresAt <= now);

        public void Set(string id, float[] vector, DateTimeOffset expiresAt, DateTimeOffset now)
        {
            if (!Remove(id) && Count == capacity)
            {
                var dead = _entries.FindIndex(e => e.ExpiresAt <= now);
                _entries.RemoveAt(Math.Max(dead, 0));
            }

            _entries.Add((id, vector, expiresAt));
        }

        public IEnumerable<Neighbour> Search(float[] query, DateTimeOffset now, int count) => _entries
            .Select((e, age) => (Neighbour: new Neighbour(e.Id, Math.Clamp(TensorPrimitives.Dot<float>(query, e.Vector), -1f, 1f)), Age: age, e.ExpiresAt))
            .Where(e => e.ExpiresAt > now)
            .OrderByDescending(e => e.Neighbour.Similarity)
            .ThenByDescending(e => e.Age)
            .Take(count)
            .Select(e => e.Neighbour);
    }
}
