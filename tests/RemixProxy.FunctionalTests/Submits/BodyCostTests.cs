using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using RemixProxy.FunctionalTests.Kit;

namespace RemixProxy.FunctionalTests.Submits;

/// <summary>A body is bounded by what it costs, not only by its bytes; and what an honest one holds is not copied.</summary>
public class BodyCostTests
{
    private static readonly byte[] Png = [0x89, .. "PNG\r\n\u001a\n"u8, .. Enumerable.Range(0, 200_000).Select(i => (byte)(i * 31))];

    public static TheoryData<string, string, string?> TooMuch => new()
    {
        { "fields", """{"prompt":"a",""" + string.Join(',', Enumerable.Range(0, 256).Select(i => $"\"f{i}\":1")) + "}", null },
        { "values", $$"""{"prompt":"a","x":[{{string.Join(',', Enumerable.Repeat("{}", 10_001))}}]}""", "x" },
        { "values", """{"prompt":"a","x":{""" + string.Join(',', Enumerable.Range(0, 10_001).Select(i => $"\"m{i}\":[]")) + "}}", "x" },
        { "name is longer", $$"""{"prompt":"a","{{new string('n', 257)}}":1}""", null },
        { "name is longer", $$"""{"prompt":"a","x":{"{{new string('n', 257)}}":1} }""", "x" },
        { "number", """{"prompt":"a","seed":""" + new string('1', 513) + "}", "seed" },
        { "NUL", """{"prompt":"a\u0000b"}""", "prompt" },
        { "NUL", """{"prompt":"a","style":"a\u0000b"}""", "style" },
    };

    [Theory]
    [MemberData(nameof(TooMuch))]
    public async Task A_body_of_too_many_or_odd_values_is_400_and_says_what_is_too_much(string what, string json, string? param)
    {
        await using var app = await ProxyApp.StartAsync();
        using var body = new StringContent(json, MediaTypeHeaderValue.Parse("application/json"));
        var reply = await app.SendAsync(HttpMethod.Post, "v1/videos", body);
        Assert.Contains(what, reply.Error(400, "invalid_value", param), StringComparison.Ordinal);
        Assert.Equal(0, app.SubmitsSeen());
    }

