using System.Net.Http.Json;
using System.Text.Json.Nodes;
using RemixProxy.FunctionalTests.Kit;

namespace RemixProxy.FunctionalTests.Submits;

/// <summary>Fields are read by meaning, in JSON and in forms; what changes the picture is never dropped.</summary>
public class InputTests
{
    private const string First = "https://example.com/first.png";
    private const string Last = "https://example.com/last.png";

    private static readonly byte[] Png = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A];

    [Theory]
    [InlineData("""{"seconds":8,"input_reference":"FIRST","last_frame":"LAST","aspect_ratio":"16:9"}""")]
    [InlineData("""{"duration":"8s","image":"FIRST","end_image":"LAST","ratio":"16:9"}""")]
    [InlineData("""{"duration_seconds":"8","image_url":"FIRST","last_frame_url":"LAST","ratio":"16:9"}""")]
    [InlineData("""{"durationSeconds":8.0,"images":["FIRST"],"end_frame":{"url":"LAST"},"ratio":"16:9"}""")]
    [InlineData("""{"seconds":"8","first_frame":{"url":"FIRST"},"end_image":{"image_url":"LAST"},"ratio":"16:9"}""")]
    [InlineData("""{"seconds":8,"duration":"8","first_frame_url":"FIRST","start_image":"FIRST","end_frame":{"image_url":{"url":"LAST"}},"ratio":"16:9"}""")]
    [InlineData("""{"seconds":8,"start_image":{"image_url":"FIRST"},"last_frame":"LAST","aspect_ratio":"16:9","n":1,"audio":false}""")]
    public async Task Every_name_of_a_field_means_the_same(string json)
    {
        await using var app = await ProxyApp.StartAsync();
        var body = JsonNode.Parse(json.Replace("FIRST", First).Replace("LAST", Last))!.AsObject();
        (body["model"], body["prompt"]) = ("luma/ray-3.2", "A boat");

        var asJson = await app.PostAsync("v1/videos", body);
        using var form = Form(body);
        var asForm = (await app.SendAsync(HttpMethod.Post, "v1/videos", form)).Ok();

        var requests = app.Sandbox.Requests.Select(r => JsonNode.Parse(r.BodyText)!).ToArray();
        Assert.Equal(2, requests.Length);
        Assert.All(requests, native =>
        {
            Assert.Equal("16:9", native["aspect_ratio"]!.GetValue<string>());
            Assert.Equal(First, native["video"]!["start_frame"]!["url"]!.GetValue<string>());
            Assert.Equal(Last, native["video"]!["end_frame"]!["url"]!.GetValue<string>());
        });
        // A video between two frames is 5 s long.
        Assert.All([asJson, asForm], v => Assert.Equal(["seconds"], v["extra_fields"]!["adjustments"]!.AsArray().Select(a => a!["param"]!.GetValue<string>())));
    }

    [Theory]
    [InlineData("""{"seconds":"8","duration":"8s"}""")]
    [InlineData("""{"duration":8.0,"seconds":8}""")]
    [InlineData("""{"duration_seconds":8,"durationSeconds":"8.00","seconds":"6"}""", "seconds")]
    [InlineData("""{"audio":true,"sound":"on"}""")]
    [InlineData("""{"with_audio":"FALSE","generate_audio":"off","audio":false}""")]
    [InlineData("""{"audio":true,"sound":"off"}""", "sound")]
    [InlineData("""{"n":1,"num_videos":"1"}""")]
    public async Task The_same_value_under_two_names_is_one_value(string json, string? param = null)
    {
        await using var app = await ProxyApp.StartAsync();
        var body = JsonNode.Parse(json)!.AsObject();
        (body["model"], body["prompt"]) = ("runway/veo3.1", "A boat");
        using var form = Form(body);
        foreach (var content in new HttpContent[] { JsonContent.Create(body), form })
        {
            var reply = await app.SendAsync(HttpMethod.Post, "v1/videos", content);
            if (param is null) _ = reply.Ok();
            else reply.Error(400, "invalid_value", param);
        }
    }

    [Theory]
    [InlineData("input_reference[]", "input_reference[]")]
    [InlineData("images[0]", "images[1]")]
    [InlineData("images[]", "images[]")]
    [InlineData("reference_images[1]", "reference_images[2]")]
    [InlineData("reference_image_urls[]", "reference_image_urls[]")]
    public async Task Several_images_are_references_in_their_order(string first, string second)
    {
        await using var app = await ProxyApp.StartAsync();
        using var form = new MultipartFormDataContent
        {
            { new StringContent("gemini/gemini-omni-1.1-flash"), "model" }, { new StringContent("A boat"), "prompt" },
            { new ByteArrayContent(Png), first, "girl.png" }, { new StringContent(Last), second },
        };
        (await app.SendAsync(HttpMethod.Post, "v1/videos", form)).Ok();

        var native = JsonNode.Parse(Assert.Single(app.Sandbox.Requests).BodyText)!;
        Assert.Equal("reference_to_video", native["generation_config"]!["video_config"]!["task"]!.GetValue<string>());
        var input = native["input"]!.AsArray();
        Assert.Equal((Convert.ToBase64String(Png), Last), (input[1]!["data"]!.GetValue<string>(), input[2]!["uri"]!.GetValue<string>()));
    }

    [Theory]
    [InlineData("luma/ray-3.2", """{"reference_images":["FIRST"]}""", "reference_images", "gemini/gemini-omni-1.1-flash")]
    [InlineData("gemini/gemini-omni-1.1-flash", """{"last_frame":"LAST"}""", "last_frame", "luma/ray-3.2")]
    [InlineData("gemini/gemini-omni-1.1-flash", """{"reference_image_urls":["FIRST","FIRST","FIRST","LAST"]}""", "reference_image_urls", null)]
    [InlineData("gemini/gemini-omni-1.1-flash", """{"generate_audio":"off"}""", "generate_audio", "luma/ray-3.2")]
    [InlineData("luma/ray-3.2", """{"with_audio":true}""", "with_audio", "gemini/gemini-omni-1.1-flash")]
    [InlineData("luma/ray-3.2", """{"n":2}""", "n", null)]
    [InlineData("openai/sora-2", """{"end_frame":"LAST"}""", "end_frame", "luma/ray-3.2")]
    [InlineData("luma/ray-3.3", """{"reference_audio":["LAST"]}""", "reference_audio", null)]
    public async Task What_a_model_can_t_take_is_refused_with_the_models_that_can(string model, string json, string param, string? able)
    {
        await using var app = await ProxyApp.StartAsync();
        var body = JsonNode.Parse(json.Replace("FIRST", First).Replace("LAST", Last))!.AsObject();
        (body["model"], body["prompt"]) = (model, "A boat");

        var message = (await app.SendAsync(HttpMethod.Post, "v1/videos", JsonContent.Create(body))).Error(400, "unsupported_parameter", param);

        if (able is not null) Assert.Contains(able, message, StringComparison.Ordinal);
        Assert.Empty(app.Sandbox.Requests);
    }

    [Fact]
    public async Task Models_say_what_they_take()
    {
        await using var app = await ProxyApp.StartAsync();
        var models = (await app.GetAsync("v1/models"))["data"]!.AsArray().ToDictionary(
            m => m!["id"]!.GetValue<string>(), m => m!["capabilities"]!.AsObject());
        Assert.Equal(
            """{"images":true,"first_frame":true,"last_frame":true,"reference_images":false,"reference_videos":false,"reference_audio":false}""",
            models["luma/ray-3.2"]["inputs"]!.ToJsonString());
        Assert.Equal(
            """{"images":true,"first_frame":true,"last_frame":false,"reference_images":true,"reference_videos":true,"reference_audio":false}""",
            models["gemini/gemini-omni-1.1-flash"]["inputs"]!.ToJsonString());
        Assert.Equal(
            ("never", "always", "switch"),
            (Audio("luma/ray-3.2"), Audio("gemini/gemini-omni-1.1-flash"), Audio("runway/veo3.1")));

        string Audio(string id) => models[id]["audio"]!.GetValue<string>();
    }

    [Fact]
    public async Task An_alias_lists_what_its_videos_can_become()
    {
        await using var app = await ProxyApp.StartAsync(
            new() { Settings = new() { ["RemixProxy:Models:mine"] = "runway/gen4.5", ["RemixProxy:Models:own"] = "openai/nobody-declares-this" } });
        var models = (await app.GetAsync("v1/models"))["data"]!.AsArray().ToDictionary(
            m => m!["id"]!.GetValue<string>(), m => m!["capabilities"]!.AsObject());
        Assert.Equal(("edit", "native", "none"), (Remix("mine"), Remix("own"), Remix("runway/gen4.5")));
        Assert.All(["create", "remix", "edit", "extend"], o => Assert.All(["mine", "own"], alias => Assert.Contains(o, Operations(alias))));
        Assert.DoesNotContain("remix", Operations("runway/gen4.5"));

        string Remix(string id) => models[id]["remix"]!.GetValue<string>();

        IEnumerable<string> Operations(string id) => models[id]["operations"]!.AsArray().Select(o => o!.GetValue<string>());
    }

    /// <summary>The first target can't express the request, by our own reading; the second one can.</summary>
    [Theory]
    [InlineData("gemini/gemini-omni-1.1-flash", "luma/ray-3.2", """{"last_frame":"LAST"}""", ":luma")]
    [InlineData("luma/ray-3.2", "gemini/gemini-omni-1.1-flash", """{"reference_images":["FIRST","LAST"]}""", ":gemini")]
    [InlineData("luma/ray-3.2", "gemini/gemini-omni-1.1-flash", """{"audio":true}""", ":gemini")]
    [InlineData("gemini/gemini-omni-1.1-flash", "luma/ray-3.2", """{"resolution":"540p"}""", ":luma")]
    [InlineData("gemini/gemini-omni-1.1-flash", "luma/ray-3.2", """{"ratio":"21:9"}""", ":luma")]
    [InlineData("runway/gen4.5", "gemini/gemini-omni-1.1-flash", """{"prompt":"LONG"}""", ":gemini")]
    [InlineData("gemini/gemini-omni-1.1-flash", "luma/ray-3.2", """{"seconds":12,"size":"1x1","audio":true}""", ":gemini")]
    public async Task An_alias_goes_on_where_a_target_can_t_express_the_request(string one, string two, string json, string suffix)
    {
        await using var app = await ProxyApp.StartAsync(
            new() { Settings = new() { ["RemixProxy:Models:mine:0"] = one, ["RemixProxy:Models:mine:1"] = two } });
        var body = JsonNode.Parse(json.Replace("FIRST", First).Replace("LAST", Last).Replace("LONG", new string('x', 1001)))!.AsObject();
        body["model"] = "mine";
        body["prompt"] ??= "A boat";

        var video = await app.PostAsync("v1/videos", body);

        Assert.EndsWith(suffix, video["id"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal(1, app.SubmitsSeen());
    }

    [Fact]
    public async Task Where_no_target_of_an_alias_can_express_the_request_the_first_one_s_refusal_is_the_answer()
    {
        await using var app = await ProxyApp.StartAsync(
            new() { Settings = new() { ["RemixProxy:Models:mine:0"] = "gemini/gemini-omni-1.1-flash", ["RemixProxy:Models:mine:1"] = "luma/ray-3.2" } });
        var reply = await app.SendAsync(
            HttpMethod.Post, "v1/videos", JsonContent.Create(new { model = "mine", prompt = "A boat", resolution = "8K" }));
        Assert.Contains("360p", reply.Error(400, "invalid_value", "resolution"), StringComparison.Ordinal);
        Assert.Empty(app.Sandbox.Requests);
    }

    [Theory]
    [InlineData("sora-2-2025-10-06")]
    [InlineData("sora-2-2025-12-08")]
    [InlineData("sora-2-pro-2025-10-06")]
    public async Task The_dated_snapshots_are_aliases_out_of_the_box(string model)
    {
        await using var app = await ProxyApp.StartAsync();
        var video = await app.PostAsync("v1/videos", new { model, prompt = "A boat" });
        Assert.EndsWith(":gemini", video["id"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal(model, video["extra_fields"]!["model_requested"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("luma/ray-3.2", "video")]
    [InlineData("runway/gen4.5", "video")]
    [InlineData("runway/gen9", "video")]
    [InlineData("runway/gen9", "mask")]
    [InlineData("gemini/omni-9", "video")]
    public async Task A_file_that_would_not_be_sent_is_refused(string model, string field)
    {
        await using var app = await ProxyApp.StartAsync();
        using var form = new MultipartFormDataContent
        {
            { new StringContent(model), "model" }, { new StringContent("A boat"), "prompt" },
            { new ByteArrayContent([1, 2]) { Headers = { ContentType = new("video/mp4") } }, field, "a.mp4" },
        };
        (await app.SendAsync(HttpMethod.Post, "v1/videos", form)).Error(400, "unsupported_parameter", field);
        Assert.Empty(app.Sandbox.Requests);
    }

    [Theory]
    [InlineData("promptImage", "input_reference")]
    [InlineData("references", "reference_images")]
    public async Task A_vendors_own_name_of_an_image_is_refused_with_ours(string native, string ours)
    {
        await using var app = await ProxyApp.StartAsync();
        var body = new JsonObject { ["model"] = "runway/seedance2", ["prompt"] = "x", [native] = First };
        var message = (await app.SendAsync(HttpMethod.Post, "v1/videos", JsonContent.Create(body))).Error(400, "unsupported_parameter", native);
        Assert.Contains(ours, message, StringComparison.Ordinal);
        Assert.Empty(app.Sandbox.Requests);
    }

    [Fact]
    public async Task A_video_by_address_is_refused_where_none_belongs()
    {
        await using var app = await ProxyApp.StartAsync();
        (await app.SendAsync(
            HttpMethod.Post, "v1/videos", JsonContent.Create(new { model = "luma/ray-3.2", prompt = "x", video = "https://example.com/a.mp4" })))
            .Error(400, "unsupported_parameter", "video");
    }

    [Fact]
    public async Task An_image_of_another_kind_is_not_lost_behind_an_alias()
    {
        await using var app = await ProxyApp.StartAsync(
            new() { Settings = new() { ["RemixProxy:Models:mine:0"] = "luma/ray-3.2", ["RemixProxy:Models:mine:1"] = "runway/gen9" } });
        using var form = new MultipartFormDataContent
        {
            { new StringContent("mine"), "model" }, { new StringContent("A boat"), "prompt" },
            { new ByteArrayContent("GIF89a"u8.ToArray()), "input_reference", "a.gif" },
        };
        (await app.SendAsync(HttpMethod.Post, "v1/videos", form)).Error(400, "invalid_value", "input_reference");
        Assert.Empty(app.Sandbox.Requests);
    }

    [Fact]
    public async Task A_snapshot_is_what_the_operator_makes_of_its_base_name()
    {
        await using var app = await ProxyApp.StartAsync(new() { Settings = new() { ["RemixProxy:Models:sora-2"] = "luma/ray-3.2" } });
        var video = await app.PostAsync("v1/videos", new { model = "sora-2-2025-12-08", prompt = "A boat" });
        Assert.EndsWith(":luma", video["id"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    // As a form writes it: arrays by number, objects by name, everything as text.
    private static MultipartFormDataContent Form(JsonObject body)
    {
        var form = new MultipartFormDataContent();
        foreach (var (name, value) in body) Add(name, value!);
        return form;

        void Add(string name, JsonNode value)
        {
            switch (value)
            {
                case JsonObject members:
                    foreach (var (key, member) in members) Add($"{name}[{key}]", member!);
                    break;
                case JsonArray items:
                    for (var i = 0; i < items.Count; i++) Add($"{name}[{i}]", items[i]!);
                    break;
                default:
                    form.Add(new StringContent(value.ToString()), name);
                    break;
            }
        }
    }
}
