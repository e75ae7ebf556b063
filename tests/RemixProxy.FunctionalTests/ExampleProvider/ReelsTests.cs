using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using Reels;
using RemixProxy.FunctionalTests.Kit;

namespace RemixProxy.FunctionalTests.ExampleProvider;

/// <summary>The provider of docs/adding-a-provider.md in an application: through the plugin's door to the vendor's server and back.</summary>
public sealed class ReelsTests : IAsyncDisposable
{
    private const string At = "RemixProxy:Providers:reels:";

    private ReelsServer? _reels;
    private ProxyApp? _app;

    private ReelsServer Reels => _reels!;

    private ProxyApp App => _app!;

    [Fact]
    public async Task A_video_is_made_watched_remixed_and_deleted()
    {
        await StartAsync();

        var created = await App.PostAsync("v1/videos", new { model = "reels/reel-2", prompt = "A boat", seconds = "8", size = "1920x1080", seed = 7 });
        Assert.Equal(("r1:reels", "queued", "1920x1080", "8"), Facts(created));
        var video = await App.FinishAsync("r1:reels");
        Assert.Equal(("r1:reels", "completed", "1920x1080", "8"), Facts(video));
        Assert.Equal("the clip", Encoding.UTF8.GetString(await App.BytesAsync("v1/videos/r1:reels/content")));

        var remix = await App.PostAsync("v1/videos/r1:reels/remix", new { prompt = "Make it snow", strength = "low" });
        Assert.Equal(("r2:reels", "queued", "1920x1080", "8"), Facts(remix));
        Assert.Equal("r1:reels", remix["remixed_from_video_id"]!.GetValue<string>());
        await App.FinishAsync("r2:reels");
        (await App.CallAsync("DELETE", "v1/videos/r2:reels")).Ok();
        (await App.CallAsync("GET", "v1/videos/r2:reels")).AssertError(404, "video_not_found");

        Assert.Equal(
            [
                "POST reels", "GET reels/r1", "GET reels/r1", "GET reels/r1", "GET reels/r1/clips", "GET /cdn/clip.mp4",
                "POST reels/r1/remix", "GET reels/r2", "GET reels/r2", "GET reels/r2", "GET reels/r2/clips", "DELETE reels/r2",
            ],
            Reels.Seen);
        Assert.Equal("""{"model":"reel-2","prompt":"A boat","size":"1920x1080","length":8,"seed":7}""", Reels.Requests[0].BodyText);
        Assert.Equal("""{"prompt":"Make it snow","strength":"low"}""", Reels.Requests[6].BodyText);
    }

    [Theory]
    [InlineData("BLOCK", 400, "content_policy_violation", "prompt")]
    [InlineData("RULES", 400, "content_policy_violation", "input_reference")]
    [InlineData("LENGTH", 400, "invalid_value", "seconds")]
    [InlineData("BROKE", 429, "insufficient_quota", null)]
    [InlineData("SLOW", 429, "rate_limit_exceeded", null)]
    public async Task A_refusal_is_told_in_the_apis_words(string prompt, int status, string code, string? param)
    {
        await StartAsync();

        var reply = await App.CreateAsync("reels/reel-2", prompt);

        reply.Error(status, code, param);
        if (prompt == "SLOW") Assert.Equal("7", reply.Header("Retry-After"));
    }

    [Fact]
    public async Task What_the_model_does_not_take_or_make_is_reported()
    {
        await StartAsync();

        var video = await App.PostAsync(
            "v1/videos", new { model = "reels/reel-2-fast", prompt = "A boat", seconds = "9", size = "1920x1080", sound = false, camera = "pan" });

        Assert.Equal(
            ["size: 1920x1080 → 1280x720, nearest supported", "seconds: 9 → 6, longest supported", "camera: pan → , not supported by reels"],
            video["extra_fields"]!["adjustments"]!.AsArray().Select(a => $"{a!["param"]}: {a["requested"]} → {a["used"]}, {a["reason"]}"));
        Assert.Equal("""{"model":"reel-2-fast","prompt":"A boat","size":"1280x720","length":6}""", Reels.Requests[0].BodyText);
    }

