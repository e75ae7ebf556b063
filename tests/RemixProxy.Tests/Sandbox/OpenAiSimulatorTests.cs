using System.Net.Http.Headers;

namespace RemixProxy.Tests.Sandbox;

public class OpenAiSimulatorTests() : SandboxTestBase("openai")
{
    private async Task<Reply> CreateAsync(string prompt) =>
        await SendAsync("POST", "/v1/videos", $$"""{"prompt":"{{prompt}}","size":"1280x720","seconds":"8"}""");

    private async Task<string> CompletedAsync(string prompt)
    {
        var created = await CreateAsync(prompt);
        LetJobsEnd();
        return created.Field("id");
    }

    [Fact]
    public async Task A_video_is_queued_then_in_progress_then_completed()
    {
        var created = await CreateAsync("A lighthouse");
        Assert.Equal((200, "queued", "0"), (created.Status, created.Field("status"), created.Field("progress")));
        Assert.Equal(("1280x720", "8", "sora-2"), (created.Field("size"), created.Field("seconds"), created.Field("model")));
        Time.Advance(TimeSpan.FromSeconds(1.5));
        var running = await SendAsync("GET", $"/v1/videos/{created.Field("id")}");
        Assert.Equal("in_progress", running.Field("status"));
        Assert.InRange(int.Parse(running.Field("progress")), 1, 99);
        LetJobsEnd();
        var done = await SendAsync("GET", $"/v1/videos/{created.Field("id")}");
        Assert.Equal(("completed", "100"), (done.Field("status"), done.Field("progress")));
        Assert.NotNull(done.Json["expires_at"]);
        AssertMp4((await SendAsync("GET", $"/v1/videos/{created.Field("id")}/content")).Body);
        Assert.Equal((1, 1, 0), (Server.Submits, Server.SubmitsOf("openai"), Server.SubmitsOf("luma")));
    }

    [Fact]
    public async Task A_remix_points_to_its_source_and_looks_different()
    {
        string source = await CompletedAsync("A lighthouse");
        var remix = await SendAsync("POST", $"/v1/videos/{source}/remix", """{"prompt":"Make it night"}""");
        Assert.Equal((source, "1280x720", "8"), (remix.Field("remixed_from_video_id"), remix.Field("size"), remix.Field("seconds")));
        Assert.Equal(400, (await SendAsync("POST", $"/v1/videos/{remix.Field("id")}/remix", """{"prompt":"again"}""")).Status);
        LetJobsEnd();
        byte[] before = (await SendAsync("GET", $"/v1/videos/{source}/content")).Body;
        byte[] after = (await SendAsync("GET", $"/v1/videos/{remix.Field("id")}/content")).Body;
        AssertMp4(after);
        Assert.NotEqual(before, after);
    }

    [Fact]
    public async Task An_extension_tells_the_stitched_total()
    {
        string source = await CompletedAsync("A lighthouse");
        var longer = await SendAsync("POST", "/v1/videos/extensions", $$$"""{"video":{"id":"{{{source}}}"},"prompt":"on it goes","seconds":"4"}""");
        Assert.Equal((200, "12"), (longer.Status, longer.Field("seconds")));
    }

    [Fact]
    public async Task An_edit_takes_an_id_or_a_file_in_a_form()
    {
        string source = await CompletedAsync("A lighthouse");
        byte[] clip = (await SendAsync("GET", $"/v1/videos/{source}/content")).Body;
        using var byId = new MultipartFormDataContent { { new StringContent(source), "video[id]" }, { new StringContent("blue"), "prompt" } };
        Assert.Equal(source, (await PostFormAsync("/v1/videos/edits", byId)).Field("remixed_from_video_id"));
        using var byFile = new MultipartFormDataContent { { new ByteArrayContent(clip), "video", "a.mp4" }, { new StringContent("blue"), "prompt" } };
        var edited = await PostFormAsync("/v1/videos/edits", byFile);
        LetJobsEnd();
        Assert.NotEqual(clip, (await SendAsync("GET", $"/v1/videos/{edited.Field("id")}/content")).Body);
    }

    [Fact]
    public async Task A_form_may_carry_a_reference_image()
    {
        using var image = new ByteArrayContent([1, 2, 3]) { Headers = { ContentType = new MediaTypeHeaderValue("image/png") } };
        using var form = new MultipartFormDataContent { { new StringContent("A boat"), "prompt" }, { image, "input_reference", "a.png" } };
        Assert.Equal(200, (await PostFormAsync("/v1/videos", form)).Status);
        using var text = new MultipartFormDataContent { { new StringContent("A boat"), "prompt" }, { new StringContent("oops"), "input_reference" } };
        Assert.Equal(400, (await PostFormAsync("/v1/videos", text)).Status);
        using var broken = new HttpRequestMessage(HttpMethod.Post, Url("/v1/videos")) { Content = new StringContent("--b\r\nno form") };
        broken.Content.Headers.ContentType = MediaTypeHeaderValue.Parse("multipart/form-data; boundary=b");
        Authorize(broken);
        Assert.Equal(400, (await SendAsync(broken)).Status);
    }

