using System.Text.Json.Nodes;
using RemixProxy.FunctionalTests.Kit;

namespace RemixProxy.FunctionalTests.Cache;

/// <summary>What answers say about the cache, and calls that the tests of the cache share.</summary>
internal static class CacheReplies
{
    public const string Model = "openai/sora-2";

    public static readonly (string Name, string Value) Exact = ("x-remix-cache", "exact");
    public static readonly (string Name, string Value) Semantic = ("x-remix-cache", "semantic");
    public static readonly (string Name, string Value) NoCache = ("Cache-Control", "no-cache");

    public static JsonObject Debug(this Reply reply) => reply.Ok()["extra_fields"]!["cache_debug"]!.AsObject();

    public static string? HitType(this Reply reply)
    {
        Assert.Equal(reply.Debug()["cache_hit"]!.GetValue<bool>(), reply.Debug()["hit_type"] is not null);
        return reply.Debug()["hit_type"]?.GetValue<string>();
    }

    public static string CacheId(this Reply reply) => reply.Debug()["cache_id"]!.GetValue<string>();

    public static string? CacheStatus(this Reply reply) => reply.Header("Cache-Status");

    public static void AssertMiss(this Reply reply)
    {
        Assert.Equal($$"""{"cache_hit":false,"cache_id":"{{reply.CacheId()}}"}""", reply.Debug().ToJsonString());
        Assert.Matches("^[0-9a-f]{32}$", reply.CacheId());
        Assert.Equal($"RemixProxy; fwd=uri-miss; stored; key=\"{reply.CacheId()}\"", reply.CacheStatus());
        Assert.False(reply.IsReplayed);
    }

    /// <summary>It is the first one's video, and says so.</summary>
    public static void AssertHit(this Reply reply, Reply first, string type = "direct")
    {
        Assert.Equal(first.Id, reply.Id);
        Assert.Equal($$"""{"cache_hit":true,"cache_id":"{{first.CacheId()}}","hit_type":"{{type}}"}""", reply.Debug().ToJsonString());
        Assert.Equal($"RemixProxy; hit; detail={type}", reply.CacheStatus());
        Assert.False(reply.IsReplayed);
        Assert.Equal(first.Text("prompt"), reply.Text("prompt"));
        Assert.Equal(first.Ok()["created_at"]!.GetValue<long>(), reply.Ok()["created_at"]!.GetValue<long>());
    }

    public static string Text(this Reply reply, string name) => reply.Ok()[name]!.GetValue<string>();

    /// <summary>Sends a form.</summary>
    public static async Task<Reply> FormAsync(this ProxyApp app, string path, (string Name, object Value)[] parts, params (string Name, string Value)[] headers)
    {
        using var form = new MultipartFormDataContent();
        foreach (var (name, value) in parts)
        {
            if (value is byte[] bytes)
                form.Add(new ByteArrayContent(bytes) { Headers = { ContentType = new(name == "video" ? "video/mp4" : "image/png") } }, name, "file");
            else form.Add(new StringContent((string)value), name);
        }

        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = form };
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        return await app.SendAsync(request);
    }

    /// <summary>How often a provider was asked for a video's state.</summary>
    public static int PollsSeen(this ProxyApp app) =>
        app.Sandbox.Requests.Count(r => r.Method == "GET" && !r.PathAndQuery.EndsWith("/content", StringComparison.Ordinal));
}
