namespace RemixProxy.Tests.Sandbox;

public class LumaSimulatorTests() : SandboxTestBase("luma")
{
    private async Task<Reply> CreateAsync(string prompt) => await SendAsync("POST", "/v1/generations",
        $$$"""{"model":"ray-3.2","type":"video","prompt":"{{{prompt}}}","aspect_ratio":"16:9","video":{"resolution":"720p","duration":"5s"} }""");

    private async Task<Reply> CompletedAsync(string prompt)
    {
        var created = await CreateAsync(prompt);
        LetJobsEnd();
        return await SendAsync("GET", $"/v1/generations/{created.Field("id")}");
    }

    private async Task<Reply> EditAsync(string source) => await SendAsync("POST", "/v1/generations",
        $$"""{"model":"ray-3.2","type":"video_edit","prompt":"rain","source":{{source}},"video":{"resolution":"720p"} }""");

    private static string UrlOf(Reply reply) => reply.Json["output"]![0]!["url"]!.GetValue<string>();

    [Fact]
    public async Task A_generation_is_201_then_walks_to_its_clip()
    {
        var created = await CreateAsync("A paper boat");
        Assert.Equal((201, "queued", "2026-04-01"), (created.Status, created.Field("state"), created.Header("X-API-Version")));
        Time.Advance(TimeSpan.FromSeconds(1.5));
        Assert.Equal("processing", (await SendAsync("GET", $"/v1/generations/{created.Field("id")}")).Field("state"));
        LetJobsEnd();
        var done = await SendAsync("GET", $"/v1/generations/{created.Field("id")}");
        Assert.Equal("completed", done.Field("state"));
        AssertMp4((await GetBareAsync(UrlOf(done))).Body);
    }

    [Fact]
    public async Task Each_poll_signs_anew_for_an_hour()
    {
        var done = await CompletedAsync("A paper boat");
        var again = await SendAsync("GET", $"/v1/generations/{done.Field("id")}");
        Assert.NotEqual(UrlOf(done), UrlOf(again));
        Time.Advance(TimeSpan.FromMinutes(59));
        Assert.Equal(200, (await GetBareAsync(UrlOf(done))).Status);
        Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(403, (await GetBareAsync(UrlOf(done))).Status);
        Assert.Equal(200, (await GetBareAsync(UrlOf(await SendAsync("GET", $"/v1/generations/{done.Field("id")}")))).Status);
        Assert.Equal(403, (await GetBareAsync(UrlOf(done)[..^1])).Status);
    }

    [Fact]
    public async Task A_remix_by_id_url_or_data_looks_different()
    {
        var source = await CompletedAsync("A paper boat");
        byte[] bytes = (await GetBareAsync(UrlOf(source))).Body;
        string[] sources =
        [
            $$"""{"generation_id":"{{source.Field("id")}}"}""",
            $$"""{"url":"{{UrlOf(source)}}","media_type":"video/mp4"}""",
            $$"""{"data":"{{Convert.ToBase64String(bytes)}}","media_type":"video/mp4"}""",
        ];
        foreach (string form in sources)
        {
            var edited = await EditAsync(form);
            Assert.Equal((201, "video_edit"), (edited.Status, edited.Field("type")));
            LetJobsEnd();
            var done = await SendAsync("GET", $"/v1/generations/{edited.Field("id")}");
            Assert.NotEqual(bytes, (await GetBareAsync(UrlOf(done))).Body);
        }
    }

    [Fact]
    public async Task A_source_must_be_one_and_completed()
    {
        string running = (await CreateAsync("A paper boat")).Field("id");
        Assert.Equal(400, (await EditAsync($$"""{"generation_id":"{{running}}"}""")).Status);
        Assert.Equal(400, (await EditAsync("""{"generation_id":"unknown"}""")).Status);
        Assert.Equal(400, (await EditAsync("""{"url":"https://example.com/a.mp4"}""")).Status);
        Assert.Equal(400, (await EditAsync("""{"url":"https://example.com/a.mp4","media_type":"video/mp4","generation_id":"x"}""")).Status);
        Assert.Equal(400, (await EditAsync("{}")).Status);
        LetJobsEnd();
        string continued = $$$"""{"model":"ray-3.2","type":"video","prompt":"on","video":{"start_frame":{"generation_id":"{{{running}}}"} } }""";
        Assert.Equal(201, (await SendAsync("POST", "/v1/generations", continued)).Status);
    }

    [Theory]
    [InlineData("FAIL", "generation_failed")]
    [InlineData("MODERATE", "content_moderated")]
    public async Task Magic_words_end_a_generation_as_they_say(string prompt, string failureCode)
    {
        var ended = await CompletedAsync(prompt);
        Assert.Equal(("failed", failureCode), (ended.Field("state"), ended.Field("failure_code")));
    }

    [Fact]
    public async Task EXPIRE_REFUSE_and_SLOW_do_as_they_say()
    {
        var expired = await CompletedAsync("EXPIRE");
        Assert.Equal(410, (await GetBareAsync(UrlOf(expired))).Status);
        Assert.Equal(410, (await GetBareAsync(UrlOf(await SendAsync("GET", $"/v1/generations/{expired.Field("id")}")))).Status);
        Assert.Equal(400, (await CreateAsync("REFUSE")).Status);
        Assert.Equal("queued", (await CompletedAsync("SLOW")).Field("state"));
    }

    [Theory]
    [InlineData("""{"model":"ray-3.2","type":"video","prompt":"x","aspect_ratio":"1280:720"}""")]
    [InlineData("""{"model":"ray-3.2","type":"video","prompt":"x","video":{"duration":5}}""")]
    [InlineData("""{"model":"ray-3.2","type":"video","prompt":"x","video":{"duration":"8s"}}""")]
    [InlineData("""{"model":"ray-3.2","type":"video","prompt":"x","video":{"size":"720p"}}""")]
    [InlineData("""{"model":"ray-3.2","type":"video","prompt":"x","source":{"generation_id":"x"}}""")]
    [InlineData("""{"model":"ray-3.2","prompt":"x"}""")]
    [InlineData("[]")]
    [InlineData("no json")]
    public async Task Wrong_fields_are_refused(string body)
    {
        var refused = await SendAsync("POST", "/v1/generations", body);
        Assert.Equal(400, refused.Status);
        Assert.NotEmpty(refused.Field("detail"));
        Assert.Equal(0, Server.Submits);
    }

    [Fact]
    public async Task Key_and_id_are_checked()
    {
        Assert.Equal(401, (await GetBareAsync("/v1/generations/x")).Status);
        Assert.Equal(404, (await SendAsync("GET", "/v1/generations/x")).Status);
    }
}
