using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using RemixProxy.FunctionalTests.Kit;
using RemixProxy.FunctionalTests.Walks;

namespace RemixProxy.FunctionalTests.Jobs;

/// <summary>What a poll tells.</summary>
public class RetrieveTests
{
    private static readonly string[] Always =
        ["id", "object", "model", "status", "progress", "prompt", "remixed_from_video_id", "seconds", "size", "created_at", "completed_at", "expires_at",
            "error"];

    private static readonly string[] Stable = ["id", "object", "model", "prompt", "remixed_from_video_id", "seconds", "size", "created_at"];

    [Theory]
    [MemberData(nameof(WalkTests.Models), MemberType = typeof(WalkTests))]
    public async Task What_was_said_once_stays_at_every_poll_and_progress_never_falls(string model)
    {
        var provider = model.Split('/')[0];
        await using var app = await ProxyApp.StartAsync(new() { Settings = new() { [$"RemixProxy:Providers:{provider}:PollInterval"] = "00:00:00.500" } });
        var source = await CheckAsync(await app.PostAsync("v1/videos", new { model, prompt = "A boat SLOW", seconds = "8", size = "1280x720" }));
        if (!TestedProviders.Find(provider).Remixes) return;
        var remix = await CheckAsync(await app.PostAsync($"v1/videos/{source}/remix", new { prompt = "make it snow" }));
        Assert.NotEqual(source, remix);

        async Task<string> CheckAsync(JsonObject first)
        {
            var id = first["id"]!.GetValue<string>();
            var (progress, last) = (0, first);
            for (var i = 0; i < 80 && last["status"]!.GetValue<string>() is "queued" or "in_progress"; i++)
            {
                app.Time.Advance(TimeSpan.FromSeconds(1));
                var reply = await app.SendAsync(HttpMethod.Get, "v1/videos/" + id);
                last = reply.Ok();
                Assert.Equal("500", reply.Headers["openai-poll-after-ms"]);
                Assert.Empty(Always.Except(last.Select(p => p.Key)));
                Assert.All(Stable, key => Assert.Equal(first[key]?.ToJsonString(), last[key]?.ToJsonString()));
                Assert.DoesNotContain("cache_debug", last["extra_fields"]!.AsObject().Select(p => p.Key));
                Assert.InRange(last["progress"]!.GetValue<int>(), progress, last["status"]!.GetValue<string>() == "completed" ? 100 : 99);
                progress = last["progress"]!.GetValue<int>();
            }

            Assert.Equal(("completed", 100), (last["status"]!.GetValue<string>(), progress));
            Assert.Single(last["videos"]!.AsArray());
            return id;
        }
    }

    [Fact]
    public async Task Base64_holds_the_bytes_and_says_nothing_more_before_completion()
    {
        await using var app = await ProxyApp.StartAsync();
        var id = (await app.PostAsync("v1/videos", new { model = "gemini/gemini-omni-1.1-flash", prompt = "A boat" }))["id"]!.GetValue<string>();
        Assert.Null((await app.GetAsync($"v1/videos/{id}?include=base64"))["videos"]);
        await app.FinishAsync(id);
        var entry = Assert.Single((await app.GetAsync($"v1/videos/{id}?include=base64"))["videos"]!.AsArray())!;
        Assert.Equal("base64", entry["type"]!.GetValue<string>());
        Assert.Equal(await app.BytesAsync($"v1/videos/{id}/content"), Convert.FromBase64String(entry["base64"]!.GetValue<string>()));
        (await app.SendAsync(HttpMethod.Get, $"v1/videos/{id}?include=words")).Error(400, "invalid_value", "include");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Base64_beyond_16_MiB_is_413(bool chunked)
    {
        await using var app = await ProxyApp.StartAsync(
            new()
            {
                Sandbox = new()
                {
                    Intercept = (http, next) => http.Request.Path.Value!.EndsWith("/content", StringComparison.Ordinal) ? LargeAsync(http)
                : next(http)
                }
            });
        var id = (await app.CreateFinishedAsync("openai/sora-2"))["id"]!.GetValue<string>();
        (await app.SendAsync(HttpMethod.Get, $"v1/videos/{id}?include=base64")).Error(413, "request_too_large");

        async Task LargeAsync(HttpContext http)
        {
            const int Size = (16 << 20) + 1;
            http.Response.ContentType = "video/mp4";
            if (!chunked) http.Response.ContentLength = Size;
            await http.Response.Body.WriteAsync(new byte[Size], http.RequestAborted);
        }
    }

    [Fact]
    public async Task Content_urls_are_the_public_base_or_the_callers_host_or_the_providers_own()
    {
        await using var app = await ProxyApp.StartAsync(new() { Settings = new() { ["RemixProxy:PublicBaseUrl"] = "https://videos.example.org/media/" } });
        var hidden = await app.CreateFinishedAsync("gemini/gemini-omni-1.1-flash");
        var open = await app.CreateFinishedAsync("runway/gen4.5");
        Assert.Equal($"https://videos.example.org/media/v1/videos/{hidden["id"]}/content", UrlOf(hidden));
        Assert.StartsWith(app.Sandbox.AssetAddress + "assets/runway/", UrlOf(open), StringComparison.Ordinal);

        await using var plain = await ProxyApp.StartAsync();
        var local = await plain.CreateFinishedAsync("openai/sora-2");
        Assert.Equal($"{plain.Http.BaseAddress}v1/videos/{local["id"]}/content", UrlOf(local));

        static string UrlOf(JsonObject video) => video["videos"]![0]!["url"]!.GetValue<string>();
    }
}
