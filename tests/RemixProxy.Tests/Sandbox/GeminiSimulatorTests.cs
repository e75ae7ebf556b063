using System.Net.Http.Headers;
using System.Text.Json.Nodes;

namespace RemixProxy.Tests.Sandbox;

public class GeminiSimulatorTests() : SandboxTestBase("gemini")
{
    private const string Format = """ "response_format":{"type":"video","delivery":"uri"} """;

    internal override void Authorize(HttpRequestMessage request) => request.Headers.Add("x-goog-api-key", "any-key");

    private async Task<Reply> PostAsync(string fields, string version = "v1beta") =>
        await SendAsync("POST", $"/{version}/interactions", $$"""{"model":"gemini-omni-1.1-flash","background":true,"store":true,{{fields}}}""");

    private async Task<Reply> CompletedAsync(string fields)
    {
        var created = await PostAsync(fields);
        Assert.Equal(200, created.Status);
        LetJobsEnd();
        return await SendAsync("GET", $"/v1beta/interactions/{created.Field("id")}");
    }

    private static JsonNode LastPart(Reply reply) => reply.Json["steps"]!.AsArray()[^1]!["content"]![0]!;

    [Fact]
    public async Task An_interaction_walks_to_a_file_that_needs_the_key()
    {
        var created = await PostAsync($""" "input":"A paper boat",{Format} """);
        Assert.Equal((200, "interaction", "queued"), (created.Status, created.Field("object"), created.Field("status")));
        Time.Advance(TimeSpan.FromSeconds(1.5));
        Assert.Equal("in_progress", (await SendAsync("GET", $"/v1/interactions/{created.Field("id")}")).Field("status"));
        LetJobsEnd();
        var done = await SendAsync("GET", $"/v1beta/interactions/{created.Field("id")}?include_input=true");
        Assert.Equal(("completed", "user_input"), (done.Field("status"), done.Json["steps"]![0]!["type"]!.GetValue<string>()));
        string uri = LastPart(done)["uri"]!.GetValue<string>();
        AssertMp4((await SendAsync("GET", uri)).Body);
        Assert.Equal(401, (await GetBareAsync(uri)).Status);
        Assert.Equal(400, (await SendAsync("GET", uri.Split('?')[0])).Status);
        Assert.Equal("ACTIVE", (await SendAsync("GET", uri.Split(":download")[0])).Field("state"));
    }

    [Fact]
    public async Task A_remix_by_previous_id_looks_different()
    {
        var source = await CompletedAsync($""" "input":"A paper boat",{Format} """);
        var remix = await CompletedAsync($""" "input":"Make it snow","previous_interaction_id":"{source.Field("id")}",{Format} """);
        byte[] before = (await SendAsync("GET", LastPart(source)["uri"]!.GetValue<string>())).Body;
        byte[] after = (await SendAsync("GET", LastPart(remix)["uri"]!.GetValue<string>())).Body;
        AssertMp4(after);
        Assert.NotEqual(before, after);
    }

    [Fact]
    public async Task An_inline_result_and_an_inline_source_work()
    {
        var source = await CompletedAsync("""
            "input":"A paper boat","response_format":{"type":"video","delivery":"inline"}
            """);
        string data = LastPart(source)["data"]!.GetValue<string>();
        var edited = await CompletedAsync($$"""
            "input":[{"type":"text","text":"Make it snow"},{"type":"video","mime_type":"video/mp4","data":"{{data}}"}],
            "generation_config":{"video_config":{"task":"edit"} },"response_format":{"type":"video","delivery":"inline"}
            """);
        Assert.NotEqual(data, LastPart(edited)["data"]!.GetValue<string>());
    }

    [Fact]
    public async Task An_uploaded_file_is_processed_first_and_edited_then()
    {
        var file = (await UploadAsync([1, 2, 3])).Json["file"]!;
        Assert.Equal("PROCESSING", file["state"]!.GetValue<string>());
        string edit = $$"""
            "input":[{"type":"text","text":"Make it snow"},{"type":"video","mime_type":"video/mp4","uri":"{{file["uri"]}}"}],
            "generation_config":{"video_config":{"task":"edit"} }
            """;
        Assert.Contains("FAILED_PRECONDITION", (await PostAsync(edit)).Text, StringComparison.Ordinal);
        Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("ACTIVE", (await SendAsync("GET", $"/v1beta/{file["name"]}")).Field("state"));
        Assert.Equal(200, (await PostAsync(edit)).Status);
    }

