using System.Text.Json.Nodes;
using BenchmarkDotNet.Attributes;
using RemixProxy.Benchmarks.Load;
using RemixProxy.Cache;
using RemixProxy.Cache.Embedding;
using RemixProxy.Cache.Language;
using RemixProxy.Contract;
using RemixProxy.Operations.Submit;

namespace RemixProxy.Benchmarks.Micro;

/// <summary>What the cache computes for one request, by the length of its prompt.</summary>
[MemoryDiagnoser]
public class PromptBenchmarks
{
    private string _prompt = "";
    private string _variant = "";
    private JsonObject _body = [];

    /// <summary>Words of the prompt, about.</summary>
    [Params(3, 20, 400)]
    public int Words { get; set; }

    /// <summary>Makes the prompts.</summary>
    [GlobalSetup]
    public void SetUp()
    {
        _prompt = Words switch
        {
            3 => "make it rain",
            20 => Prompts.Of(1),
            _ => string.Join(". ", Enumerable.Range(0, Words / 20).Select(i => Prompts.Of(i))),
        };
        _variant = _prompt + ".";
        _body = JsonNode.Parse(LoadCase.BodyOf(_prompt))!.AsObject();
    }

    /// <summary>Reading the prompt and making its vector.</summary>
    [Benchmark]
    public float[] Embed() => LexicalEmbedder.Embed(PromptText.Read(_prompt));

    /// <summary>Comparing two prompts that say the same: no class may be skipped.</summary>
    [Benchmark]
    public string? Conflict() => LexicalConflict.Find(_prompt, _variant, ConflictWords.Shipped);

    /// <summary>The fingerprint of the request and its name in the cache.</summary>
    [Benchmark]
    public async Task<string> Fingerprint()
    {
        var fingerprint = await Operations.Submit.Fingerprint.OfAsync(
            VideoOperation.Create, sourceId: null, RequestBody.Of(_body), CancellationToken.None);
        return CacheScope.EntryOf(CacheScope.Of("caller", VideoOperation.Create, [], source: null, fingerprint.Parameters(_ => true)), fingerprint.Prompt);
    }
}
