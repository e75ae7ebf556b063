using System.Net.Http.Json;
using System.Text.Json.Nodes;
using RemixProxy.FunctionalTests.Kit;

namespace RemixProxy.FunctionalTests.Submits;

/// <summary>Models of an OpenAI-compatible server that configuration describes: <c>Providers:{name}:Models</c>.</summary>
public class ConfiguredModelTests
{
    private const string At = "RemixProxy:Providers:openai:Models:0:";

    private static readonly Dictionary<string, string?> Wan = new()
    {
        [At + "Model"] = "wan2.2",
        [At + "Path"] = "video/generations",
        [At + "Fields:seconds"] = "num_seconds=number",
        [At + "Fields:size"] = "size={width}*{height}",
        [At + "Fields:input_reference"] = "image=text",
        [At + "Fields:negative_prompt"] = "negative",
        [At + "Fixed:fps"] = "16",
        [At + "Fixed:mode"] = "fast",
        [At + "Inputs:0"] = "first_frame",
        [At + "Sizes:0"] = "1280x720",
        [At + "Sizes:1"] = "720x1280",
        [At + "Seconds"] = "2-8",
        [At + "Audio"] = "Never",
        [At + "Outputs"] = "2",
    };

    [Fact]
    public async Task Fields_stand_on_the_wire_as_the_operator_says()
    {
        await using var app = await ProxyApp.StartAsync(new() { Settings = Wan });
        var video = (await app.CallAsync("POST", "v1/videos", new
        {
            model = "openai/wan2.2", prompt = "A boat", duration = "12s", size = "1000x600", image = "https://example.com/a.png", negativePrompt = "rain",
            steps = 20, n = 2,
        })).Status;

        var sent = Assert.Single(app.Sandbox.Requests);
        Assert.EndsWith("/v1/video/generations", sent.PathAndQuery, StringComparison.Ordinal);
        var body = JsonNode.Parse(sent.BodyText)!.AsObject();
        Assert.Equal(
            """{"model":"wan2.2","prompt":"A boat","num_seconds":8,"size":"1280*720","image":"https://example.com/a.png","negative":"rain","steps":20,"n":2,"""
            + "\"fps\":16,\"mode\":\"fast\"}",
            body.ToJsonString());
        // The simulator has no such path.
        Assert.NotEqual(200, video);
    }

    [Fact]
    public async Task A_create_from_an_image_may_be_another_models()
    {
        var settings = new Dictionary<string, string?>(Wan)
        {
            [At + "WithImage"] = "wan2.2-i2v", ["RemixProxy:Providers:openai:Models:1:Model"] = "wan2.2-i2v",
            ["RemixProxy:Providers:openai:Models:1:Path"] = "image/generations", ["RemixProxy:Providers:openai:Models:1:Fields:input_reference"] = "img=text",
        };
        await using var app = await ProxyApp.StartAsync(new() { Settings = settings });
        await app.CallAsync("POST", "v1/videos", new { model = "openai/wan2.2", prompt = "A boat", image = "https://example.com/a.png" });
        var sent = Assert.Single(app.Sandbox.Requests);
        Assert.EndsWith("/v1/image/generations", sent.PathAndQuery, StringComparison.Ordinal);
        Assert.Equal("https://example.com/a.png", JsonNode.Parse(sent.BodyText)!["img"]!.GetValue<string>());
        await app.CallAsync("POST", "v1/videos", new { model = "openai/wan2.2", prompt = "A boat" });
        Assert.EndsWith("/v1/video/generations", app.Sandbox.Requests[^1].PathAndQuery, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_form_is_spelled_alike()
    {
        await using var app = await ProxyApp.StartAsync(new() { Settings = Wan });
        using var form = new MultipartFormDataContent
        {
            { new StringContent("openai/wan2.2"), "model" }, { new StringContent("A boat"), "prompt" }, { new StringContent("5"), "seconds" },
            { new ByteArrayContent([0x89, 0x50, 0x4E, 0x47]), "input_reference", "a.png" },
        };
        await app.SendAsync(HttpMethod.Post, "v1/videos", form);

        var sent = Assert.Single(app.Sandbox.Requests).BodyText;
        Assert.All(["name=\"num_seconds\"", "name=\"image\"; filename=\"a.png\"", "name=\"fps\"", "name=\"mode\""],
            part => Assert.Contains(part, sent, StringComparison.Ordinal));
        Assert.All(["name=\"seconds\"", "name=\"input_reference\""], part => Assert.DoesNotContain(part, sent, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{"last_frame":"https://example.com/a.png"}""", "last_frame")]
    [InlineData("""{"audio":true}""", "audio")]
    [InlineData("""{"n":3}""", "n")]
    public async Task What_it_does_not_take_is_refused(string json, string param)
    {
        await using var app = await ProxyApp.StartAsync(new() { Settings = Wan });
        var body = JsonNode.Parse(json)!.AsObject();
        (body["model"], body["prompt"]) = ("openai/wan2.2", "A boat");
        (await app.SendAsync(HttpMethod.Post, "v1/videos", JsonContent.Create(body))).Error(400, "unsupported_parameter", param);
        Assert.Empty(app.Sandbox.Requests);
    }

    [Fact]
    public async Task It_is_listed_and_resolved_by_its_name()
    {
        await using var app = await ProxyApp.StartAsync(new() { Settings = Wan });
        var models = (await app.GetAsync("v1/models"))["data"]!.AsArray().ToDictionary(
            m => m!["id"]!.GetValue<string>(), m => m!["capabilities"]!.AsObject());
        Assert.Equal(["1280x720", "720x1280"], models["openai/wan2.2"]["sizes"]!.AsArray().Select(s => s!.GetValue<string>()));
        Assert.Equal("never", models["openai/wan2.2"]["audio"]!.GetValue<string>());
        await app.CallAsync("POST", "v1/videos", new { model = "wan2.2", prompt = "A boat" });
        Assert.Contains("/openai/", Assert.Single(app.Sandbox.Requests).PathAndQuery, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Path", "/videos")]
    [InlineData("Path", "https://elsewhere.example/videos")]
    [InlineData("Path", "../admin")]
    [InlineData("Fields:seconds", "=number")]
    [InlineData("Fields:seconds", "length=seconds")]
    [InlineData("Inputs:0", "smell")]
    [InlineData("Inputs:0", "reference_images:none")]
    [InlineData("Sizes:0", "720p")]
    [InlineData("Seconds", "10-2")]
    [InlineData("Seconds", "soon")]
    public async Task A_description_that_is_wrong_stops_the_start(string key, string value)
    {
        var settings = new Dictionary<string, string?>(Wan) { [At + key] = value };
        var error = await Assert.ThrowsAnyAsync<Exception>(() => ProxyApp.StartAsync(new() { Settings = settings }));
        Assert.Contains($"{At}{key.Split(':')[0]}", error.Message, StringComparison.Ordinal);
    }
}