    // As Google's own SDK sends a large file.
    [Fact]
    public async Task A_file_may_come_in_chunks_that_follow_each_other()
    {
        var url = await StartUploadAsync("""{"file":{"displayName":"a","mimeType":"video/mp4","sizeBytes":"5"}}""", "v1");
        Assert.Equal("active", (await SendChunkAsync(url, [1, 2, 3], 0, "upload")).Header("X-Goog-Upload-Status"));
        Assert.Equal(400, (await SendChunkAsync(url, [4, 5], 2, "upload, finalize")).Status);
        var file = await SendChunkAsync(url, [4, 5], 3, "upload, finalize");
        Assert.Equal(("final", "5"), (file.Header("X-Goog-Upload-Status"), file.Json["file"]!["sizeBytes"]!.GetValue<string>()));
        Assert.Equal(404, (await SendChunkAsync(url, [6], 5, "upload, finalize")).Status);
    }

    [Fact]
    public async Task An_extension_wants_a_source_and_seconds_as_text()
    {
        var source = await CompletedAsync($""" "input":"A paper boat",{Format} """);
        string extend = """
            "input":"On","generation_config":{"video_config":{"task":"extend"} },"response_format":{"type":"video","delivery":"uri","duration":"4s"}
            """;
        Assert.Equal(400, (await PostAsync(extend)).Status);
        Assert.Equal(200, (await PostAsync($""" "previous_interaction_id":"{source.Field("id")}",{extend} """)).Status);
    }

    [Fact]
    public async Task FAIL_fails_and_MODERATE_completes_without_a_video()
    {
        var failed = await CompletedAsync($""" "input":"FAIL",{Format} """);
        Assert.Equal(("failed", "internal"), (failed.Field("status"), failed.Json["errors"]![0]!["code"]!.GetValue<string>()));
        var moderated = await CompletedAsync($""" "input":"MODERATE",{Format} """);
        Assert.Equal(("completed", "text"), (moderated.Field("status"), LastPart(moderated)["type"]!.GetValue<string>()));
    }

    [Fact]
    public async Task EXPIRE_REFUSE_and_SLOW_do_as_they_say()
    {
        var expired = await CompletedAsync($""" "input":"EXPIRE",{Format} """);
        Assert.Equal(410, (await SendAsync("GET", LastPart(expired)["uri"]!.GetValue<string>())).Status);
        var refused = await PostAsync(""" "input":"REFUSE" """);
        Assert.Equal(400, refused.Status);
        Assert.Contains("PROHIBITED_CONTENT", refused.Text, StringComparison.Ordinal);
        Assert.Equal("queued", (await CompletedAsync(""" "input":"SLOW" """)).Field("status"));
    }

    [Fact]
    public async Task Cancel_and_delete()
    {
        string id = (await PostAsync(""" "input":"A boat" """, "v1")).Field("id");
        Assert.Equal("cancelled", (await SendAsync("POST", $"/v1/interactions/{id}/cancel")).Field("status"));
        Assert.Equal(400, (await SendAsync("POST", $"/v1/interactions/{id}/cancel")).Status);
        Assert.Equal(200, (await SendAsync("DELETE", $"/v1/interactions/{id}")).Status);
        var gone = await SendAsync("GET", $"/v1/interactions/{id}");
        Assert.Equal((400, "Invalid interaction name"), (gone.Status, gone.Json["error"]!["message"]!.GetValue<string>()));
    }

    [Theory]
    [InlineData(""" "input":"x","response_format":{"type":"video","duration":8} """)]
    [InlineData(""" "input":"x","response_format":{"type":"video","duration":"8"} """)]
    [InlineData(""" "input":"x","response_format":{"type":"video","aspect_ratio":"1:1"} """)]
    [InlineData(""" "input":"x","safety_settings":[] """)]
    [InlineData(""" "input":"x","stream":true """)]
    [InlineData(""" "input":"x","generationConfig":{} """)]
    [InlineData(""" "input":[{"type":"text","text":"x"},{"type":"image","mimeType":"image/png","data":"AAAA"}] """)]
    [InlineData(""" "input":"x","generation_config":{"video_config":{"task":"remix"}} """)]
    [InlineData(""" "input":[{"type":"text","text":"x"},{"type":"video","mime_type":"video/mp4","uri":"https://example.com/a.mp4"}] """)]
    [InlineData(""" "input":"x","previous_interaction_id":"v1_unknown" """)]
    public async Task Wrong_fields_are_refused(string fields)
    {
        var refused = await PostAsync(fields);
        Assert.Equal(400, refused.Status);
        Assert.DoesNotContain("not a JSON object", refused.Text, StringComparison.Ordinal);
        Assert.Equal(0, Server.Submits);
    }