    [Theory]
    [InlineData("FAIL now", "failed", "video_generation_failed")]
    [InlineData("MODERATE this", "failed", "moderation_blocked")]
    public async Task Magic_words_end_a_video_as_they_say(string prompt, string status, string code)
    {
        var ended = await SendAsync("GET", $"/v1/videos/{await CompletedAsync(prompt)}");
        Assert.Equal((status, code), (ended.Field("status"), ended.Json["error"]!["code"]!.GetValue<string>()));
    }

    [Fact]
    public async Task EXPIRE_completes_without_bytes_and_SLOW_takes_a_minute()
    {
        string expired = await CompletedAsync("EXPIRE");
        Assert.Equal("completed", (await SendAsync("GET", $"/v1/videos/{expired}")).Field("status"));
        Assert.Equal(410, (await SendAsync("GET", $"/v1/videos/{expired}/content")).Status);
        string slow = await CompletedAsync("SLOW boat");
        Time.Advance(TimeSpan.FromSeconds(53));
        Assert.Equal("in_progress", (await SendAsync("GET", $"/v1/videos/{slow}")).Field("status"));
        Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("completed", (await SendAsync("GET", $"/v1/videos/{slow}")).Field("status"));
    }

    [Fact]
    public async Task REFUSE_creates_nothing()
    {
        var refused = await CreateAsync("REFUSE me");
        Assert.Equal((400, "moderation_blocked"), (refused.Status, refused.Json["error"]!["code"]!.GetValue<string>()));
        Assert.Equal(0, Server.Submits);
        Assert.Equal(200, (await CreateAsync("refuse REFUSED")).Status);
    }

    [Theory]
    [InlineData("""{"prompt":"x","seconds":8}""", "seconds", "invalid_type")]
    [InlineData("""{"prompt":"x","seconds":"5"}""", "seconds", "invalid_value")]
    [InlineData("""{"prompt":"x","ratio":"16:9"}""", "ratio", "unknown_parameter")]
    [InlineData("""{"model":"sora-2"}""", "prompt", "missing_required_parameter")]
    public async Task Wrong_fields_are_refused_by_name(string body, string param, string code)
    {
        var refused = await SendAsync("POST", "/v1/videos", body);
        Assert.Equal(400, refused.Status);
        Assert.Equal((param, code), (refused.Json["error"]!["param"]!.GetValue<string>(), refused.Json["error"]!["code"]!.GetValue<string>()));
    }

    [Fact]
    public async Task Content_has_variants_and_needs_the_key()
    {
        string id = await CompletedAsync("A lighthouse");
        var thumbnail = await SendAsync("GET", $"/v1/videos/{id}/content?variant=thumbnail");
        Assert.Equal(("image/webp", "WEBP"), (thumbnail.ContentType, System.Text.Encoding.ASCII.GetString(thumbnail.Body, 8, 4)));
        Assert.Equal("image/jpeg", (await SendAsync("GET", $"/v1/videos/{id}/content?variant=spritesheet")).ContentType);
        Assert.Equal(400, (await SendAsync("GET", $"/v1/videos/{id}/content?variant=gif")).Status);
        Assert.Equal(401, (await GetBareAsync($"/v1/videos/{id}/content")).Status);
        Assert.Equal(401, (await GetBareAsync($"/v1/videos/{id}", ("Authorization", "Bearer bad-key"))).Status);
    }

    [Fact]
    public async Task The_list_pages_and_a_deleted_video_is_gone()
    {
        string first = await CompletedAsync("one");
        string second = await CompletedAsync("two");
        var page = await SendAsync("GET", "/v1/videos?limit=1");
        Assert.Equal((second, "true"), (page.Field("last_id"), page.Field("has_more")));
        Assert.Equal(first, (await SendAsync("GET", $"/v1/videos?limit=1&after={second}")).Field("first_id"));
        Assert.Equal("true", (await SendAsync("DELETE", $"/v1/videos/{first}")).Field("deleted"));
        Assert.Equal(404, (await SendAsync("GET", $"/v1/videos/{first}")).Status);
        Assert.Equal(404, (await SendAsync("DELETE", $"/v1/videos/{first}")).Status);
    }

    private async Task<Reply> PostFormAsync(string path, MultipartFormDataContent form)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Url(path)) { Content = form };
        Authorize(request);
        return await SendAsync(request);
    }
}
