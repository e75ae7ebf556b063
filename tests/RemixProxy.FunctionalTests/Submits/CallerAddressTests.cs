using System.Text.Json;
using System.Text.Json.Nodes;
using RemixProxy.FunctionalTests.Kit;

namespace RemixProxy.FunctionalTests.Submits;

/// <summary>Addresses that callers give: none that leads inside goes to any provider, in whatever field, form and depth it stands.</summary>
public class CallerAddressTests
{
    private static readonly string[] Addresses =
    [
        "http://cdn.example/x.png", "http:127.0.0.1", "https://127.0.0.1/x.png", "https://localhost/x.png", "https://2130706433/x.png", "https://0x7f.1/x.png",
        "https://0177.0.0.1/x.png", "https://127.0.0.1./x.png", "https://[::ffff:127.0.0.1]/x.png", "https://[64:ff9b::10.0.0.1]/x.png",
        "https://[2002:a00:1::]/x.png",
        "https://169.254.169.254/latest/meta-data", "https://[fd00:ec2::254]/", "https://168.63.129.16/", "https://100.64.0.1/",
        "https://metadata.google.internal./",
        "https://１２７.0.0.1/", "https://user:word@cdn.example/x.png", @"https://cdn.example\@127.0.0.1/x.png", "https://cdn.exa\tmple/x.png",
        "ftp://cdn.example/x.png", "file:///etc/passwd", "FILE:/etc/passwd", "\u0001 ht\ntp://127.0.0.1/", "javascript:alert(1)",
        "gopher://127.0.0.1:6379/_INFO",
        @"\\127.0.0.1\share\x.png",
    ];

    private static readonly string[] Fields =
    [
        "input_reference", "image", "image_url", "images", "first_frame", "first_frame_url", "start_image", "last_frame", "last_frame_url", "end_image",
        "end_frame",
        "reference_images", "reference_image_urls", "reference_videos", "reference_video_urls", "reference_audio", "audio_url",
    ];

    /// <summary>Ways to put an address into a field.</summary>
    private static readonly Func<string, JsonNode>[] Shapes =
    [
        url => url,
        url => new JsonObject { ["url"] = url },
        url => new JsonObject { ["image_url"] = url },
        url => new JsonObject { ["file_id"] = url },
        url => new JsonObject { ["image_url"] = new JsonObject { ["url"] = url } },
        url => new JsonArray(url),
        url => new JsonArray(new JsonObject { ["url"] = url }),
        url => new JsonArray("https://cdn.example/x.png", url),
        url => new JsonArray(new JsonArray(url)),
        url => new JsonObject { ["a"] = new JsonArray(new JsonObject { ["b"] = url }) },
        url => new JsonObject { ["url"] = url }.ToJsonString(),
        url => $" [{JsonSerializer.Serialize(url)}]",
        url => $$"""{"url":"https://cdn.example/","url":{{JsonSerializer.Serialize(url)}}}""",
    ];

    [Theory]
    [InlineData("//\u202e")]
    [InlineData("///\u200e")]
    [InlineData("\\\\\u202e")]
    [InlineData("file:////\u202a")]
    [InlineData("https://cdn.example/\u202egnp.a")]
    public async Task Address_with_marks_of_writing_direction_alone_is_no_address(string address)
    {
        await using var app = await ProxyApp.StartAsync();
        foreach (var model in new[] { "openai/sora-2", "luma/ray-3.2" })
        {
            foreach (var shape in Shapes.Take(2))
                await RefusedAsync(app, new() { ["model"] = model, ["prompt"] = "A cat", ["input_reference"] = shape(address) }, "input_reference");
        }

        Assert.Empty(app.Sandbox.Requests);
    }

    [Theory]
    [InlineData("openai/sora-2")]
    [InlineData("openai/whatever")]
    [InlineData("runway/whatever")]
    public async Task Address_in_any_media_field_is_400_and_nothing_is_sent(string model)
    {
        await using var app = await ProxyApp.StartAsync();
        foreach (var (index, field) in Fields.Index())
        {
            foreach (var (turn, address) in Addresses.Index())
            {
                // Every field meets every address, and every shape in turn.
                var value = Shapes[(index + turn) % Shapes.Length](address);
                await RefusedAsync(app, new() { ["model"] = model, ["prompt"] = "A cat", [field] = value }, field);
            }
        }

        foreach (var shape in Shapes) await RefusedAsync(app,
            new() { ["model"] = model, ["prompt"] = "A cat", ["input_reference"] = shape("https://10.0.0.1/") }, "input_reference");
        Assert.Empty(app.Sandbox.Requests);
    }

