using System.Net.Http.Json;
using RemixProxy.FunctionalTests.Kit;
using RemixProxy.FunctionalTests.Walks;

namespace RemixProxy.FunctionalTests.Jobs;

/// <summary>A deleted video is gone for every operation that asks for it.</summary>
public class DeleteTests
{
    [Theory]
    [MemberData(nameof(WalkTests.Models), MemberType = typeof(WalkTests))]
    public async Task A_deleted_video_is_404_everywhere(string model)
    {
        await using var app = await ProxyApp.StartAsync();
        var id = (await app.CreateFinishedAsync(model))["id"]!.GetValue<string>();
        var deleted = (await app.SendAsync(HttpMethod.Delete, "v1/videos/" + id)).Ok();
        Assert.Equal($$"""{"object":"video.deleted","id":"{{id}}","deleted":true}""", deleted.ToJsonString());
        var before = app.Sandbox.Requests.Count;

        foreach (var written in new[] { id, id.Replace(":", "%3A"), $"{id}:{model.Split('/')[0]}" })
        {
            (await app.SendAsync(HttpMethod.Get, "v1/videos/" + written)).Error(404, "video_not_found", "video_id");
            (await app.SendAsync(HttpMethod.Get, $"v1/videos/{written}/content")).Error(404, "video_not_found", "video_id");
            (await app.SendAsync(HttpMethod.Delete, "v1/videos/" + written)).Error(404, "video_not_found", "video_id");
            (await app.SendAsync(HttpMethod.Post, $"v1/videos/{written}/remix", JsonContent.Create(new { prompt = "x" }))).Error(
                404, "video_not_found", "video_id");
        }

        var video = new { id };
        (await app.SendAsync(HttpMethod.Post, "v1/videos/edits", JsonContent.Create(new { video, prompt = "x" }))).Error(404, "video_not_found", "video.id");
        (await app.SendAsync(HttpMethod.Post, "v1/videos/extensions", JsonContent.Create(new { video, prompt = "x", seconds = 4 }))).Error(
            404, "video_not_found", "video.id");
        Assert.Equal(404, (await app.SendAsync(HttpMethod.Head, $"v1/videos/{id}/content")).Status);
        Assert.Empty((await app.GetAsync("v1/videos"))["data"]!.AsArray());
        Assert.Equal(before, app.Sandbox.Requests.Count);
    }

    [Fact]
    public async Task A_tombstone_stands_for_the_whole_retention_from_the_delete_on()
    {
        await using var app = await ProxyApp.StartAsync(new() { Settings = new() { ["RemixProxy:Jobs:Retention"] = "01:00:00" } });
        // Luma knows no delete: without a tombstone it would hand the video out again.
        var id = (await app.CreateFinishedAsync("luma/ray-3.2"))["id"]!.GetValue<string>();
        app.Time.Advance(TimeSpan.FromMinutes(50));
        (await app.SendAsync(HttpMethod.Delete, "v1/videos/" + id)).Ok();
        app.Time.Advance(TimeSpan.FromMinutes(50));
        (await app.SendAsync(HttpMethod.Get, "v1/videos/" + id)).Error(404, "video_not_found", "video_id");
    }

    [Theory]
    [InlineData("gemini/gemini-omni-1.1-flash")]
    [InlineData("runway/gen4.5")]
    [InlineData("openai/sora-2")]
    public async Task Deleting_an_unfinished_video_ends_it_upstream(string model)
    {
        await using var app = await ProxyApp.StartAsync();
        var id = (await app.PostAsync("v1/videos", new { model, prompt = "A boat" }))["id"]!.GetValue<string>();
        (await app.SendAsync(HttpMethod.Delete, "v1/videos/" + id)).Ok();
        Assert.Equal("DELETE", app.Sandbox.Requests[^1].Method);
        (await app.SendAsync(HttpMethod.Get, "v1/videos/" + id)).Error(404, "video_not_found", "video_id");
    }

    [Fact]
    public async Task A_delete_that_fails_upstream_keeps_the_video()
    {
        var broken = true;
        await using var app = await ProxyApp.StartAsync(new()
        {
            Sandbox = new()
            {
                Intercept = (http, next) =>
                {
                    if (!broken || http.Request.Method != "DELETE") return next(http);
                    http.Response.StatusCode = 500;
                    return Task.CompletedTask;
                },
            },
        });
        var id = (await app.CreateFinishedAsync("openai/sora-2"))["id"]!.GetValue<string>();
        (await app.SendAsync(HttpMethod.Delete, "v1/videos/" + id)).Error(502, "provider_error");
        await app.GetAsync("v1/videos/" + id);
        broken = false;
        (await app.SendAsync(HttpMethod.Delete, "v1/videos/" + id)).Ok();
    }
}
