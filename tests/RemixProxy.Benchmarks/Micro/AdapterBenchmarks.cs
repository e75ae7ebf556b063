using System.Text;
using BenchmarkDotNet.Attributes;
using RemixProxy.Adapters;
using RemixProxy.Benchmarks.Load;
using RemixProxy.Contract;
using RemixProxy.Providers;

namespace RemixProxy.Benchmarks.Micro;

/// <summary>Each adapter's translation, there and back.</summary>
[MemoryDiagnoser]
public class AdapterBenchmarks
{
    private const string Operation = "projects/paper-boats/locations/global/publishers/google/models/veo-3.1-fast-generate-001/operations/8d2f";

    private static readonly Dictionary<string, string> Headers = new(StringComparer.OrdinalIgnoreCase) { ["Content-Type"] = "application/json" };

    /// <summary>By type: the native id, and what the provider answers when it is asked for a video that is done, one exchange after another.</summary>
    private static readonly Dictionary<string, (string Id, string[] Answers)> Polls = new(StringComparer.Ordinal)
    {
        ["ark"] = ("cgt-20261122-7k2", [
            """
            {"id":"cgt-20261122-7k2","model":"dreamina-seedance-2-0-260128","status":"succeeded",
            "content":{"video_url":"https://cdn.example/s.mp4?X-Tos-Signature=a"},
            "usage":{"completion_tokens":108900,"total_tokens":108900},"seed":7,"resolution":"720p","ratio":"16:9","duration":5,"framespersecond":24,
            "created_at":1795338000,"updated_at":1795338020}
            """]),
        ["fal"] = ("fal-ai/kling-video/764cabcf", [
            """{"status":"COMPLETED","request_id":"764cabcf"}""",
            """{"video":{"url":"https://v3.fal.media/files/a/o.mp4","content_type":"video/mp4","file_name":"o.mp4","file_size":1234567}}"""]),
        ["gemini"] = ("v1_Q2hYb0", [Interaction("https://generativelanguage.googleapis.com/v1beta/files/f9k2:download?alt=media")]),
        ["kling"] = ("8841", [
            """
            {"code":0,"message":"SUCCEED","request_id":"r-3","data":[{"id":"8841","status":"succeeded","create_time":1795338000000,"update_time":1795338020000,
            "external_id":"job-7f2","outputs":[
            {"type":"video","id":"v-55","url":"https://cdn.example/k.mp4","watermark_url":"","duration":"5.1"}],"billing":[]}]}
            """]),
        ["luma"] = ("182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e", [
            """
            {"id":"182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e","created_at":"2026-11-22T09:00:00Z","model":"ray-3.2","state":"completed","type":"video",
            "output":[{"type":"video","url":"https://cdn.example/o.mp4?sig=abc"}]}
            """]),
        ["openai"] = ("video_7a1", [
            """
            {"id":"video_7a1","object":"video","model":"sora-2","status":"completed","progress":100,"created_at":1795343000,"completed_at":1795343060,
            "expires_at":null,"prompt":"A lighthouse in fog","size":"1280x720","seconds":"8","remixed_from_video_id":null,"error":null}
            """]),
        ["replicate"] = ("ufawqhfynnddngldkgtslldrkq", [
            """
            {"id":"ufawqhfynnddngldkgtslldrkq","model":"google/veo-3.1","version":"hidden","input":{"prompt":"A paper boat on a canal"},
            "output":"https://replicate.delivery/x/out.mp4","error":null,"created_at":"2026-11-22T09:00:00.000Z","completed_at":"2026-11-22T09:00:20.5Z",
            "metrics":{"predict_time":58.1},"status":"succeeded"}
            """]),
        ["runway"] = ("1b9c6e8e-0d6a-4f52-9f7e-3d2f2b1b7a10", [
            """
            {"id":"1b9c6e8e-0d6a-4f52-9f7e-3d2f2b1b7a10","status":"SUCCEEDED","createdAt":"2026-11-22T09:00:00.000Z",
            "output":["https://dnznrvs05pmza.cloudfront.net/o.mp4?_jwt=abc"],"estimatedCost":{"credits":60}}
            """]),
        ["vertex"] = ("v1_Q2hYb0", [Interaction("gs://my-bucket/out/1.mp4")]),
        ["vertex-veo"] = ("veo-3.1-fast-generate-001~8d2f", [
            $$$"""
            {"name":"{{{Operation}}}","done":true,"response":{"@type":"type.googleapis.com/cloud.ai.large_models.vision.GenerateVideoResponse",
            "raiMediaFilteredCount":0,"videos":[{"gcsUri":"gs://my-bucket/out/1.mp4","mimeType":"video/mp4"}]}}
            """]),
        ["xai"] = ("c5f0a7d2", [
            """
            {"status":"done","progress":100,"model":"grok-imagine-video","video":{"url":"https://vid.example/x.mp4","duration":8,"respect_moderation":true},
            "usage":{"cost_in_usd_ticks":4000000000}}
            """]),
    };