    [Theory]
    [InlineData("openai/sora-2")]
    [InlineData("openai/whatever")]
    [InlineData("runway/gen4.5")]
    public async Task The_same_in_a_form(string model)
    {
        await using var app = await ProxyApp.StartAsync();
        foreach (var (index, field) in Fields.Index())
        {
            string[] names = [field, field + "[]", field + "[0]", field + "[image_url]", field + "[0][url]", field + "[a][0][b]"];
            foreach (var (turn, address) in Addresses.Index().Where(a => (a.Index + index) % 3 == 0))
            {
                using var form = new MultipartFormDataContent
                {
                    { new StringContent(model), "model" }, { new StringContent("A cat"), "prompt" },
                    { new StringContent(address), names[(index + turn) % names.Length] },
                };
                var reply = await app.SendAsync(HttpMethod.Post, "v1/videos", form);
                Assert.True(reply.Status == 400, $"{field} {address}: {reply.Status} {reply.Text}");
            }
        }

        Assert.Empty(app.Sandbox.Requests);
    }

    [Theory]
    [InlineData("init_image")]
    [InlineData("webhook_url")]
    [InlineData("video")]
    [InlineData("audio")]
    [InlineData("aspect_ratio")]
    [InlineData("extra")]
    public async Task Address_in_a_field_that_only_the_server_knows_is_400_too(string field)
    {
        await using var app = await ProxyApp.StartAsync();
        foreach (var address in Addresses)
        {
            foreach (var value in new JsonNode[] { address, new JsonObject { ["b"] = new JsonArray(address) } })
                await RefusedAsync(app, new() { ["model"] = "openai/whatever", ["prompt"] = "A cat", [field] = value.DeepClone() }, field);
        }

        Assert.Empty(app.Sandbox.Requests);
    }

    [Theory]
    [InlineData("negative_prompt", "see http://localhost/ for what I don't want")]
    [InlineData("user", "http://localhost/users/7")]
    [InlineData("user_id", "http://localhost/users/7")]
    [InlineData("style", "Style: anime, ratio: any")]
    [InlineData("init_image", "https://cdn.example/x.png?sig=1")]
    [InlineData("init_image", "iVBORw0KGgo=")]
    public async Task What_leads_nowhere_inside_goes_on(string field, string value)
    {
        await using var app = await ProxyApp.StartAsync();

        // The simulator refuses fields that OpenAI does not know; here it counts that it was asked.
        var body = new JsonObject { ["model"] = "openai/sora-2", ["prompt"] = "http://localhost/ as neon letters", [field] = value };
        _ = await app.CallAsync("POST", "v1/videos", body.ToJsonString());

        Assert.Equal(1, app.SubmitsSeen());
    }

    [Fact]
    public async Task Vendors_own_spelling_is_held_to_the_same()
    {
        await using var app = await ProxyApp.StartAsync();
        foreach (var address in Addresses)
        {
            var reply = await app.CallAsync("POST", "v1/videos",
                new { model = "runway/whatever", prompt = "A cat", promptImage = new[] { new { uri = address, position = "first" } } });
            Assert.True(reply.Status == 400, $"{address}: {reply.Status} {reply.Text}");
        }

        Assert.Empty(app.Sandbox.Requests);
    }

    /// <summary>The same in the fields that a declared model takes beside the usual ones.</summary>
    [Theory]
    [InlineData("runway/aleph2", "keyframes")]
    [InlineData("luma/ray-3.2", "controls")]
    public async Task Address_in_a_declared_field_of_objects_is_400(string model, string field)
    {
        await using var app = await ProxyApp.StartAsync();
        var clip = await app.CreateFinishedAsync(model.StartsWith("runway", StringComparison.Ordinal) ? "runway/gen4.5" : model);
        var asked = app.Sandbox.Requests.Count;
        foreach (var address in Addresses)
        {
            JsonNode inner = new JsonObject { ["uri"] = address };
            var body = new JsonObject { ["prompt"] = "Snow", ["model"] = model, [field] = field == "keyframes" ? new JsonArray(inner) : inner };
            var reply = await app.CallAsync("POST", $"v1/videos/{clip["id"]}/remix", body.ToJsonString());
            Assert.True(reply.Status == 400, $"{address}: {reply.Status} {reply.Text}");
            Assert.StartsWith(field, reply.Param, StringComparison.Ordinal);
        }

        Assert.Equal(asked, app.Sandbox.Requests.Count);
    }

    private static async Task RefusedAsync(ProxyApp app, JsonObject body, string field)
    {
        var reply = await app.CallAsync("POST", "v1/videos", body.ToJsonString());
        Assert.True(reply.Status == 400, $"{body.ToJsonString()}: {reply.Status} {reply.Text}");
        Assert.StartsWith(field, reply.Param, StringComparison.Ordinal);
    }
}
