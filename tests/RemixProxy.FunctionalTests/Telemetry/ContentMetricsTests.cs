using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using RemixProxy.FunctionalTests.Kit;

namespace RemixProxy.FunctionalTests.Telemetry;

/// <summary><c>remixproxy.content.sent</c>: the bytes of videos that callers got, and no other.</summary>
public class ContentMetricsTests
{
    private const int Mega = 1 << 20;

    [Fact]
    public async Task Bytes_count_as_the_caller_gets_them()
    {
        await using var app = await ProxyApp.StartAsync();
        var expected = new List<string>();
        using var measured = new Instruments(app);
        foreach (var provider in FinishedVideos.Providers)
        {
            var path = $"v1/videos/{(await app.CreateFinishedAsync(FinishedVideos.ModelOf(provider)))["id"]}/content";
            var whole = await app.BytesAsync(path);
            Assert.Equal(206, (await GetAsync(app, path, new(5, 104))).Status);
            Assert.Equal(416, (await GetAsync(app, path, new(whole.Length, null))).Status);
            Assert.Equal(200, (await app.SendAsync(HttpMethod.Head, path)).Status);
            Assert.Equal(400, (await app.SendAsync(HttpMethod.Get, path + "?variant=no")).Status);
            expected.Add($"{provider} {whole.Length + 100}");
        }

        await measured.AnsweredAsync("content", 5 * expected.Count);
        Assert.Equal(expected.Order(StringComparer.Ordinal), measured.Sums("content.sent"));
    }

    [Fact]
    public async Task What_stands_in_place_of_a_video_is_none()
    {
        await using var one = await OneVideoApp.StartAsync();
        using var measured = new Instruments(one.App);
        one.Source = OneVideoApp.Bytes(new byte[1000], "text/html", 500);
        Assert.Equal(502, (await one.App.SendAsync(HttpMethod.Get, OneVideoApp.Content)).Status);
        one.Source = OneVideoApp.Bytes(new byte[1000], "text/html");
        Assert.Equal(502, (await one.App.SendAsync(HttpMethod.Get, OneVideoApp.Content)).Status);
        await measured.AnsweredAsync(2);
        Assert.Equal(0, measured.Values("content.sent").Sum());
    }

    [Fact]
    public async Task A_video_inside_an_answer_counts_like_any_other()
    {
        await using var app = await ProxyApp.StartAsync(new() { Sandbox = new() { Intercept = Inline } });
        using var measured = new Instruments(app);
        const string Path = "v1/videos/v1_inline:gemini/content";
        Assert.Equal(200, (await app.SendAsync(HttpMethod.Head, Path)).Status);
        Assert.Equal(416, (await GetAsync(app, Path, new(200, null))).Status);
        await measured.AnsweredAsync(2);
        Assert.Equal(0, measured.Values("content.sent").Sum());
        Assert.Equal(200, (await app.BytesAsync(Path)).Length);
        Assert.Equal(5, (await GetAsync(app, Path, new(5, 9))).Bytes.Length);
        await measured.AnsweredAsync(4);
        Assert.Equal(["gemini 205"], measured.Sums("content.sent"));
    }

    [Fact]
    public async Task A_caller_that_hangs_up_got_what_it_read_and_what_buffers_held()
    {
        await using var one = await OneVideoApp.StartAsync();
        using var measured = new Instruments(one.App);
        one.Source = async context =>
        {
            context.Response.ContentType = "video/mp4";
            var block = new byte[64 * 1024];
            while (!context.RequestAborted.IsCancellationRequested) await context.Response.Body.WriteAsync(block, context.RequestAborted);
        };
        using (var response = await one.Http.GetAsync(OneVideoApp.Content, HttpCompletionOption.ResponseHeadersRead))
        {
            await using var stream = await response.Content.ReadAsStreamAsync();
            await stream.ReadExactlyAsync(new byte[Mega]);
        }

        await measured.AnsweredAsync(1);
        Assert.InRange(measured.Values("content.sent").Sum(), Mega, 64 * Mega);
        // The answer had begun.
        Assert.Equal(["content luma 200 1"], measured.Counts("request.duration"));
        Assert.Equal(["content luma cancelled 1", "content luma ok 1"], measured.Counts("upstream.duration"));
    }

    private static Task<Reply> GetAsync(ProxyApp app, string path, RangeItemHeaderValue range) =>
        app.SendAsync(HttpMethod.Get, path, content: null, ("Range", $"bytes={range}"));

    private static Task Inline(HttpContext context, RequestDelegate next)
    {
        var part = new JsonObject { ["type"] = "video", ["mime_type"] = "video/mp4", ["data"] = Convert.ToBase64String(new byte[200]) };
        var answer = new JsonObject
        {
            ["id"] = "v1_inline", ["status"] = "completed",
            ["steps"] = new JsonArray(new JsonObject { ["type"] = "model_output", ["content"] = new JsonArray(part) })
        };
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(answer.ToJsonString());
    }
}