    [Fact]
    public async Task A_private_address_is_no_last_frame()
    {
        await StartAsync();

        (await App.CallAsync("POST", "v1/videos", new { model = "reels/reel-2", prompt = "A boat", last_frame = "https://10.0.0.1/a.png" }))
            .Error(400, "invalid_value", "last_frame");

        Assert.Empty(Reels.Requests);
    }

    [Theory]
    [InlineData(1024, "POST reels")]
    [InlineData(6 * 1024 * 1024, "POST uploads", "POST reels")]
    public async Task A_large_image_is_uploaded(int bytes, params string[] requests)
    {
        await StartAsync();
        using var image = new ByteArrayContent(new byte[bytes]) { Headers = { ContentType = new MediaTypeHeaderValue("image/png") } };
        using var form = new MultipartFormDataContent
        {
            { new StringContent("reels/reel-2"), "model" }, { new StringContent("A boat"), "prompt" }, { image, "input_reference", "boat.png" },
        };

        (await App.SendAsync(HttpMethod.Post, "v1/videos", form)).Ok();

        Assert.Equal(requests, Reels.Seen);
        var sent = JsonNode.Parse(Reels.Requests[^1].BodyText)!["image"]!.GetValue<string>();
        Assert.StartsWith(requests.Length > 1 ? "reels-upload://1" : "data:image/png;base64,AAAA", sent, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("luma/ray-3.2", "POST remixes")]
    [InlineData("openai/sora-2", "POST uploads", "POST remixes")]
    public async Task Another_providers_video_is_handed_over(string model, params string[] requests)
    {
        await StartAsync();
        var source = await App.CreateFinishedAsync(model);

        var remix = await App.PostAsync($"v1/videos/{source["id"]}/remix", new { model = "reels/reel-2", prompt = "Make it snow" });

        Assert.Equal("r1:reels", remix["id"]!.GetValue<string>());
        Assert.Equal(requests, Reels.Seen);
        // By a URL that anybody may fetch, else as bytes.
        var sent = JsonNode.Parse(Reels.Requests[^1].BodyText)!["source"]!.GetValue<string>();
        Assert.StartsWith(requests.Length > 1 ? "reels-upload://1" : App.Sandbox.AssetAddress.ToString(), sent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_video_under_way_is_cancelled_before_it_is_deleted()
    {
        await StartAsync();
        var id = (await App.CreateAsync("reels/reel-2", "A boat")).Id;

        (await App.CallAsync("DELETE", "v1/videos/" + id)).Ok();

        Assert.Equal(["POST reels", "POST reels/r1/cancel", "DELETE reels/r1"], Reels.Seen);
    }

    [Fact]
    public async Task A_wrong_secret_is_no_fault_of_the_caller()
    {
        await StartAsync((At + "Secrets:SecretKey", "other"));

        (await App.CreateAsync("reels/reel-2", "A boat")).AssertError(502, "provider_auth_failed");
    }

    [Fact]
    public async Task A_missing_secret_stops_the_start()
    {
        var failure = await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync((At + "Secrets:SecretKey", null)));

        Assert.Contains(At + "Secrets:SecretKey is missing, and so is REELS_SECRET_KEY.", failure.Message, StringComparison.Ordinal);
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null) await _app.DisposeAsync();
        if (_reels is not null) await _reels.DisposeAsync();
    }

    private async Task StartAsync(params (string Key, string? Value)[] settings)
    {
        _reels = await ReelsServer.StartAsync();
        var all = new Dictionary<string, string?>
        {
            [At + "BaseUrl"] = Reels.BaseUrl, [At + "Secrets:AccessKey"] = ReelsServer.AccessKey, [At + "Secrets:SecretKey"] = ReelsServer.SecretKey,
            [At + "Project"] = "main",
        };
        foreach (var (key, value) in settings) all[key] = value;
        _app = await ProxyApp.StartAsync(new() { Settings = all, Proxy = proxy => proxy.Services.AddReels() });
    }

    private static (string Id, string Status, string Size, string Seconds) Facts(JsonObject video) =>
        (video["id"]!.GetValue<string>(), video["status"]!.GetValue<string>(), video["size"]!.GetValue<string>(), video["seconds"]!.GetValue<string>());
}
