namespace RemixProxy.Tests.Sandbox;

/// <summary>What vendors refuse although each field is good in itself, and what one model takes but another doesn't; facts written by hand.</summary>
public class RefusedCombinationTests() : SandboxTestBase("")
{
    private const string Gemini = """ "model":"gemini-omni-1.1-flash","background":true,"store":true, """;

    [Theory]
    [InlineData("/v1/text_to_video", """{"model":"gen4.5","promptText":"x","ratio":"1280:720","duration":5,"audio":true}""", "audio", "unrecognized_keys")]
    [InlineData("/v1/text_to_video",
        """{"model":"veo3.1","promptText":"x","ratio":"1280:720","contentModeration":{}}""", "contentModeration", "unrecognized_keys")]
    [InlineData("/v1/text_to_video", """{"model":"gemini_omni_flash","promptText":"x","seed":1}""", "seed", "unrecognized_keys")]
    [InlineData("/v1/text_to_video", """{"model":"gemini_omni_flash","promptText":"x","duration":"auto"}""", "duration", "invalid_type")]
    [InlineData("/v1/text_to_video", """{"model":"h3_max","promptText":"x","ratio":"16:9"}""", "ratio", "unrecognized_keys")]
    [InlineData("/v1/text_to_video", """{"model":"seedance2","promptText":"x","ratio":"854:480"}""", "ratio", "invalid_value")]
    [InlineData("/v1/text_to_video", """{"model":"hailuo3","promptText":"x","ratio":"adaptive"}""", "ratio", "invalid_value")]
    [InlineData("/v1/text_to_video", """{"model":"gen4_turbo","promptText":"x","ratio":"1280:720","duration":5}""", "model", "invalid_value")]
    [InlineData("/v1/image_to_video", """{"model":"gen4.5","ratio":"1280:720","duration":5,"promptImage":"https://e.com/a"}""", "promptText", "invalid_type")]
    [InlineData("/v1/image_to_video", """{"model":"happyhorse_1_0","promptImage":"https://e.com/a","ratio":"1280:720"}""", "ratio", "unrecognized_keys")]
    [InlineData("/v1/image_to_video",
        """{"model":"wan3","promptText":"x","ratio":"1280:720","promptImage":[{"uri":"https://e.com/a","position":"first"}]}""", "ratio", "invalid_value")]
    [InlineData("/v1/video_to_video",
        """{"model":"aleph2","videoUri":"https://e.com/a","outputFormat":"mp4","proresProfile":"422"}""", "proresProfile", "invalid_value")]
    [InlineData("/v1/video_to_video",
        """{"model":"gemini_omni_flash","videoUri":"https://e.com/a","promptText":"x","mode":"edit"}""", "mode", "unrecognized_keys")]
    [InlineData("/v1/video_to_video", """{"model":"seedance2","promptVideo":"https://e.com/a","mode":"edit"}""", "mode", "unrecognized_keys")]
    [InlineData("/v1/video_to_video", """{"model":"seedance2_5","promptVideo":"https://e.com/a","mode":"extend"}""", "promptText", "invalid_type")]
    public async Task Runway_names_an_issue(string path, string body, string field, string code)
    {
        var issue = (await RefusedAsync("runway", path, body)).Json["issues"]![0]!;
        Assert.Equal((field, code), (issue["path"]![0]!.GetValue<string>(), issue["code"]!.GetValue<string>()));
    }

    [Theory]
    [InlineData("""{"model":"ray-3.2","type":"video","prompt":"x","video":{"loop":true,"hdr":true}}""", "video.loop", "value_error")]
    [InlineData("""{"model":"ray-3.2","type":"video","prompt":"x","video":{"edit":{}}}""", "video.edit", "extra_forbidden")]
    [InlineData("""{"model":"ray-3.2","type":"video","prompt":"x","video":{"start_frame":{"data":"AAAA"}}}""", "video.start_frame.media_type", "missing")]
    [InlineData("""{"model":"ray-3.2","type":"video","prompt":"x","video":{"start_frame":{"url":"https://e.com/a","data":"AAAA","media_type":"image/png"}}}""",
        "video.start_frame", "value_error")]
    [InlineData("""{"model":"ray-3.2","type":"video_reframe","prompt":"x","source":{"url":"https://e.com/a","media_type":"video/mp4"}}""",
        "aspect_ratio", "missing")]
    [InlineData("""{"model":"ray-3.2","type":"video_edit","prompt":"x"}""", "source", "missing")]
    [InlineData("""{"model":"ray-2","type":"video","prompt":"x"}""", "model", "value_error")]
    public async Task Luma_lists_details(string body, string location, string type)
    {
        var detail = (await RefusedAsync("luma", "/v1/generations", body)).Json["detail"]![0]!;
        Assert.Equal(("body." + location, type), (string.Join('.', detail["loc"]!.AsArray()), detail["type"]!.GetValue<string>()));
    }

