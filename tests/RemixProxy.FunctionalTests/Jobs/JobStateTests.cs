using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using RemixProxy.FunctionalTests.Kit;

namespace RemixProxy.FunctionalTests.Jobs;

/// <summary>A job from its first answer to its end, alike at every provider.</summary>
public class JobStateTests
{
    private static readonly string[] Stable = ["id", "object", "model", "prompt", "size", "seconds", "created_at"];

    public static TheoryData<string> Providers => [.. FinishedVideos.Providers];

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task What_was_told_once_stays_while_the_job_goes_forward(string provider)
    {
        await using var app = await StartAsync(provider);
        var video = await app.PostAsync(
            "v1/videos", new { model = FinishedVideos.ModelOf(provider), prompt = "A paper boat", seconds = "4", size = "1280x720" });
        var first = Facts(video);
        var created = app.Time.GetUtcNow();
        var seen = new List<(string Status, int Progress)>();
        for (var second = 0; second < 8; second++)
        {
            Assert.Equal(first, Facts(video));
            seen.Add((video["status"]!.GetValue<string>(), video["progress"]!.GetValue<int>()));
            app.Time.Advance(TimeSpan.FromSeconds(1));
            video = await app.GetAsync("v1/videos/" + video["id"]!.GetValue<string>());
        }

        Assert.Equal("A paper boat", video["prompt"]!.GetValue<string>());
        Assert.Equal("1280x720", video["size"]!.GetValue<string>());
        Assert.Equal(created.ToUnixTimeSeconds(), video["created_at"]!.GetValue<long>());
        string[] states = TestedProviders.Find(provider).Queues ? ["queued", "in_progress", "completed"] : ["in_progress", "completed"];
        Assert.Equal(states, seen.Select(s => s.Status).Distinct());
        Assert.Equal(seen.Select(s => s.Progress).Order(), seen.Select(s => s.Progress));
        Assert.Equal(100, seen[^1].Progress);
        Assert.InRange(video["completed_at"]!.GetValue<long>() - created.ToUnixTimeSeconds(), 2, 6);
    }

    [Theory]
    [InlineData("gemini", 48)]
    [InlineData("openai", 24)]
    [InlineData("luma", null)]
    [InlineData("runway", null)]
    [InlineData("xai", 24)]
    [InlineData("kling", 30 * 24)]
    [InlineData("ark", 24)]
    [InlineData("fal", null)]
    [InlineData("replicate", 1)]
    [InlineData("vertex", null)]
    [InlineData("vertex-veo", null)]
    public async Task Completed_video_tells_when_its_bytes_go_where_that_is_known(string provider, int? hours)
    {
        await using var app = await ProxyApp.StartAsync();

        var video = await app.CreateFinishedAsync(FinishedVideos.ModelOf(provider));

        Assert.True(video.ContainsKey("expires_at"));
        if (hours is null) Assert.Null(video["expires_at"]);
        else Assert.InRange(video["expires_at"]!.GetValue<long>() - video["created_at"]!.GetValue<long>(), hours.Value * 3600, (hours.Value * 3600) + 6);
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task FAIL_is_not_ready_first_and_then_failed_without_content(string provider)
    {
        await using var app = await ProxyApp.StartAsync();
        var id = (await app.PostAsync("v1/videos", new { model = FinishedVideos.ModelOf(provider), prompt = "FAIL" }))["id"]!.GetValue<string>();
        await app.Http.GetErrorAsync($"v1/videos/{id}/content", HttpStatusCode.Conflict, "video_not_ready");

        var video = await app.FinishAsync(id);

        Assert.Equal(("failed", "provider_error"), (video["status"]!.GetValue<string>(), video["error"]!["code"]!.GetValue<string>()));
        Assert.NotEmpty(video["error"]!["message"]!.GetValue<string>());
        Assert.False(video.ContainsKey("videos"));
        await app.Http.GetErrorAsync($"v1/videos/{id}/content", HttpStatusCode.Conflict, "video_failed");
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task MODERATE_ends_as_blocked_by_moderation(string provider)
    {
        await using var app = await ProxyApp.StartAsync();

        var video = await app.CreateFinishedAsync(FinishedVideos.ModelOf(provider), "MODERATE");

        Assert.Equal(("failed", "moderation_blocked"), (video["status"]!.GetValue<string>(), video["error"]!["code"]!.GetValue<string>()));
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task SLOW_takes_a_minute(string provider)
    {
        await using var app = await ProxyApp.StartAsync();
        var id = (await app.PostAsync("v1/videos", new { model = FinishedVideos.ModelOf(provider), prompt = "SLOW" }))["id"]!.GetValue<string>();
        app.Time.Advance(TimeSpan.FromSeconds(54));
        Assert.Equal("in_progress", (await app.GetAsync("v1/videos/" + id))["status"]!.GetValue<string>());

        app.Time.Advance(TimeSpan.FromSeconds(6));

        Assert.Equal("completed", (await app.GetAsync("v1/videos/" + id))["status"]!.GetValue<string>());
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task EXPIRE_completes_and_its_content_is_gone(string provider)
    {
        await using var app = await ProxyApp.StartAsync();

        var video = await app.CreateFinishedAsync(FinishedVideos.ModelOf(provider), "EXPIRE");

        Assert.Equal("completed", video["status"]!.GetValue<string>());
        // A 404 just after the end may be over in a moment.
        app.Time.Advance(TimeSpan.FromMinutes(1));
        await app.Http.GetErrorAsync($"v1/videos/{video["id"]}/content", HttpStatusCode.Gone, "video_expired");
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task REFUSE_is_refused_at_once_and_nothing_is_made(string provider)
    {
        await using var app = await ProxyApp.StartAsync();

        using var response = await app.Http.PostAsJsonAsync("v1/videos", new { model = FinishedVideos.ModelOf(provider), prompt = "REFUSE" });

        await ErrorAssert.IsErrorAsync(response, HttpStatusCode.BadRequest, "content_policy_violation");
        Assert.Equal(0, app.Sandbox.Submits);
        Assert.Empty((await app.GetAsync("v1/videos"))["data"]!.AsArray());
    }

    private static Task<ProxyApp> StartAsync(string provider) =>
        ProxyApp.StartAsync(new() { Settings = new() { [$"RemixProxy:Providers:{provider}:PollInterval"] = "00:00:01" } });

    private static string Facts(JsonObject video) => string.Join(' ', Stable.Select(name => $"{name}={video[name]!.ToJsonString()}"));
}
