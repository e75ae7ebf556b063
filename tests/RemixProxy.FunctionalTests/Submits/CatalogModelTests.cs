using System.Net.Http.Json;
using System.Text.Json.Nodes;
using RemixProxy.FunctionalTests.Kit;

namespace RemixProxy.FunctionalTests.Submits;

/// <summary>Models of a provider of many models, which the adapter's table or the configuration describes: path, field names, spellings.</summary>
public class CatalogModelTests
{
    private const string At = "RemixProxy:Providers:fal:Models:";

    private static readonly Dictionary<string, string?> NextMonth = new()
    {
        [At + "0:Model"] = "kling/v5/text-to-video",
        [At + "0:Path"] = "fal-ai/veo3.1",
        [At + "0:Operations"] = "create",
        [At + "0:Fields:seconds"] = "duration={value}s",
        [At + "0:Fields:negative_prompt"] = "negative",
        [At + "0:Fixed:mode"] = "pro",
        [At + "0:Inputs"] = "first_frame",
        [At + "0:Sizes:0"] = "1280x720",
        [At + "0:Sizes:1"] = "720x1280",
        [At + "0:Seconds"] = "4-8",
        [At + "0:WithImage"] = "kling/v5/image-to-video",
        [At + "1:Model"] = "kling/v5/image-to-video",
        [At + "1:Fields:input_reference"] = "first",
        [At + "1:Fields:seconds"] = "duration=text",
        [At + "2:Model"] = "kling/v5/edit",
        [At + "2:Operations"] = "edit",
        [At + "2:Fields:video"] = "source_url",
        [At + "2:Fields:resolution"] = "quality",
        [At + "2:Fields:seconds"] = "duration=number",
        [At + "2:Sizes"] = "1280x720",
        [At + "2:Seconds"] = "5",
        [At + "2:Inputs"] = "none",
        [At + "3:Model"] = "kling/v5/longer",
        [At + "3:Operations:0"] = "extend",
        [At + "3:Fields:seconds"] = "extra",
        ["RemixProxy:Providers:fal:RemixModel"] = "kling/v5/edit",
    };

    [Fact]
    public async Task A_create_has_the_path_and_the_spellings_that_the_operator_gives()
    {
        await using var app = await ProxyApp.StartAsync(new() { Settings = NextMonth });
        await app.CallAsync("POST", "v1/videos", new
        {
            model = "fal/kling/v5/text-to-video", prompt = "A boat", size = "1000x600", seconds = "12", negative_prompt = "rain", generate_audio = false,
            steps = 20,
        });
        Assert.Equal(
            """/fal-ai/veo3.1 {"prompt":"A boat","aspect_ratio":"16:9","resolution":"720p","duration":"8s","generate_audio":false,"negative":"rain","""
            + "\"steps\":20,\"mode\":\"pro\"}",
            Sent(app));
    }

    [Fact]
    public async Task A_create_with_an_image_goes_to_the_model_for_images()
    {
        await using var app = await ProxyApp.StartAsync(new() { Settings = NextMonth });
        await app.CallAsync(
            "POST", "v1/videos", new { model = "fal/kling/v5/text-to-video", prompt = "A boat", size = "1280x720", image_url = "https://example.com/a.png" });
        Assert.Equal(
            """/kling/v5/image-to-video {"prompt":"A boat","aspect_ratio":"16:9","resolution":"720p","duration":"4","first":"https://example.com/a.png"}""",
            Sent(app));
    }

    [Fact]
    public async Task An_edit_and_an_extend_are_spelled_alike()
    {
        await using var app = await ProxyApp.StartAsync(new() { Settings = NextMonth });
        var source = (await app.CreateFinishedAsync("luma/ray-3.2"))["id"]!.GetValue<string>();
        await app.CallAsync("POST", $"v1/videos/{source}/remix", new { model = "fal/kling/v5/edit", prompt = "Snow" });
        var url = JsonNode.Parse(app.Sandbox.Requests[^1].BodyText)!["source_url"]!.GetValue<string>();
        Assert.Equal($$"""/kling/v5/edit {"prompt":"Snow","quality":"720p","duration":5,"source_url":"{{url}}"}""", Sent(app));
        await app.CallAsync("POST", "v1/videos/extensions", new { model = "fal/kling/v5/longer", video = new { id = source }, prompt = "On", seconds = "3" });
        Assert.StartsWith("""/kling/v5/longer {"prompt":"On","extra":3,"video_url":""", Sent(app), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_described_model_does_not_do_is_400_and_nothing_is_sent()
    {
        await using var app = await ProxyApp.StartAsync(new() { Settings = NextMonth });
        var reply = await app.SendAsync(HttpMethod.Post, "v1/videos", JsonContent.Create(new { model = "fal/kling/v5/edit", prompt = "A boat" }));
        reply.Error(400, "unsupported_operation", "model");
        reply = await app.SendAsync(
            HttpMethod.Post, "v1/videos",
            JsonContent.Create(new { model = "fal/kling/v5/text-to-video", prompt = "A boat", last_frame = "https://example.com/a.png" }));
        reply.Error(400, "unsupported_parameter", "last_frame");
        reply = await app.SendAsync(HttpMethod.Post, "v1/videos", JsonContent.Create(new { model = "fal/a/../b/c", prompt = "A boat" }));
        reply.Error(400, "invalid_value", "model");
        Assert.Empty(app.Sandbox.Requests);
    }

    [Theory]
    [InlineData("fal", "Operations", "remix", "Operations must be words of create, edit, extend")]
    [InlineData("fal", "WithImage", "nobody", "WithImage names nobody, which is no entry of Models")]
    [InlineData("openai", "WithImage", "nobody", "WithImage names nobody, which is no entry of Models")]
    [InlineData("fal", "Path", "a/../b", "Path must be a path below the provider's base")]
    public async Task A_wrong_description_stops_the_start(string provider, string key, string value, string message)
    {
        var at = $"RemixProxy:Providers:{provider}:Models:0:";
        var failure = await Assert.ThrowsAnyAsync<Exception>(
            () => ProxyApp.StartAsync(new() { Settings = new() { [at + "Model"] = "m", [at + key] = value } }));
        Assert.Contains(at + message, failure.Message, StringComparison.Ordinal);
    }

    /// <summary>An id that nobody remembers is asked for only below the path of a model that the account has.</summary>
    [Theory]
    [InlineData("fal-ai/kling-video/x", true)]
    [InlineData("xai/grok-imagine-video/x", true)]
    [InlineData("kling/v5/x", true)]
    [InlineData("fal-ai/flux/x", false)]
    [InlineData("fal-ai/kling-video/../x", false)]
    [InlineData("fal-ai/kling-video/..", false)]
    [InlineData("kling-video/x", false)]
    [InlineData("x", false)]
    public async Task A_stranger_s_id_leads_to_no_other_path(string native, bool isAsked)
    {
        await using var app = await ProxyApp.StartAsync(new() { Settings = NextMonth });
        var reply = await app.SendAsync(HttpMethod.Get, "v1/videos/" + Uri.EscapeDataString(native + ":fal"), null);
        reply.Error(404, "video_not_found", "video_id");
        Assert.Equal(isAsked ? 1 : 0, app.Sandbox.Requests.Count);
        if (isAsked) Assert.EndsWith($"/{native[..^2]}/requests/x/status?logs=0", app.Sandbox.Requests[0].PathAndQuery, StringComparison.Ordinal);
    }

    private static string Sent(ProxyApp app)
    {
        var sent = app.Sandbox.Requests[^1];
        return sent.PathAndQuery["/fal/fal".Length..] + " " + sent.BodyText;
    }
}
