using System.ClientModel;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using RemixProxy.FunctionalTests.Kit;

namespace RemixProxy.FunctionalTests.Submits;

/// <summary>The same wish in every form that clients send it.</summary>
public class SubmitFormTests
{
    private static readonly byte[] Png = [0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10, 0, 1, 2, 3];

    [Theory]
    [InlineData("\"8\"")]
    [InlineData("8")]
    [InlineData("8.0")]
    public async Task Create_by_json_takes_seconds_as_text_and_as_number(string seconds)
    {
        await using var app = await ProxyApp.StartAsync();
        var json = $$"""{"model":"openai/sora-2","prompt":"A boat","input_reference":{"image_url":"https://example.com/boat.png"},"size":"1280x720","seconds":{{seconds}} }""";
        var video = (await app.SendAsync(HttpMethod.Post, "v1/videos", new StringContent(json, Encoding.UTF8, "application/json"))).Ok();

        Assert.Equal(("8", "1280x720", "sora-2"), (Text(video, "seconds"), Text(video, "size"), Text(video, "model")));
        var native = JsonNode.Parse(Assert.Single(app.Sandbox.Requests).BodyText)!.AsObject();
        Assert.Equal(("8", "1280x720", "A boat"), (Text(native, "seconds"), Text(native, "size"), Text(native, "prompt")));
        Assert.Equal("https://example.com/boat.png", Text(native["input_reference"]!.AsObject(), "image_url"));
    }

    [Fact]
    public async Task Create_by_multipart_as_the_dotnet_client_sends_it_carries_the_image()
    {
        await using var app = await ProxyApp.StartAsync();
        using var form = Form(("model", "luma/ray-3.2"), ("prompt", "A boat"), ("seconds", "5"), ("size", "1280x720"));
        using var image = new ByteArrayContent(Png) { Headers = { ContentType = new("image/png") } };
        form.Add(image, "input_reference", "boät.png");
        await using var stream = await form.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        var result = await app.NewVideoClient().CreateVideoAsync(BinaryContent.Create(stream), form.Headers.ContentType!.ToString());

        Assert.Equal(200, result.GetRawResponse().Status);
        var native = JsonNode.Parse(Assert.Single(app.Sandbox.Requests).BodyText)!;
        Assert.Equal(("A boat", "5s"), (native["prompt"]!.GetValue<string>(), native["video"]!["duration"]!.GetValue<string>()));
        Assert.Equal(Convert.ToBase64String(Png), native["video"]!["start_frame"]!["data"]!.GetValue<string>());
    }

