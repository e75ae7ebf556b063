using System.Text.Json.Nodes;

namespace RemixProxy.Tests.Sandbox;

public class RunwaySimulatorTests() : SandboxTestBase("runway")
{
    internal override void Authorize(HttpRequestMessage request)
    {
        base.Authorize(request);
        request.Headers.Add("X-Runway-Version", "2024-11-06");
    }

    private async Task<Reply> CreateAsync(string prompt, string ratio = "1280:720") =>
        await SendAsync("POST", "/v1/text_to_video", $$"""{"model":"gen4.5","promptText":"{{prompt}}","ratio":"{{ratio}}","duration":5}""");

    private async Task<string> OutputAsync(string prompt)
    {
        var created = await CreateAsync(prompt);
        LetJobsEnd();
        return (await SendAsync("GET", $"/v1/tasks/{created.Field("id")}")).Json["output"]![0]!.GetValue<string>();
    }

    private async Task<Reply> EditAsync(string source) =>
        await SendAsync("POST", "/v1/video_to_video", $$"""{"model":"aleph2","videoUri":"{{source}}","promptText":"snow"}""");

    [Fact]
    public async Task A_task_walks_through_its_states_to_a_clip_of_the_wanted_shape()
    {
        string id = (await CreateAsync("A paper boat", "720:1280")).Field("id");
        Assert.Equal("PENDING", (await SendAsync("GET", $"/v1/tasks/{id}")).Field("status"));
        Time.Advance(TimeSpan.FromSeconds(1.5));
        var running = await SendAsync("GET", $"/v1/tasks/{id}");
        Assert.Equal("RUNNING", running.Field("status"));
        Assert.InRange(running.Json["progress"]!.GetValue<double>(), 0.01, 0.99);
        LetJobsEnd();
        var done = await SendAsync("GET", $"/v1/tasks/{id}");
        Assert.Equal("SUCCEEDED", done.Field("status"));
        var clip = await GetBareAsync(done.Json["output"]![0]!.GetValue<string>());
        Assert.Equal((200, "video/mp4"), (clip.Status, clip.ContentType));
        AssertMp4(clip.Body);
    }

    [Fact]
    public async Task A_remix_by_its_own_url_looks_different()
    {
        string source = await OutputAsync("A paper boat");
        var edited = await EditAsync(source);
        Assert.Equal(200, edited.Status);
        LetJobsEnd();
        string result = (await SendAsync("GET", $"/v1/tasks/{edited.Field("id")}")).Json["output"]![0]!.GetValue<string>();
        Assert.NotEqual((await GetBareAsync(source)).Body, (await GetBareAsync(result)).Body);
    }

    [Fact]
    public async Task Expired_foreign_http_and_unknown_sources_are_refused()
    {
        string source = await OutputAsync("A paper boat");
        Time.Advance(TimeSpan.FromHours(25));
        Assert.Equal(403, (await GetBareAsync(source)).Status);
        Assert.Equal(400, (await EditAsync(source)).Status);
        Assert.Equal(400, (await EditAsync("http://example.com/a.mp4")).Status);
        Assert.Equal(400, (await EditAsync("runway://nothing")).Status);
        Assert.Equal(200, (await EditAsync("https://example.com/a.mp4")).Status);
        Assert.Equal(200, (await EditAsync("data:video/mp4;base64,AAAA")).Status);
        Assert.Equal(400, (await EditAsync("data:video/mp4;base64," + Convert.ToBase64String(new byte[(5 * 1024 * 1024) + 1]))).Status);
    }

    [Fact]
    public async Task An_upload_becomes_a_source_and_its_target_wants_no_key()
    {
        var announced = await SendAsync("POST", "/v1/uploads", """{"filename":"a.mp4","type":"ephemeral"}""");
        Assert.Equal(400, (await EditAsync(announced.Field("runwayUri"))).Status);
        Assert.Equal(400, await UploadAsync(announced, withKey: true));
        Assert.Equal(204, await UploadAsync(announced, withKey: false));
        Assert.Equal(200, (await EditAsync(announced.Field("runwayUri"))).Status);
    }

    [Fact]
    public async Task Delete_cancels_first_and_removes_then()
    {
        string id = (await CreateAsync("A paper boat")).Field("id");
        Assert.Equal(204, (await SendAsync("DELETE", $"/v1/tasks/{id}")).Status);
        Assert.Equal("CANCELLED", (await SendAsync("GET", $"/v1/tasks/{id}")).Field("status"));
        Assert.Equal(204, (await SendAsync("DELETE", $"/v1/tasks/{id}")).Status);
        Assert.Equal(404, (await SendAsync("GET", $"/v1/tasks/{id}")).Status);
    }

    [Theory]
    [InlineData("FAIL", "INTERNAL.BAD_OUTPUT.CODE01")]
    [InlineData("MODERATE", "SAFETY.INPUT.TEXT")]
    public async Task Magic_words_end_a_task_as_they_say(string prompt, string failureCode)
    {
        string id = (await CreateAsync(prompt)).Field("id");
        LetJobsEnd();
        var ended = await SendAsync("GET", $"/v1/tasks/{id}");
        Assert.Equal(("FAILED", failureCode), (ended.Field("status"), ended.Field("failureCode")));
    }

