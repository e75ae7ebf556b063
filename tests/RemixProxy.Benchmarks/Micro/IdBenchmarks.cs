using BenchmarkDotNet.Attributes;
using RemixProxy.Contract;

namespace RemixProxy.Benchmarks.Micro;

/// <summary>Reading and writing a unified id.</summary>
[MemoryDiagnoser]
public class IdBenchmarks
{
    private string _text = "";
    private VideoId _id;

    /// <summary>The provider's own id: most need no encoding, those of fal and Vertex do.</summary>
    [Params("video_68f0c1d2e3a4b5968778695a4b3c2d1e", "fal-ai/kling-video/764cabcf")]
    public string Native { get; set; } = "";

    /// <summary>Makes the text.</summary>
    [GlobalSetup]
    public void SetUp() => _text = (_id = new(Native, "openai")).ToString();

    /// <summary>From a path.</summary>
    [Benchmark]
    public bool Parse() => VideoId.IsAcceptable(_text) && VideoId.TryParse(_text, out _);

    /// <summary>For an answer.</summary>
    [Benchmark]
    public string Write() => _id.ToString();
}