    [Fact]
    public async Task Create_by_multipart_as_node_sends_it_reads_brackets_as_objects()
    {
        await using var app = await ProxyApp.StartAsync();
        using var form = Quoted(
            ("model", "runway/gen4.5"), ("prompt", "A boat"), ("seconds", "5"), ("input_reference[image_url]", "https://example.com/boat.png"));
        var video = (await app.SendAsync(HttpMethod.Post, "v1/videos", form)).Ok();

        Assert.Equal("5", Text(video, "seconds"));
        var request = Assert.Single(app.Sandbox.Requests);
        Assert.EndsWith("/image_to_video", request.PathAndQuery, StringComparison.Ordinal);
        Assert.Equal("https://example.com/boat.png", Text(JsonNode.Parse(request.BodyText)!.AsObject(), "promptImage"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Remix_edit_and_extend_read_json_and_multipart_alike(bool multipart)
    {
        await using var app = await ProxyApp.StartAsync();
        var id = Text(await app.CreateFinishedAsync("openai/sora-2"), "id");
        var native = id.Split(':')[0];

        var remix = await SubmitAsync($"v1/videos/{id}/remix", ("prompt", "make it snow"));
        var edit = await SubmitAsync("v1/videos/edits", ("prompt", "make it rain"), ("video[id]", id));
        var extension = await SubmitAsync("v1/videos/extensions", ("prompt", "and on"), ("video[id]", id), ("seconds", "8"));

        Assert.Equal(["video_remix", "video_edit", "video_extension"],
            new[] { remix, edit, extension }.Select(v => Text(v["extra_fields"]!.AsObject(), "request_type")));
        Assert.All([remix, edit, extension], v => Assert.Equal(id, Text(v, "remixed_from_video_id")));
        Assert.Equal(["4", "4", "12"], new[] { remix, edit, extension }.Select(v => Text(v, "seconds")));
        var posts = app.Sandbox.Requests.Where(r => r.Method == "POST").Skip(1).ToList();
        // An edit by id is a remix.
        Assert.Equal([$"/openai/openai/v1/videos/{native}/remix", $"/openai/openai/v1/videos/{native}/remix", "/openai/openai/v1/videos/extensions"],
            posts.Select(p => p.PathAndQuery));
        Assert.Equal(native, JsonNode.Parse(posts[2].BodyText)!["video"]!["id"]!.GetValue<string>());

        async Task<JsonObject> SubmitAsync(string path, params (string Name, string Value)[] fields)
        {
            using HttpContent content = multipart ? Quoted(fields) : JsonContent.Create(Nested(fields));
            return (await app.SendAsync(HttpMethod.Post, path, content)).Ok();
        }
    }

    [Theory]
    [InlineData("gemini/gemini-omni-1.1-flash")]
    [InlineData("luma/ray-3.2")]
    [InlineData("runway/gen4.5")]
    public async Task An_image_by_file_id_is_refused_where_no_server_knows_the_file(string model)
    {
        await using var app = await ProxyApp.StartAsync();
        var reply = await app.SendAsync(
            HttpMethod.Post, "v1/videos", JsonContent.Create(new { model, prompt = "A boat", input_reference = new { file_id = "file-1" } }));
        Assert.Contains("openai", reply.Error(400, "unsupported_operation", "input_reference.file_id"), StringComparison.Ordinal);
        Assert.Empty(app.Sandbox.Requests);
    }

    [Fact]
    public async Task An_image_by_file_id_goes_to_a_compatible_server_as_it_came()
    {
        await using var app = await ProxyApp.StartAsync();
        await app.PostAsync("v1/videos", new { model = "openai/sora-2", prompt = "A boat", input_reference = new { file_id = "file-1" } });
        Assert.Equal("file-1", JsonNode.Parse(Assert.Single(app.Sandbox.Requests).BodyText)!["input_reference"]!["file_id"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("v1/videos", "{}", "missing_required_parameter", "prompt")]
    [InlineData("v1/videos", """{"prompt":" "}""", "invalid_value", "prompt")]
    [InlineData("v1/videos", """{"prompt":"x","size":"large"}""", "invalid_value", "size")]
    [InlineData("v1/videos", """{"prompt":"x","seconds":"long"}""", "invalid_value", "seconds")]
    [InlineData("v1/videos", """{"prompt":"x","seconds":0}""", "invalid_value", "seconds")]
    [InlineData("v1/videos", """{"prompt":"x","input_reference":"x.png"}""", "invalid_value", "input_reference")]
    [InlineData("v1/videos", """{"prompt":"x","input_reference":{"image_url":"http://169.254.169.254/x"}}""", "invalid_value", "input_reference.image_url")]
    [InlineData("v1/videos", """{"prompt":"x","prompt":"y"}""", "invalid_value", "prompt")]
    [InlineData("v1/videos", "[]", "invalid_json", null)]
    [InlineData("v1/videos", "{", "invalid_json", null)]
    [InlineData("v1/videos/edits", """{"prompt":"x"}""", "missing_required_parameter", "video")]
    [InlineData("v1/videos/edits", """{"prompt":"x","video":"a:runway"}""", "invalid_value", "video")]
    [InlineData("v1/videos/extensions", """{"prompt":"x","video":{"id":"a:runway"}}""", "missing_required_parameter", "seconds")]
    public async Task A_malformed_submit_names_its_field_and_sends_nothing(string path, string json, string code, string? param)
    {
        await using var app = await ProxyApp.StartAsync();
        var reply = await app.SendAsync(HttpMethod.Post, path, new StringContent(json, Encoding.UTF8, "application/json"));
        reply.Error(400, code, param);
        Assert.Equal("false", reply.Headers["x-should-retry"]);
        Assert.Empty(app.Sandbox.Requests);
    }

    [Fact]
    public async Task A_body_of_another_type_is_415_and_a_large_one_413()
    {
        await using var app = await ProxyApp.StartAsync(new() { Settings = new() { ["RemixProxy:Limits:MaxRequestBytes"] = "2048" } });
        (await app.SendAsync(HttpMethod.Post, "v1/videos", new StringContent("prompt=x", Encoding.UTF8, "application/x-www-form-urlencoded"))).Error(
            415, "unsupported_media_type");
        (await app.SendAsync(HttpMethod.Post, "v1/videos", JsonContent.Create(new { prompt = new string('x', 3000) }))).Error(413, "request_too_large");
        Assert.Empty(app.Sandbox.Requests);
    }

    private static string Text(JsonObject o, string name) => o[name]!.GetValue<string>();

    private static MultipartFormDataContent Form(params (string Name, string Value)[] fields)
    {
        var form = new MultipartFormDataContent();
        foreach (var (name, value) in fields) form.Add(new StringContent(value), name);
        return form;
    }

    // fetch and undici quote names and give texts no type.
    private static MultipartFormDataContent Quoted(params (string Name, string Value)[] fields)
    {
        var form = new MultipartFormDataContent("----formdata-undici-0123456789");
        foreach (var (name, value) in fields)
        {
            var part = new StringContent(
                value)
            { Headers = { ContentType = null, ContentDisposition = new ContentDispositionHeaderValue("form-data") { Name = $"\"{name}\"" } } };
            form.Add(part);
        }

        return form;
    }

    private static JsonObject Nested((string Name, string Value)[] fields) => new(fields.Select(f => f.Name == "video[id]"
        ? KeyValuePair.Create("video", (JsonNode?)new JsonObject { ["id"] = f.Value })
        : KeyValuePair.Create(f.Name, (JsonNode?)f.Value)));
}
