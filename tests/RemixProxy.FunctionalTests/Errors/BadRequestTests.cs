using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using RemixProxy.FunctionalTests.Kit;

namespace RemixProxy.FunctionalTests.Errors;

/// <summary>Requests that are wrong are refused with the field's name, before anything is sent.</summary>
public sealed class BadRequestTests(FaultyProviders providers) : IClassFixture<FaultyProviders>
{
    private static readonly string Deep = string.Concat(Enumerable.Repeat("[", 100)) + string.Concat(Enumerable.Repeat("]", 100));

    public static TheoryData<string, int, string, string?> Creates => new()
    {
        { "", 400, "invalid_json", null },
        { "{", 400, "invalid_json", null },
        { "null", 400, "invalid_json", null },
        { "[]", 400, "invalid_json", null },
        { "\"x\"", 400, "invalid_json", null },
        { "{} {}", 400, "invalid_json", null },
        { """{"prompt":"a","prompt":"b"}""", 400, "invalid_value", "prompt" },
        { """{"prompt":"a","seconds":4,"duration":8}""", 400, "invalid_value", "duration" },
        { """{"prompt":"a","negative_prompt":"x","negativePrompt":"y"}""", 400, "invalid_value", "negativePrompt" },
        { """{"prompt":"a","images":["https://example.com/a.png"],"image":"https://example.com/b.png"}""", 400, "invalid_value", "image" },
        { """{"prompt":"a","x":{"y":1,"y":2}}""", 400, "invalid_json", null },
        { """{"prompt":"\ud800"}""", 400, "invalid_json", null },
        { """{"prompt":"a","\udfff":1}""", 400, "invalid_json", null },
        { """{"prompt":"a","x":["\ud83d"]}""", 400, "invalid_json", null },
        { $$"""{"prompt":"a","x":{{Deep}}}""", 400, "invalid_json", null },
        { "{}", 400, "missing_required_parameter", "prompt" },
        { """{"prompt":null}""", 400, "missing_required_parameter", "prompt" },
        { """{"prompt":""}""", 400, "invalid_value", "prompt" },
        { """{"prompt":" \n "}""", 400, "invalid_value", "prompt" },
        { $$"""{"prompt":"{{new string('x', 32_001)}}"}""", 400, "invalid_value", "prompt" },
        { """{"prompt":1}""", 400, "invalid_value", "prompt" },
        { """{"prompt":["a"]}""", 400, "invalid_value", "prompt" },
        { """{"prompt":{"text":"a"}}""", 400, "invalid_value", "prompt" },
        { """{"prompt":true}""", 400, "invalid_value", "prompt" },
        { """{"prompt":"a","model":1}""", 400, "invalid_value", "model" },
        { """{"prompt":"a","model":[]}""", 400, "invalid_value", "model" },
        { """{"prompt":"a","model":"no-such"}""", 404, "model_not_found", "model" },
        { """{"prompt":"a","model":""}""", 404, "model_not_found", "model" },
        { """{"prompt":"a","model":"elsewhere/sora-2"}""", 404, "model_not_found", "model" },
        { $$"""{"prompt":"a","model":"{{new string('x', 300)}}"}""", 400, "invalid_value", "model" },
        { """{"prompt":"a","size":1280}""", 400, "invalid_value", "size" },
        { """{"prompt":"a","size":"big"}""", 400, "invalid_value", "size" },
        { """{"prompt":"a","size":"0x720"}""", 400, "invalid_value", "size" },
        { """{"prompt":"a","size":"-1280x720"}""", 400, "invalid_value", "size" },
        { """{"prompt":"a","size":"99999999999x720"}""", 400, "invalid_value", "size" },
        { """{"prompt":"a","size":"1280x720x3"}""", 400, "invalid_value", "size" },
        { """{"prompt":"a","size":{"width":1280}}""", 400, "invalid_value", "size" },
        { """{"prompt":"a","seconds":"long"}""", 400, "invalid_value", "seconds" },
        { """{"prompt":"a","seconds":0}""", 400, "invalid_value", "seconds" },
        { """{"prompt":"a","seconds":-4}""", 400, "invalid_value", "seconds" },
        { """{"prompt":"a","seconds":1e999}""", 400, "invalid_value", "seconds" },
        { """{"prompt":"a","seconds":"1e1"}""", 400, "invalid_value", "seconds" },
        { """{"prompt":"a","seconds":true}""", 400, "invalid_value", "seconds" },
        { """{"prompt":"a","seconds":[4]}""", 400, "invalid_value", "seconds" },
        { """{"prompt":"a","input_reference":"a.png"}""", 400, "invalid_value", "input_reference" },
        { """{"prompt":"a","input_reference":"http://example.com/a.png"}""", 400, "invalid_value", "input_reference" },
        { """{"prompt":"a","first_frame":["https://example.com/a.png","https://example.com/b.png"]}""", 400, "invalid_value", "first_frame" },
        { """{"prompt":"a","last_frame_url":"https://10.0.0.1/a.png"}""", 400, "invalid_value", "last_frame_url" },
        { """{"prompt":"a","reference_images":[{"url":"https://127.0.0.1/a.png"}]}""", 400, "invalid_value", "reference_images.url" },
        { """{"prompt":"a","audio":"maybe"}""", 400, "invalid_value", "audio" },
        { """{"prompt":"a","n":0}""", 400, "invalid_value", "n" },
        { """{"prompt":"a","num_videos":2}""", 400, "unsupported_parameter", "num_videos" },
        { """{"prompt":"a","sound":false}""", 400, "unsupported_parameter", "sound" },
        { """{"prompt":"a","end_image":"https://example.com/a.png"}""", 400, "unsupported_parameter", "end_image" },
        { """{"prompt":"a","audio_url":"https://example.com/a.mp3"}""", 400, "unsupported_parameter", "audio_url" },
        { """{"prompt":"a","input_reference":{}}""", 400, "invalid_value", "input_reference" },
        { """{"prompt":"a","input_reference":{"image_url":1}}""", 400, "invalid_value", "input_reference.image_url" },
        { """{"prompt":"a","input_reference":{"image_url":"http://example.com/a.png"}}""", 400, "invalid_value", "input_reference.image_url" },
        { """{"prompt":"a","input_reference":{"image_url":"https://127.0.0.1/a.png"}}""", 400, "invalid_value", "input_reference.image_url" },
        { """{"prompt":"a","input_reference":{"image_url":"https://169.254.169.254/latest"}}""", 400, "invalid_value", "input_reference.image_url" },
        { """{"prompt":"a","input_reference":{"image_url":"file:///etc/passwd"}}""", 400, "invalid_value", "input_reference.image_url" },
        { """{"prompt":"a","input_reference":{"image_url":"data:image/png;base64,!!!"}}""", 400, "invalid_value", "input_reference.image_url" },
        { """{"prompt":"a","input_reference":{"image_url":"data:text/html;base64,YQ=="}}""", 400, "invalid_value", "input_reference.image_url" },
    };