    [Fact]
    public async Task An_old_model_is_gone_and_a_bearer_is_no_key()
    {
        string old = """{"model":"gemini-omni-flash-preview","input":"x","background":true,"store":true}""";
        Assert.Equal(404, (await SendAsync("POST", "/v1/interactions", old)).Status);
        Assert.Equal(401, (await GetBareAsync("/v1/interactions/x", ("Authorization", "Bearer k"))).Status);
    }

    // The vendor holds such a call; the sandbox need not.
    [Fact]
    public async Task A_call_without_background_is_answered_at_its_end()
    {
        var done = await SendAsync("POST", "/v1/interactions", """{"model":"gemini-omni-1.1-flash","input":"A paper boat"}""");
        Assert.Equal((200, "completed"), (done.Status, done.Field("status")));
        AssertMp4((await SendAsync("GET", LastPart(done)["uri"]!.GetValue<string>())).Body);
        Assert.Equal("completed", (await SendAsync("GET", $"/v1/interactions/{done.Field("id")}")).Field("status"));
    }

    [Fact]
    public async Task Background_needs_storage()
    {
        string fields = """{"model":"gemini-omni-1.1-flash","input":"x","store":false""";
        Assert.Equal(400, (await SendAsync("POST", "/v1/interactions", fields + ""","background":true}""")).Status);
        Assert.Equal(200, (await SendAsync("POST", "/v1/interactions", fields + "}")).Status);
    }

    // As Google's SDK 3.3 sends them.
    [Theory]
    [InlineData(""" "input":[{"type":"user_input","content":[{"type":"text","text":"x"}]}],"response_format":[{"type":"video","duration":"4s"}] """)]
    [InlineData(""" "input":[{"type":"text","text":"x"},{"type":"image","mime_type":"image/png","data":"AAAA","resolution":"high"}] """)]
    [InlineData(""" "input":"x","generation_config":{"temperature":1,"top_p":0.9,"max_output_tokens":100,"stop_sequences":["a"]} """)]
    [InlineData(""" "input":"x","system_instruction":"Be calm.","labels":{"a":"b"},"service_tier":"standard","stream":false """)]
    [InlineData(""" "input":"x","response_modalities":["video"] """)]
    public async Task What_the_types_of_the_sdk_name_is_taken(string fields) => Assert.Equal(200, (await PostAsync(fields)).Status);

    [Fact]
    public async Task A_file_may_have_a_name_of_its_own_once()
    {
        string body = """{"file":{"name":"files/my-own","display_name":"a","mime_type":"image/png","size_bytes":1}}""";
        var file = (await SendChunkAsync(await StartUploadAsync(body, "v1"), [1], 0, "upload, finalize")).Json["file"]!;
        Assert.Equal(("files/my-own", "image/png"), (file["name"]!.GetValue<string>(), file["mimeType"]!.GetValue<string>()));
        Assert.Null(await StartUploadAsync(body, "v1"));
        Assert.Equal("files/my-own", (await SendAsync("GET", "/v1/files")).Json["files"]![0]!["name"]!.GetValue<string>());
    }

    private async Task<Reply> UploadAsync(byte[] bytes) =>
        await SendChunkAsync(await StartUploadAsync("""{"file":{"display_name":"a"}}""", "v1beta"), bytes, 0, "upload, finalize");

    private async Task<string?> StartUploadAsync(string body, string version)
    {
        using var start = new HttpRequestMessage(HttpMethod.Post, Url($"/upload/{version}/files"))
        {
            Content = new StringContent(body, MediaTypeHeaderValue.Parse("application/json")),
        };
        Authorize(start);
        start.Headers.Add("X-Goog-Upload-Protocol", "resumable");
        start.Headers.Add("X-Goog-Upload-Command", "start");
        return (await SendAsync(start)).Header("X-Goog-Upload-URL");
    }

    private async Task<Reply> SendChunkAsync(string? url, byte[] bytes, int offset, string command)
    {
        using var send = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ByteArrayContent(bytes) };
        send.Headers.Add("X-Goog-Upload-Command", command);
        send.Headers.Add("X-Goog-Upload-Offset", offset.ToString());
        return await SendAsync(send);
    }
}
