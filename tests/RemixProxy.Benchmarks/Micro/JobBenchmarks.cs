using System.Text.Json;
using BenchmarkDotNet.Attributes;
using RemixProxy.Benchmarks.Load;
using RemixProxy.Contract;
using RemixProxy.Redis;

namespace RemixProxy.Benchmarks.Micro;

/// <summary>A finished job: its answer to callers, and its form in Redis, both ways.</summary>
[MemoryDiagnoser]
public class JobBenchmarks
{
    private StoredJob _job = null!;
    private Video _video = null!;
    private string _stored = "";

    /// <summary>Makes it.</summary>
    [GlobalSetup]
    public void SetUp()
    {
        var (id, url) = (new VideoId("1b9c6e8e-0d6a-4f52-9f7e-3d2f2b1b7a10", "runway"), "https://clips.example.com/".PadRight(300, 'a'));
        var video = new Video
        {
            Id = id.ToString(), Model = "gen4.5", Status = VideoStatus.Completed, Progress = 100, Prompt = Prompts.Of(1), Seconds = "4", Size = "1280x720",
            CreatedAt = 1_795_338_000, CompletedAt = 1_795_338_060,
        };
        var seen = DateTimeOffset.FromUnixTimeSeconds(video.CreatedAt);
        _job = new(
            new()
            {
                Id = id, Caller = "team-a", Video = video, Outputs = [new(url) { Public = true, ContentType = "video/mp4" }], ModelRequested = "sora-2",
                SeenAt = seen, PolledAt = seen.AddMinutes(1), CompletedSeenAt = seen.AddMinutes(1), UrlsUntil = seen.AddDays(1),
            },
            "000001795338000-00000001");
        _video = video with
        {
            Videos = [new() { Type = "url", Url = url, ContentType = "video/mp4" }],
            ExtraFields = new() { RequestType = "video_retrieve", Provider = "runway", ModelRequested = "sora-2", ModelDeployment = "gen4.5" },
        };
        _stored = Write();
    }

    /// <summary>The unified object as callers get it.</summary>
    [Benchmark]
    public byte[] Answer() => JsonSerializer.SerializeToUtf8Bytes(_video, VideoJsonContext.Answer.Video);

    /// <summary>For Redis.</summary>
    [Benchmark]
    public string Write() => JsonSerializer.Serialize(_job, StoreJsonContext.Default.StoredJob);

    /// <summary>From Redis.</summary>
    [Benchmark]
    public object? Read() => JsonSerializer.Deserialize(_stored, StoreJsonContext.Default.StoredJob);
}