    public static TheoryData<string, string, int, string, string?> Others => new()
    {
        { "v1/videos/edits", """{"prompt":"a"}""", 400, "missing_required_parameter", "video" },
        { "v1/videos/edits", """{"prompt":"a","video":"x:openai"}""", 400, "invalid_value", "video" },
        { "v1/videos/edits", """{"prompt":"a","video":{"id":1}}""", 400, "invalid_value", "video" },
        { "v1/videos/edits", """{"prompt":"a","video":{"id":"x:openai","url":"https://example.com"}}""", 400, "invalid_value", "video" },
        { "v1/videos/edits", """{"prompt":"a","video":{"id":""}}""", 400, "invalid_video_id", "video.id" },
        { "v1/videos/edits", """{"prompt":"a","video":{"id":"..:openai"}}""", 400, "invalid_video_id", "video.id" },
        { "v1/videos/edits", """{"prompt":"a","video":{"id":"a\u0000b:openai"}}""", 400, "invalid_video_id", "video.id" },
        { "v1/videos/edits", """{"prompt":"a","video":{"id":"x:elsewhere"}}""", 404, "provider_not_found", "video.id" },
        { "v1/videos/extensions", """{"prompt":"a","video":{"id":"x:openai"}}""", 400, "missing_required_parameter", "seconds" },
        { "v1/videos/video_nobody:openai/remix", """{"prompt":"a"}""", 404, "video_not_found", "video_id" },
        { "v1/videos/video_nobody:openai/remix", "{}", 400, "missing_required_parameter", "prompt" },
        { "v1/videos/nonsense/remix", """{"prompt":"a"}""", 400, "invalid_video_id", "video_id" },
        { "v1/videos/x:elsewhere/remix", """{"prompt":"a"}""", 404, "provider_not_found", "video_id" },
        { "v1/videos/characters", """{"name":"a"}""", 400, "unsupported_operation", null },
    };

