using Microsoft.AspNetCore.Http;
using RemixProxy.Sandbox;

namespace RemixProxy.FunctionalTests.Kit;

/// <summary>A provider that the walks, faults and refusals are tried on.</summary>
/// <param name="Type">Its type, which is also its name in the tests.</param>
/// <param name="Model">A model that creates.</param>
internal sealed record TestedProvider(string Type, string Model)
{
    /// <summary>A model that remixes.</summary>
    public string RemixModel { get; init; } = Model;

    /// <summary>Whether anybody may fetch its videos, so that others get them as a URL.</summary>
    public bool IsPublic { get; init; }

    /// <summary>Whether it takes a source as a URL.</summary>
    public bool TakesUrls { get; init; }

    /// <summary>Whether it takes a source as bytes.</summary>
    public bool TakesBytes { get; init; } = true;

    /// <summary>Whether it tells that a job still waits.</summary>
    public bool Queues { get; init; } = true;

    /// <summary>Whether it remixes.</summary>
    public bool Remixes { get; init; } = true;

    /// <summary>Its settings beside address and key, by a simulator.</summary>
    public Func<SandboxServer, Dictionary<string, string>>? Settings { get; init; }

    /// <summary>Whether it extends.</summary>
    public bool Extends { get; init; } = true;

    /// <summary>Whether it deletes.</summary>
    public bool Deletes { get; init; }

    /// <summary>The body of a refusal.</summary>
    public required Func<string, object> Refused { get; init; }

    /// <summary>The body in which a submit or a poll shows a failed video.</summary>
    public required Func<string, object> Failed { get; init; }
}

/// <summary>The providers that the walks, faults and refusals are tried on: one entry for each simulator.</summary>
internal static class TestedProviders
{
    public static readonly TestedProvider[] All =
    [
        new("gemini", "gemini-omni-1.1-flash")
        {
            Deletes = true, Refused = OpenAiError, Failed = text => new { id = "f", status = "failed", error = Coded(text) },
        },
        new("luma", "ray-3.2")
        {
            IsPublic = true, TakesUrls = true, Refused = text => new { detail = text },
            Failed = text => new { id = "f", state = "failed", failure_reason = text },
        },
        new("runway", "gen4.5")
        {
            RemixModel = "aleph2", IsPublic = true, TakesUrls = true, Deletes = true, Refused = Error,
            Failed = text => new { id = "f", status = "FAILED", failure = text },
        },
        new("xai", "grok-imagine-video")
        {
            IsPublic = true, TakesUrls = true, Refused = Error, Failed = text => new { request_id = "f", status = "failed", error = Coded(text) },
        },
        new("kling", "kling-3.0")
        {
            RemixModel = "kling-3.0-omni", IsPublic = true, TakesUrls = true, TakesBytes = false, Extends = false, Refused = text => new { message = text },
            // Without an id: a task of another id than that of the poll would not count.
            Failed = text => new { code = 0, data = new { status = "failed", message = text } },
        },
        new("ark", "dreamina-seedance-2-0-260128")
        {
            RemixModel = "dreamina-seedance-2-5-260628", IsPublic = true, TakesUrls = true, TakesBytes = false, Deletes = true,
            Refused = text => new { error = Coded(text) }, Failed = text => new { id = "f", status = "failed", error = Coded(text) },
        },
        new("fal", "fal-ai/kling-video/v3/standard/text-to-video")
        {
            RemixModel = "google/gemini-omni-flash/v1.1/edit", IsPublic = true, TakesUrls = true, Refused = text => new { detail = text },
            Failed = text => new { request_id = "f", status = "COMPLETED", error = text, error_type = "x" },
        },
        new("replicate", "google/veo-3.1")
        {
            RemixModel = "runwayml/aleph-2", IsPublic = true, TakesUrls = true, Refused = text => new { title = "x", detail = text },
            Failed = text => new { id = "f", status = "failed", error = text },
        },
        new("vertex", "gemini-omni-1.1-flash-preview")
        {
            Deletes = true, Refused = OpenAiError, Failed = text => new { id = "f", status = "failed", error = Coded(text) },
            Settings = sandbox => new() { ["OutputUri"] = "gs://my-bucket/out/", ["StorageUrl"] = sandbox.BaseUrl("vertex", "vertex") },
        },
        new("vertex-veo", "veo-3.1-fast-generate-001")
        {
            Remixes = false, Queues = false, Refused = OpenAiError,
            Failed = text => new { name = "models/veo-3.1-fast-generate-001/operations/f", done = true, error = Coded(text) },
            Settings = sandbox => new()
            {
                ["Project"] = "paper-boats", ["OutputUri"] = "gs://my-bucket/out/", ["StorageUrl"] = sandbox.BaseUrl("vertex-veo", "vertex-veo"),
                ["PollInterval"] = "00:00:05",
            },
        },
        new("openai", "sora-2")
        {
            Deletes = true, Refused = OpenAiError, Failed = text => new { id = "f", status = "failed", error = Coded(text) },
        },
    ];

    /// <summary>Whether a request at a simulator asks for a job.</summary>
    public static bool IsPoll(HttpRequest request) =>
        request.Method == "GET" || request.Path.Value!.EndsWith(":fetchPredictOperation", StringComparison.Ordinal);

    public static TestedProvider Find(string type) => All.Single(p => p.Type == type);

    private static object Error(string text) => new { error = text };

    private static object OpenAiError(string text) => new { error = new { message = text, code = "x", param = text.Split(' ')[0] } };

    private static object Coded(string text) => new { message = text, code = "x" };
}
