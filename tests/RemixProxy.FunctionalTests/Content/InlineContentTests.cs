using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using RemixProxy.FunctionalTests.Kit;

namespace RemixProxy.FunctionalTests.Content;

/// <summary>Clips that gemini sends inside its answer.</summary>
public class InlineContentTests
{
    private const string Content = "v1/videos/v1_inline:gemini/content";

    private static readonly byte[] Clip = [.. Enumerable.Range(0, 200).Select(i => (byte)i)];

    [Fact]
    public async Task Inline_clip_is_served_like_any_other_with_ranges()
    {
        await using var app = await StartAsync("video/mp4");
        using var head = await app.Http.SendAsync(new(HttpMethod.Head, Content));
        using var part = await app.Http.SendAsync(new(HttpMethod.Get, Content) { Headers = { Range = new(5, 9) } });

        Assert.Equal(Clip, await app.Http.GetByteArrayAsync(Content));
        Assert.Equal(Clip.Length, head.Content.Headers.ContentLength);
        Assert.Equal("private", head.Headers.CacheControl!.ToString());
        Assert.Equal(["nosniff"], head.Headers.GetValues("X-Content-Type-Options"));
        Assert.Equal(HttpStatusCode.PartialContent, part.StatusCode);
        Assert.Equal(Clip[5..10], await part.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Range_behind_its_end_is_a_JSON_error_that_tells_the_length()
    {
        await using var app = await StartAsync("video/mp4");

        using var response = await app.Http.SendAsync(new(HttpMethod.Get, Content) { Headers = { Range = new(200, null) } });

        await ErrorAssert.IsErrorAsync(response, HttpStatusCode.RequestedRangeNotSatisfiable, "invalid_value");
        Assert.Equal("bytes */200", response.Content.Headers.ContentRange!.ToString());
    }

    [Theory]
    [InlineData("text/html")]
    [InlineData("image/svg+xml")]
    [InlineData("Image/SVG+XML")]
    public async Task Inline_page_is_no_video(string type)
    {
        await using var app = await StartAsync(type);

        await app.Http.GetErrorAsync(Content, HttpStatusCode.BadGateway, "provider_invalid_response");
    }

    [Fact]
    public async Task Url_safe_base64_without_padding_is_base64_too()
    {
        // Bytes whose base64 has both other symbols, and needs padding.
        byte[] clip = [0xfb, 0xff, 0xfe, 0x01];
        await using var app = await StartAsync("video/mp4", clip, text: "-__-AQ");

        Assert.Equal(clip, await app.Http.GetByteArrayAsync(Content));
    }

    [Fact]
    public async Task Held_inline_clips_have_a_budget_of_their_own_and_take_what_they_are()
    {
        var clip = new byte[5_000];
        await using var app = await StartAsync("video/mp4", clip, ("MaxBufferedBytes", "3000"), ("MaxClipBytes", "5000"));
        // Each one returns what it took.
        for (var i = 0; i < 3; i++) Assert.Equal(clip, await app.Http.GetByteArrayAsync(Content));

        await using var small = await StartAsync("video/mp4", clip, ("MaxClipBytes", "4999"));
        await small.Http.GetErrorAsync(Content, HttpStatusCode.ServiceUnavailable, "provider_unavailable");
        _ = (await small.CreateAsync("luma/ray-3.2", "a boat")).Id;
    }

    private static Task<ProxyApp> StartAsync(string mediaType, byte[]? clip = null, params (string Key, string Value)[] limits) =>
        StartAsync(mediaType, clip, text: null, limits);

    private static Task<ProxyApp> StartAsync(string mediaType, byte[]? clip, string? text, params (string Key, string Value)[] limits) =>
        ProxyApp.StartAsync(new()
        {
            Settings = limits.ToDictionary(l => "RemixProxy:Limits:" + l.Key, l => (string?)l.Value),
            Sandbox = new()
            {
                Intercept = (context, _) =>
                {
                    var part = new JsonObject { ["type"] = "video", ["mime_type"] = mediaType, ["data"] = text ?? Convert.ToBase64String(clip ?? Clip) };
                    var answer = new JsonObject
                    {
                        ["id"] = "v1_inline",
                        ["status"] = "completed",
                        ["steps"] = new JsonArray(new JsonObject { ["type"] = "model_output", ["content"] = new JsonArray(part) }),
                    };
                    return context.Response.WriteAsync(answer.ToJsonString());
                },
            },
        });
}