    private IVideoAdapter _adapter = null!;
    private SubmitRequest _request = null!;
    private string _id = "";
    private NativeResponse[] _answers = [];

    /// <summary>All that come with the plugin.</summary>
    public static IEnumerable<string> Types => BuiltInAdapters.All.Select(a => a.Profile.Type);

    /// <summary>The adapter.</summary>
    [ParamsSource(nameof(Types))]
    public string Type { get; set; } = "";

    /// <summary>Makes request and answers, and sees that both are understood.</summary>
    [GlobalSetup]
    public void SetUp()
    {
        var adapter = BuiltInAdapters.All.Single(a => a.Profile.Type == Type);
        var baseUrl = Provider.WithVersion(
            new((adapter.Profile.BaseUrl ?? "https://server.example").Replace("{region}", "global", StringComparison.Ordinal)), adapter.Profile.Version);
        _adapter = adapter.For(new(baseUrl)
        {
            Region = "global", Project = "paper-boats", StorageUrl = new("https://storage.googleapis.com/"), OutputUri = "gs://my-bucket/out/",
        });
        _request = new()
        {
            Operation = VideoOperation.Create, Model = _adapter.Profile.CreateModel, Prompt = Prompts.Of(1), Size = new(1280, 720), Seconds = 8,
            BaseUrl = baseUrl, Provider = Type, SubmitKey = "0197f0a0-0000-7000-8000-000000000001",
        };
        (_id, var answers) = Polls[Type];
        _answers = Array.ConvertAll(answers, a => new NativeResponse(200, Headers, Encoding.UTF8.GetBytes(a)));
        if (Submit() == 0) throw new InvalidOperationException($"{Type} sends no body.");
        if (Poll() is not Answer { Snapshot: { Status: VideoStatus.Completed, Outputs.Count: 1 } } other)
            throw new InvalidOperationException($"{Type} does not see that the video is done: {Poll()}");
    }

    /// <summary>The plan of a create, with its native body.</summary>
    [Benchmark]
    public int Submit() => ((Exchange)_adapter.Submit(_request).First).Request.Body is JsonBody body ? body.Utf8.Length : 0;

    /// <summary>What a poll says.</summary>
    [Benchmark]
    public object Poll()
    {
        var step = _adapter.Retrieve(_id);
        foreach (var answer in _answers) step = ((Exchange)step).Next(answer);
        return step;
    }

    private static string Interaction(string uri) => $$$"""
        {"id":"v1_Q2hYb0","status":"completed","model":"gemini-omni-1.1-flash","created":"2026-11-22T09:00:00Z","updated":"2026-11-22T09:00:25Z","steps":[
        {"type":"user_input","content":[{"type":"text","text":"A paper boat…"}]},{"type":"thought","signature":"c2ln"},
        {"type":"model_output","content":[{"type":"video","mime_type":"video/mp4","uri":"{{{uri}}}"}]}],
        "usage":{"output_tokens_by_modality":[{"modality":"video","tokens":46336}]}}
        """;
}