    [Theory]
    [InlineData("""{"prompt":"a","x":{"y":1,"y":2}}""", "'x.y'")]
    [InlineData("""{"prompt":"a","x":[{"y":{"z":1,"z":1}}]}""", "'x.y.z'")]
    [InlineData("""{"prompt":"a","style":"\ud800"}""", "'style'")]
    public async Task JSON_that_says_a_thing_twice_or_half_is_400_and_names_it(string json, string name)
    {
        await using var app = await ProxyApp.StartAsync();
        using var body = new StringContent(json, MediaTypeHeaderValue.Parse("application/json"));
        Assert.Contains(name, (await app.SendAsync(HttpMethod.Post, "v1/videos", body)).Error(400, "invalid_json"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_form_with_long_names_huge_headers_or_a_NUL_is_400()
    {
        await using var app = await ProxyApp.StartAsync();
        Assert.Contains("name is longer", await SendAsync($"name=\"{new string('n', 300)}\"\r\n\r\na"), StringComparison.Ordinal);
        Assert.Contains("headers", await SendAsync($"name=\"x\"\r\nX-Long: {new string('h', 9_000)}\r\n\r\na"), StringComparison.Ordinal);
        Assert.Contains("headers", await SendAsync(
            "name=\"x\"\r\n" + string.Concat(Enumerable.Range(0, 40).Select(i => $"X-{i}: h\r\n")) + "\r\na"), StringComparison.Ordinal);
        Assert.Contains("NUL", await SendAsync("name=\"style\"\r\n\r\na\0b"), StringComparison.Ordinal);
        Assert.Contains("UTF-8", await SendAsync("name=\"style\"\r\n\r\na\u00ffb"), StringComparison.Ordinal);

        async Task<string> SendAsync(string part)
        {
            using var body = new ByteArrayContent(Encoding.Latin1.GetBytes(
                $"--b\r\nContent-Disposition: form-data; name=\"prompt\"\r\n\r\na\r\n--b\r\nContent-Disposition: form-data; {part}\r\n--b--\r\n"));
            body.Headers.TryAddWithoutValidation("Content-Type", "multipart/form-data; boundary=b");
            var reply = await app.SendAsync(HttpMethod.Post, "v1/videos", body);
            reply.AssertError(400, "invalid_value");
            return reply.Text;
        }
    }

    [Fact]
    public async Task What_an_error_quotes_of_a_request_is_short()
    {
        await using var app = await ProxyApp.StartAsync();
        using var body = new StringContent("""{"prompt":"a"}""", MediaTypeHeaderValue.Parse("application/json"));
        body.Headers.TryAddWithoutValidation("Content-Encoding", "gz" + new string('i', 3_000) + "p");
        var reply = await app.SendAsync(HttpMethod.Post, "v1/videos", body);
        Assert.InRange(reply.Error(415, "unsupported_media_type").Length, 1, 200);

        var name = new string('x', 3_000);
        Assert.InRange((await app.SendAsync(HttpMethod.Get, "v1/models/" + name)).Error(404, "model_not_found", "model").Length, 1, 400);
        Assert.InRange((await app.SendAsync(HttpMethod.Get, $"v1/videos/a/b/{name}")).Error(404, "unsupported_operation").Length, 1, 400);
    }

    [Fact]
    public async Task Text_beyond_what_is_usual_is_paid_for_in_full_and_bytes_once()
    {
        await using var app = await ProxyApp.StartAsync(new() { Settings = { ["RemixProxy:Limits:MaxBufferedBytes"] = "1000000" } });
        var text = new JsonObject { ["prompt"] = "a", ["model"] = "openai/sora-2", ["workflow"] = new string('w', 300_000) };
        (await SendAsync(app, text)).AssertError(503, "provider_unavailable");
        var form = new MultipartFormDataContent { { new StringContent("a"), "prompt" }, { new StringContent(new('w', 300_000)), "workflow" } };
        (await app.SendAsync(HttpMethod.Post, "v1/videos", form)).AssertError(503, "provider_unavailable");
        Assert.Equal(0, app.SubmitsSeen());

        // 270 kB as a URL; and all room is given back.
        var image = new JsonObject { ["prompt"] = "a", ["model"] = "luma/ray-3.2", ["input_reference"] = Url(Png) };
        for (var i = 0; i < 5; i++) _ = (await SendAsync(app, image)).Id;
    }

    [Theory]
    [InlineData("input_reference")]
    [InlineData("reference_images[]")]
    [InlineData("made_up")]
    public async Task A_data_URL_reaches_an_OpenAI_server_as_it_was_written(string field)
    {
        await using var scripted = await ScriptedApp.StartAsync();
        scripted.Says(200, """{"id":"video_1","object":"video","status":"queued","model":"wan-2"}""");
        var (name, isList) = (field.Replace("[]", "", StringComparison.Ordinal), field.EndsWith(']'));
        var value = new JsonObject { ["image_url"] = Url(Png), ["weight"] = 0.5 };
        var body = new JsonObject
        {
            ["prompt"] = "~ a boat", ["model"] = "openai/wan-2", [name] = isList ? new JsonArray(value, value.DeepClone()) : value, ["last"] = "é",
        };
        _ = (await SendAsync(scripted.App, body)).Id;
        var expected = body.DeepClone().AsObject();
        expected["model"] = "wan-2";
        Assert.True(JsonNode.DeepEquals(expected, scripted.Submits[0].Json));

        // Other writers escape base64.
        var escaped = body.ToJsonString().Replace("/", "\\/", StringComparison.Ordinal).Replace("+", "\\u002B", StringComparison.Ordinal);
        using var content = new StringContent(escaped, MediaTypeHeaderValue.Parse("application/json"));
        _ = (await scripted.App.SendAsync(HttpMethod.Post, "v1/videos", content)).Id;
        Assert.True(JsonNode.DeepEquals(expected, scripted.Submits[1].Json));
    }

    [Fact]
    public async Task A_data_URL_for_a_server_of_forms_is_a_text_of_the_form_whatever_it_came_in()
    {
        await using var scripted = await ScriptedApp.StartAsync(new() { ["RemixProxy:Providers:openai:BodyFormat"] = "Multipart" });
        scripted.Says(200, """{"id":"video_1","object":"video","status":"queued","model":"wan-2"}""");
        using var form = new MultipartFormDataContent
        {
            { new StringContent("a"), "prompt" }, { new StringContent("openai/wan-2"), "model" }, { new StringContent(Url(Png)), "input_reference" },
        };
        _ = (await scripted.App.SendAsync(HttpMethod.Post, "v1/videos", form)).Id;
        _ = (await SendAsync(scripted.App, new() { ["prompt"] = "b", ["model"] = "openai/wan-2", ["input_reference"] = Url(Png) })).Id;
        Assert.Equal(2, scripted.Submits.Count);
        Assert.All(scripted.Submits, s => Assert.Contains($"name=\"input_reference\"\r\n\r\n{Url(Png)}\r\n--", s.Body, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_prompt_that_reads_like_a_data_URL_is_a_prompt()
    {
        await using var app = await ProxyApp.StartAsync();
        var video = (await SendAsync(app, new() { ["prompt"] = "data:image/png;base64,AAEC", ["model"] = "luma/ray-3.2" })).Ok();
        Assert.Equal("data:image/png;base64,AAEC", video["prompt"]!.GetValue<string>());
        Assert.Equal(video["prompt"]!.GetValue<string>(), (await app.GetAsync("v1/videos/" + video["id"]))["prompt"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("luma/ray-3.2")]
    [InlineData("runway/gen4_turbo")]
    [InlineData("gemini/gemini-omni-1.1-flash")]
    public async Task A_data_URL_reaches_a_vendor_whole(string model)
    {
        await using var app = await ProxyApp.StartAsync();
        _ = (await SendAsync(app, new() { ["prompt"] = "a", ["model"] = model, ["input_reference"] = new JsonObject { ["image_url"] = Url(Png) } })).Id;
        var submit = app.Sandbox.Requests.Last(r => r.BodyText.Contains("\"a\"", StringComparison.Ordinal));
        Assert.Contains(Convert.ToBase64String(Png), JsonNode.Parse(submit.BodyText)!.ToJsonString(new() { Encoder = Unescaped }), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Equal_data_URLs_under_two_names_say_the_same_and_others_do_not()
    {
        await using var app = await ProxyApp.StartAsync();
        var same = new JsonObject { ["prompt"] = "a", ["model"] = "luma/ray-3.2", ["input_reference"] = Url(Png), ["image"] = Url(Png) };
        _ = (await SendAsync(app, same)).Id;
        same["image"] = Url(SHA256.HashData(Png));
        (await SendAsync(app, same)).AssertError(400, "invalid_value");
    }

    [Fact]
    public async Task A_body_that_trickles_in_is_400_after_its_time_and_gives_its_room_back()
    {
        await using var app = await ProxyApp.StartAsync(new()
        {
            Settings = { ["RemixProxy:Limits:BodyTimeout"] = "00:00:30", ["RemixProxy:Limits:MaxBufferedBytes"] = "5000" },
        });
        using var client = await RawClient.ConnectAsync(app.Http.BaseAddress!);
        await client.WriteAsync("POST /v1/videos HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 4000\r\n\r\n{\"prompt\":");
        var answer = client.ReadAnswerAsync();
        for (var i = 0; i < 100 && !answer.IsCompleted; i++)
        {
            app.Time.Advance(TimeSpan.FromSeconds(10));
            await client.WriteAsync(" ");
            await Task.WhenAny(answer, Task.Delay(50, TestContext.Current.CancellationToken));
        }

        var text = await answer;
        Assert.StartsWith("HTTP/1.1 400", text, StringComparison.Ordinal);
        Assert.Contains("within 30 seconds", text, StringComparison.Ordinal);
        _ = (await app.CreateAsync("luma/ray-3.2", new('x', 3000))).Id;
    }

    private static System.Text.Encodings.Web.JavaScriptEncoder Unescaped => System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping;

    private static string Url(byte[] bytes) => "data:image/png;base64," + Convert.ToBase64String(bytes);

    private static async Task<Reply> SendAsync(ProxyApp app, JsonObject body)
    {
        using var content = new StringContent(body.ToJsonString(), MediaTypeHeaderValue.Parse("application/json"));
        return await app.SendAsync(HttpMethod.Post, "v1/videos", content);
    }
}