    [Theory]
    [InlineData(""" "input":"x","temperature":1 """, "temperature")]
    [InlineData(""" "input":"x","generation_config":{"video_config":{"task":"edit"}} """, "generation_config.video_config.task")]
    [InlineData(""" "input":"x","generation_config":{"video_config":{"task":"image_to_video"}} """, "generation_config.video_config.task")]
    [InlineData(""" "input":"x","response_format":{"type":"video","duration":"11s"} """, "response_format.duration")]
    [InlineData(""" "input":"x","response_format":{"type":"video","duration":8} """, "response_format.duration")]
    [InlineData(""" "input":[{"type":"text","text":"x"},{"type":"image","mime_type":"video/mp4","data":"AAAA"}] """, "input.1.mime_type")]
    [InlineData(""" "input":[{"type":"text","text":"x"},{"type":"image","data":"AAAA"}] """, "input.1.mime_type")]
    [InlineData(""" "input":[] """, "input")]
    public async Task Gemini_names_violations(string fields, string field)
    {
        var error = (await RefusedAsync("gemini", "/v1beta/interactions", $"{{{Gemini}{fields}}}")).Json["error"]!;
        Assert.Equal((400, "INVALID_ARGUMENT"), (error["code"]!.GetValue<int>(), error["status"]!.GetValue<string>()));
        Assert.Equal(field, error["details"]![0]!["fieldViolations"]![0]!["field"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("/v1/videos", """{"prompt":"x","seed":1}""", "seed", "unknown_parameter")]
    [InlineData("/v1/videos", """{"prompt":"x","input_reference":{"image_url":"https://e.com/a","file_id":"f"}}""", "input_reference", "invalid_value")]
    [InlineData("/v1/videos", """{"prompt":"x","input_reference":{"image_url":"http://e.com/a"}}""", "input_reference.image_url", "invalid_value")]
    [InlineData("/v1/videos/extensions", """{"prompt":"x","video":{"id":"v"},"seconds":"5"}""", "seconds", "invalid_value", "x")]
    public async Task OpenAi_names_a_parameter(string path, string body, string param, string code, string? job = null)
    {
        if (job is not null)
        {
            var made = await PostAsync("openai", "/v1/videos", $$"""{"prompt":"{{job}}"}""");
            LetJobsEnd();
            body = body.Replace("\"v\"", $"\"{made.Field("id")}\"", StringComparison.Ordinal);
        }

        var error = (await RefusedAsync("openai", path, body)).Json["error"]!;
        Assert.Equal((param, code), (error["param"]!.GetValue<string>(), error["code"]!.GetValue<string>()));
    }

    [Fact]
    public async Task A_file_in_a_form_is_a_field_like_any_other()
    {
        using var form = new MultipartFormDataContent { { new StringContent("x"), "prompt" }, { new ByteArrayContent([1]), "mask", "a.png" } };
        using var request = new HttpRequestMessage(HttpMethod.Post, Server.BaseUrl("openai", "main") + "/v1/videos") { Content = form };
        Authorize(request);
        var refused = await SendAsync(request);
        Assert.Equal((400, "mask"), (refused.Status, refused.Json["error"]!["param"]!.GetValue<string>()));
    }

    internal override void Authorize(HttpRequestMessage request)
    {
        base.Authorize(request);
        request.Headers.Add("x-goog-api-key", "any-key");
        request.Headers.Add("X-Runway-Version", "2024-11-06");
    }

    private async Task<Reply> RefusedAsync(string type, string path, string body)
    {
        var made = Server.Submits;
        var refused = await PostAsync(type, path, body);
        Assert.Equal(400, refused.Status);
        Assert.Equal(made, Server.Submits);
        return refused;
    }

    private Task<Reply> PostAsync(string type, string path, string body) => SendAsync("POST", Server.BaseUrl(type, "main") + path, body);
}