    [Fact]
    public async Task EXPIRE_REFUSE_and_SLOW_do_as_they_say()
    {
        Assert.Equal(410, (await GetBareAsync(await OutputAsync("EXPIRE"))).Status);
        Assert.Equal(410, (await GetBareAsync(await OutputAsync("EXPIRE"))).Status);
        var refused = await CreateAsync("REFUSE");
        Assert.Equal(400, refused.Status);
        Assert.Contains("moderation", refused.Field("error"), StringComparison.Ordinal);
        Assert.Equal(2, Server.SubmitsOf("runway", "main"));
        string slow = (await CreateAsync("SLOW")).Field("id");
        LetJobsEnd();
        Assert.Equal("THROTTLED", (await SendAsync("GET", $"/v1/tasks/{slow}")).Field("status"));
    }

    [Theory]
    [InlineData("""{"model":"gen4.5","promptText":"x","ratio":"1280:720","duration":"5"}""", "duration")]
    [InlineData("""{"model":"gen4.5","promptText":"x","ratio":"1280x720","duration":5}""", "ratio")]
    [InlineData("""{"model":"gen4.5","promptText":"x","ratio":"1280:720"}""", "duration")]
    [InlineData("""{"model":"gen4.5","ratio":"1280:720","duration":5}""", "promptText")]
    [InlineData("""{"model":"sora-2","promptText":"x","ratio":"1280:720","duration":5}""", "model")]
    [InlineData("""{"model":"gen4.5","promptText":"x","ratio":"1280:720","duration":5,"prompt":"x"}""", "prompt")]
    [InlineData("""{"model":"veo3.1","promptText":"x","ratio":"1280:720","duration":5}""", "duration")]
    public async Task Wrong_fields_are_refused_with_an_issue(string body, string path)
    {
        var refused = await SendAsync("POST", "/v1/text_to_video", body);
        Assert.Equal((400, path), (refused.Status, refused.Json["issues"]![0]!["path"]![0]!.GetValue<string>()));
    }

    [Theory]
    [InlineData(200, """{"model":"aleph2","videoUri":"https://e.com/a","targetAspectRatio":"9:16","keyframes":[{"at":0.5,"uri":"https://e.com/i"}]}""")]
    [InlineData(400, """{"model":"aleph2","videoUri":"https://e.com/a","promptText":"x","duration":5}""")]
    [InlineData(400, """{"model":"aleph2","promptVideo":"https://e.com/a","promptText":"x"}""")]
    [InlineData(200, """{"model":"gemini_omni_flash_1.1","videoUri":"https://e.com/a","promptText":"x","mode":"extend","duration":4}""")]
    [InlineData(400, """{"model":"gemini_omni_flash_1.1","videoUri":"https://e.com/a","mode":"extend"}""")]
    [InlineData(200, """{"model":"seedance2_5","promptVideo":"https://e.com/a","promptText":"x","mode":"edit","duration":"auto"}""")]
    [InlineData(400, """{"model":"seedance2_5","promptVideo":"https://e.com/a","promptText":"x","mode":"edit","duration":5}""")]
    [InlineData(400, """{"model":"seedance2_5","promptVideo":"https://e.com/a","promptText":"x","mode":"extend","ratio":"1280:720"}""")]
    [InlineData(400, """{"model":"gen4.5","videoUri":"https://e.com/a","promptText":"x"}""")]
    public async Task Each_editing_model_has_its_own_fields(int status, string body) =>
        Assert.Equal(status, (await SendAsync("POST", "/v1/video_to_video", body)).Status);

    [Theory]
    [InlineData(200, """{"model":"gen4.5","promptText":"x","ratio":"960:960","duration":5,"promptImage":"https://e.com/i.png"}""")]
    [InlineData(200, """{"model":"gen4_turbo","ratio":"960:960","duration":5,"promptImage":[{"uri":"data:image/png;base64,AAAA","position":"first"}]}""")]
    [InlineData(400, """{"model":"gen4.5","promptText":"x","ratio":"960:960","duration":5}""")]
    [InlineData(400, """{"model":"gen4.5","promptText":"x","ratio":"960:960","duration":5,"promptImage":[{"uri":"https://e.com/i.png"}]}""")]
    public async Task An_image_start_wants_its_image(int status, string body) =>
        Assert.Equal(status, (await SendAsync("POST", "/v1/image_to_video", body)).Status);

    [Fact]
    public async Task Key_version_and_path_are_checked()
    {
        Assert.Equal(401, (await GetBareAsync("/v1/tasks/x", ("X-Runway-Version", "2024-11-06"))).Status);
        Assert.Equal(400, (await GetBareAsync("/v1/tasks/x", ("Authorization", "Bearer k"))).Status);
        var missing = await SendAsync("GET", "/v1/nothing");
        Assert.Equal(404, missing.Status);
        Assert.NotNull(missing.Json["error"]);
        Assert.Equal(405, (await SendAsync("GET", "/v1/text_to_video")).Status);
    }

    private async Task<int> UploadAsync(Reply announced, bool withKey)
    {
        using var form = new MultipartFormDataContent();
        foreach (var (name, value) in (JsonObject)announced.Json["fields"]!)
            form.Add(new StringContent(value!.GetValue<string>()), name);
        form.Add(new ByteArrayContent([1, 2, 3]), "file", "a.mp4");
        using var request = new HttpRequestMessage(HttpMethod.Post, announced.Field("uploadUrl")) { Content = form };
        if (withKey)
            Authorize(request);
        return (await SendAsync(request)).Status;
    }
}