    [Theory]
    [MemberData(nameof(Creates))]
    public Task A_create_that_is_wrong_names_what_is(string json, int status, string code, string? param) => CheckAsync("v1/videos", json, status, code, param);

    [Theory]
    [MemberData(nameof(Others))]
    public Task Another_submit_that_is_wrong_names_what_is(string path, string json, int status, string code, string? param) =>
        CheckAsync(path, json, status, code, param);

    [Fact]
    public async Task A_source_that_is_not_completed_is_409()
    {
        providers.Upstream.Heal();
        var unfinished = (await providers.App.CreateAsync("openai/sora-2", "slowly")).Id;
        var failed = (await providers.App.CreateAsync("openai/sora-2", "FAIL")).Id;
        var early = await providers.App.CallAsync("POST", $"v1/videos/{unfinished}/remix", new { prompt = "a" });
        early.AssertError(409, "video_not_ready");
        Assert.Null(early.Header("x-should-retry"));
        await providers.App.FinishAsync(failed);
        var never = await providers.App.CallAsync("POST", $"v1/videos/{failed}/remix", new { prompt = "a" });
        never.AssertError(409, "video_failed");
        Assert.Equal("false", never.Header("x-should-retry"));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("multipart/form-data")]
    [InlineData("nonsense")]
    public async Task A_body_of_another_type_is_415(string? type)
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes("""{"prompt":"a"}"""));
        if (type is not null) content.Headers.TryAddWithoutValidation("Content-Type", type);
        (await SendAsync(content)).AssertError(415, "unsupported_media_type");
    }

    [Theory]
    [InlineData("application/json; charset=utf-8")]
    [InlineData("Application/JSON")]
    public async Task The_type_of_JSON_may_say_more(string type)
    {
        providers.Upstream.Heal();
        using var content = new StringContent("""{"prompt":"a","model":"openai/sora-2"}""", MediaTypeHeaderValue.Parse(type));
        _ = (await SendAsync(content)).Id;
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("identity, zstd")]
    [InlineData("aws-chunked")]
    public async Task A_body_that_is_encoded_is_415_and_says_how(string encoding)
    {
        using var content = new StringContent("""{"prompt":"a","model":"openai/sora-2"}""", MediaTypeHeaderValue.Parse("application/json"));
        content.Headers.TryAddWithoutValidation("Content-Encoding", encoding);
        var reply = await SendAsync(content);
        Assert.Contains(encoding, reply.Error(415, "unsupported_media_type"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Content-Encoding", "gzip", 415)]
    [InlineData("Content-Transfer-Encoding", "base64", 415)]
    [InlineData("Content-Transfer-Encoding", "quoted-printable", 415)]
    [InlineData("Content-Transfer-Encoding", "8bit", 200)]
    public async Task A_part_that_is_encoded_is_415(string header, string encoding, int status)
    {
        providers.Upstream.Heal();
        var prompt = new StringContent("YSBib2F0");
        prompt.Headers.TryAddWithoutValidation(header, encoding);
        using var form = new MultipartFormDataContent { { prompt, "prompt" }, { new StringContent("openai/sora-2"), "model" } };
        Assert.Equal(status, (await SendAsync(form)).Status);
    }

    [Fact]
    public async Task A_body_that_is_encoded_as_it_is_is_read()
    {
        providers.Upstream.Heal();
        using var content = new StringContent("""{"prompt":"a","model":"openai/sora-2"}""", MediaTypeHeaderValue.Parse("application/json"));
        content.Headers.TryAddWithoutValidation("Content-Encoding", "Identity");
        _ = (await SendAsync(content)).Id;
    }

    [Fact]
    public async Task A_byte_order_mark_is_no_part_of_JSON_or_of_a_text()
    {
        providers.Upstream.Heal();
        var mark = Encoding.UTF8.GetString(Encoding.UTF8.Preamble);
        using var json = new StringContent(mark + """{"prompt":"a mark","model":"openai/sora-2"}""", MediaTypeHeaderValue.Parse("application/json"));
        Assert.Equal("a mark", (await SendAsync(json)).Ok()["prompt"]!.GetValue<string>());
        using var form = new MultipartFormDataContent { { new StringContent(mark + "a form"), "prompt" }, { new StringContent("openai/sora-2"), "model" } };
        Assert.Equal("a form", (await SendAsync(form)).Ok()["prompt"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("utf-16", true)]
    [InlineData("utf-16", false)]
    [InlineData("utf-16BE", true)]
    [InlineData("utf-16BE", false)]
    [InlineData("utf-32", true)]
    [InlineData("utf-32", false)]
    [InlineData("utf-32BE", true)]
    [InlineData("utf-32BE", false)]
    public async Task JSON_that_is_not_UTF_8_is_400_and_says_so(string name, bool isMarked)
    {
        var encoding = Encoding.GetEncoding(name);
        byte[] body = [.. isMarked ? encoding.Preamble : [], .. encoding.GetBytes("""{"prompt":"a"}""")];
        using var content = new ByteArrayContent(body) { Headers = { ContentType = new("application/json") } };
        Assert.Contains("UTF-8", (await SendAsync(content)).Error(400, "invalid_json"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_text_of_a_form_that_is_not_UTF_8_is_400_and_not_sent_garbled()
    {
        using var form = new MultipartFormDataContent { { new ByteArrayContent(Encoding.Latin1.GetBytes("caf\u00e9")), "prompt" } };
        Assert.Contains("UTF-8", (await SendAsync(form)).Error(400, "invalid_value", "prompt"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--b\r\nContent-Disposition: form-data; name=\"prompt\"\r\n\r\na")]
    [InlineData("--b\r\nContent-Disposition: form-data; name=\"prompt\"\r\n\r\na\r\n--b\r\nContent-Dispo")]
    [InlineData("--b\r\nContent-Disposition: form-data; name=\"prompt\"\r\n\r\na\r\n--b")]
    [InlineData("--b\r\nContent-Disposition: form-data; name=\"prompt\"\r\n\r\na\r\n--b\r\n")]
    [InlineData("--b\r\n\r\nnameless\r\n--b--\r\n")]
    [InlineData("--b\r\nContent-Disposition: form-data; name=\"\"\r\n\r\na\r\n--b--\r\n")]
    public async Task A_form_that_breaks_off_or_has_a_nameless_part_is_400(string form)
    {
        using var content = new ByteArrayContent(Encoding.ASCII.GetBytes(form));
        content.Headers.TryAddWithoutValidation("Content-Type", "multipart/form-data; boundary=b");
        (await SendAsync(content)).AssertError(400, "invalid_value");
    }

    [Fact]
    public async Task A_form_of_too_many_parts_is_400()
    {
        using var form = new MultipartFormDataContent();
        for (var i = 0; i < 257; i++) form.Add(new StringContent("a"), "f" + i);
        (await SendAsync(form)).AssertError(400, "invalid_value");
    }

    [Theory]
    [InlineData("prompt", "a.txt", "invalid_value")]
    [InlineData("seconds", "a.txt", "invalid_value")]
    [InlineData("mask", "a.png", "unsupported_parameter")]
    public async Task A_file_where_none_belongs_is_400(string field, string name, string code)
    {
        using var form = new MultipartFormDataContent { { new StringContent("a"), "prompt" }, { new ByteArrayContent([1]), field, name } };
        var reply = await SendAsync(form);
        reply.AssertError(400, code);
        Assert.Equal(field, reply.Param);
    }

    [Theory]
    [InlineData("luma/ray-3.2")]
    [InlineData("gemini/gemini-omni-1.1-flash")]
    [InlineData("runway/aleph2")]
    [InlineData("openai/sora-2")]
    public async Task A_file_whose_type_is_nonsense_is_taken_for_what_its_field_holds(string model)
    {
        providers.Upstream.Heal();
        // Larger than what gemini takes inline.
        var file = new ByteArrayContent(new byte[15 << 20]);
        file.Headers.TryAddWithoutValidation("Content-Type", "video/ ;;");
        var form = new MultipartFormDataContent { { new StringContent("a"), "prompt" }, { new StringContent(model), "model" }, { file, "video", "a.mp4" } };
        var edit = providers.App.SendAsync(new(HttpMethod.Post, "v1/videos/edits") { Content = form });
        // Gemini reads an upload for some seconds.
        for (var i = 0; i < 20 && await Task.WhenAny(edit, Task.Delay(250, TestContext.Current.CancellationToken)) != edit; i++)
            providers.App.Time.Advance(TimeSpan.FromSeconds(2));
        _ = (await edit).Id;
    }

    [Theory]
    [InlineData("video", "a.mp4", null, "no video\n")]
    [InlineData("video", "a.mp4", "text/plain", "\u0001\u0002")]
    [InlineData("video", "a.mp4", "application/octet-stream", "\u0089PNG\r\n\u001a\n")]
    [InlineData("video", "a.mp4", "application/octet-stream", "ID3\u0003")]
    public async Task A_file_that_is_something_else_is_400(string field, string name, string? type, string bytes)
    {
        var file = new ByteArrayContent(Encoding.Latin1.GetBytes(bytes));
        if (type is not null) file.Headers.TryAddWithoutValidation("Content-Type", type);
        using var form = new MultipartFormDataContent { { new StringContent("a"), "prompt" }, { file, field, name } };
        var reply = await providers.App.SendAsync(new(HttpMethod.Post, "v1/videos/edits") { Content = form });
        reply.AssertError(400, "invalid_value");
        Assert.Equal(field, reply.Param);
    }

    [Theory]
    [InlineData(null, "\u0089PNG\r\n\u001a\n", "image/png")]
    [InlineData("application/octet-stream", "\u00ff\u00d8\u00ff\u00e0", "image/jpeg")]
    [InlineData("IMAGE/JPG", "a", "image/jpeg")]
    [InlineData("image/*", "RIFF\u0001\u0002\u0003\u0004WEBPVP8 ", "image/webp")]
    public async Task An_image_is_known_by_its_first_bytes_where_its_type_says_nothing(string? type, string bytes, string expected)
    {
        await using var app = await ProxyApp.StartAsync();
        var file = new ByteArrayContent(Encoding.Latin1.GetBytes(bytes));
        if (type is not null) file.Headers.TryAddWithoutValidation("Content-Type", type);
        using var form = new MultipartFormDataContent
        {
            { new StringContent("a"), "prompt" }, { new StringContent("luma/ray-3.2"), "model" }, { file, "image", "a" },
        };
        (await app.SendAsync(HttpMethod.Post, "v1/videos", form)).Ok();
        var native = JsonNode.Parse(Assert.Single(app.Sandbox.Requests).BodyText)!;
        Assert.Equal(expected, native["video"]!["start_frame"]!["media_type"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_part_with_a_type_and_no_filename_is_named()
    {
        var file = new ByteArrayContent([0x89, 0x50, 0x4E, 0x47]) { Headers = { ContentType = new("image/png") } };
        using var form = new MultipartFormDataContent { { new StringContent("a"), "prompt" }, { file, "input_reference" } };
        var reply = await SendAsync(form);
        reply.AssertError(400, "invalid_value");
        Assert.Equal("input_reference", reply.Param);
        Assert.Contains("filename", reply.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("seconds", "seconds", "seconds")]
    [InlineData("seconds", "duration", "duration")]
    [InlineData("tags", "tags[]", "tags")]
    [InlineData("video[id]", "video[id]", "video")]
    public async Task A_name_that_a_form_gives_twice_is_400(string first, string second, string param)
    {
        using var form = new MultipartFormDataContent
        {
            { new StringContent("a"), "prompt" }, { new StringContent("4"), first }, { new StringContent("8"), second },
        };
        var reply = await SendAsync(form);
        reply.AssertError(400, "invalid_value");
        Assert.Equal(param, reply.Param);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_body_that_is_too_large_is_413_and_not_sent(bool chunked)
    {
        await using var app = await ProxyApp.StartAsync(new() { Settings = { ["RemixProxy:Limits:MaxRequestBytes"] = "2000" } });
        using var request = Calls.Request("POST", "v1/videos", new { model = "openai/sora-2", prompt = new string('x', 3000) });
        request.Headers.TransferEncodingChunked = chunked;
        (await app.SendAsync(request)).AssertError(413, "request_too_large");
        Assert.Equal(0, app.SubmitsSeen());
    }

    [Theory]
    [InlineData("GET", "v1/videos?limit=x", 400, "invalid_value", "limit")]
    [InlineData("GET", "v1/videos?limit=-1", 400, "invalid_value", "limit")]
    [InlineData("GET", "v1/videos?order=up", 400, "invalid_value", "order")]
    [InlineData("GET", "v1/videos?after=x", 400, "invalid_video_id", "after")]
    [InlineData("GET", "v1/videos?after=x:openai", 404, "video_not_found", "after")]
    [InlineData("GET", "v1/videos/x:openai?include=all", 400, "invalid_value", "include")]
    [InlineData("GET", "v1/videos/x:openai/content?index=-1", 400, "invalid_value", "index")]
    [InlineData("GET", "v1/videos/x:openai/content?variant=poster", 400, "unsupported_variant", "variant")]
    [InlineData("GET", "v1/videos/x:luma/content?variant=thumbnail", 400, "unsupported_variant", "variant")]
    [InlineData("GET", "v1/videos/x:openai", 404, "video_not_found", "video_id")]
    [InlineData("GET", "v1/videos/x:elsewhere", 404, "provider_not_found", "video_id")]
    [InlineData("DELETE", "v1/videos/nonsense", 400, "invalid_video_id", "video_id")]
    [InlineData("PUT", "v1/videos", 405, "unsupported_operation", null)]
    [InlineData("PATCH", "v1/videos/x:openai", 405, "unsupported_operation", null)]
    [InlineData("GET", "v1/videos/x:openai/frames", 404, "unsupported_operation", null)]
    [InlineData("DELETE", "v1/models", 405, "unsupported_operation", null)]
    [InlineData("GET", "v1/models/no-such", 404, "model_not_found", "model")]
    [InlineData("GET", "v1/models/openai/no-such", 404, "model_not_found", "model")]
    [InlineData("GET", "v1/models/nobody/sora-2", 404, "model_not_found", "model")]
    [InlineData("GET", "v1/models/openai%2Fno%2Fsuch", 404, "model_not_found", "model")]
    [InlineData("GET", "v1/videos/characters/x", 400, "unsupported_operation", null)]
    public async Task Other_calls_that_are_wrong_say_what_is(string method, string path, int status, string code, string? param)
    {
        var reply = await providers.App.CallAsync(method, path);
        reply.AssertError(status, code);
        Assert.Equal(param, reply.Param);
    }

    private async Task CheckAsync(string path, string json, int status, string code, string? param)
    {
        var seen = providers.App.SubmitsSeen();
        var reply = await providers.App.CallAsync("POST", path, json);
        reply.AssertError(status, code);
        Assert.Equal((param, seen), (reply.Param, providers.App.SubmitsSeen()));
    }

    private async Task<Reply> SendAsync(HttpContent content)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "v1/videos") { Content = content };
        return await providers.App.SendAsync(request);
    }
}
