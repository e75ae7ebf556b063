using BenchmarkDotNet.Attributes;
using RemixProxy.Benchmarks.Load;
using RemixProxy.Cache;
using RemixProxy.Cache.Embedding;
using RemixProxy.Cache.Language;

namespace RemixProxy.Benchmarks.Micro;

/// <summary>The exact scan of a scope that is full.</summary>
[MemoryDiagnoser]
public class VectorBenchmarks
{
    private const int Count = 2_000;

    private readonly DateTimeOffset _now = DateTimeOffset.UtcNow;
    private readonly Neighbour[] _best = new Neighbour[8];
    private VectorTable _table = null!;
    private float[] _wanted = [];

    /// <summary>512 as the built-in embedder, 1,536 as many models.</summary>
    [Params(512, 1_536)]
    public int Dimensions { get; set; }

    /// <summary>Fills the table.</summary>
    [GlobalSetup]
    public void SetUp()
    {
        _table = new(Dimensions, Count);
        for (var i = 0; i < Count; i++) _table.Set("e" + i, Vector(i), _now.AddHours(1), _now);
        _wanted = Vector(Count / 2);
    }

    /// <summary>The eight nearest.</summary>
    [Benchmark]
    public int Search() => _table.Search(_wanted, _now, _best).Count;

    // The time of a scan doesn't depend on what the numbers are.
    private float[] Vector(int number)
    {
        var vector = new float[Dimensions];
        var embedded = LexicalEmbedder.Embed(PromptText.Read(Prompts.Of(number)));
        embedded.CopyTo(vector, 0);
        return vector;
    }
}
