namespace RemixProxy.Tests.Sandbox;

public class XaiSimulatorTests() : SandboxTestBase("xai")
{
    private const string Wish = """{"model":"grok-imagine-video","prompt":"PROMPT","duration":8,"aspect_ratio":"16:9","resolution":"720p"}""";

    [Fact]
    public async Task A_generation_walks_from_202_without_a_body_to_its_clip()
    {
        var created = await CreateAsync("A paper boat");
        Assert.Equal((200, "request_id"), (created.Status, Assert.Single(created.Json.AsObject()).Key));
        var waiting = await PollAsync(created);
        Assert.Equal((202, ""), (waiting.Status, waiting.Text));
        Time.Advance(TimeSpan.FromSeconds(1.5));
        var running = await PollAsync(created);
        Assert.Equal((202, "pending"), (running.Status, running.Field("status")));
        Assert.InRange(running.Json["progress"]!.GetValue<int>(), 1, 99);
        LetJobsEnd();
        var done = await PollAsync(created);
        Assert.Equal((200, "done", 8d), (done.Status, done.Field("status"), done.Json["video"]!["duration"]!.GetValue<double>()));
        AssertMp4((await GetBareAsync(UrlOf(done))).Body);
    }

    [Fact]
    public async Task No_poll_makes_a_clip_live_longer_than_a_day()
    {
        var created = await CreateAsync("A paper boat");
        LetJobsEnd();
        Time.Advance(TimeSpan.FromHours(23));
        Assert.Equal(200, (await GetBareAsync(UrlOf(await PollAsync(created)))).Status);
        Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(403, (await GetBareAsync(UrlOf(await PollAsync(created)))).Status);
    }

    [Fact]
    public async Task An_edit_by_url_or_data_looks_different_and_an_extension_alike()
    {
        var created = await CreateAsync("A paper boat");
        LetJobsEnd();
        string url = UrlOf(await PollAsync(created));
        byte[] bytes = (await GetBareAsync(url)).Body;
        foreach (string source in new[] { url, "data:video/mp4;base64," + Convert.ToBase64String(bytes) })
        {
            Assert.NotEqual(bytes, await BytesAsync("/v1/videos/edits", $$"""{"model":"grok-imagine-video","prompt":"rain","video":{"url":"{{source}}"} }"""));
            Assert.Equal(bytes, await BytesAsync("/v1/videos/extensions", $$"""{"model":"grok-imagine-video","prompt":"on","video":{"url":"{{source}}"} }"""));
        }
    }

    [Fact]
    public async Task Moderation_is_done_without_a_url_and_a_refusal_is_a_400()
    {
        var moderated = await CreateAsync("MODERATE");
        var failing = await CreateAsync("FAIL");
        LetJobsEnd();
        var done = await PollAsync(moderated);
        Assert.Equal(("done", "", false),
            (done.Field("status"), UrlOf(done), done.Json["video"]!["respect_moderation"]!.GetValue<bool>()));
        Assert.Equal(("failed", "internal_error"),
            ((await PollAsync(failing)).Field("status"), (await PollAsync(failing)).Json["error"]!["code"]!.GetValue<string>()));
        Assert.Equal(400, (await CreateAsync("REFUSE")).Status);
        Assert.Equal(404, (await SendAsync("GET", "/v1/videos/unknown")).Status);
        Assert.Equal(401, (await GetBareAsync("/v1/videos/unknown")).Status);
    }

    [Theory]
    [InlineData("/v1/videos/generations", """{"model":"grok-imagine-video","prompt":"x","resolution":"1080p"}""", "resolution")]
    [InlineData("/v1/videos/generations", """{"model":"grok-imagine-video","prompt":"x","last_frame":{"url":"https://e.com/a"}}""", "last_frame")]
    [InlineData("/v1/videos/generations",
        """{"model":"grok-imagine-video-1.5-lite","prompt":"x","reference_images":[{"url":"https://e.com/a"}]}""", "reference_images")]
    [InlineData("/v1/videos/generations",
        """{"model":"grok-imagine-video-1.5","prompt":"x","resolution":"1080p","reference_images":[{"url":"https://e.com/a"}]}""", "resolution")]
    [InlineData("/v1/videos/generations",
        """{"model":"grok-imagine-video","prompt":"x","image":{"url":"https://e.com/a"},"reference_audios":[{"voice_id":"eve"}]}""", "image")]
    [InlineData("/v1/videos/edits", """{"model":"grok-imagine-video-1.5","prompt":"x","video":{"url":"https://e.com/a"}}""", "model")]
    [InlineData("/v1/videos/edits", """{"model":"grok-imagine-video","prompt":"x","video":{"url":"https://e.com/a"},"duration":4}""", "duration")]
    [InlineData("/v1/videos/extensions", """{"model":"grok-imagine-video","prompt":"x","video":{"url":"https://e.com/a"},"user":"u"}""", "user")]
    [InlineData("/v1/videos/extensions", """{"model":"grok-imagine-video","prompt":"x","video":{"url":"https://e.com/a","file_id":"f"}}""", "video")]
    public async Task What_a_model_does_not_take_is_refused(string path, string body, string field)
    {
        var reply = await SendAsync("POST", path, body);
        Assert.Equal(400, reply.Status);
        Assert.StartsWith(field, reply.Field("error"), StringComparison.Ordinal);
        Assert.Equal(0, Server.Submits);
    }

    private async Task<Reply> CreateAsync(string prompt) =>
        await SendAsync("POST", "/v1/videos/generations", Wish.Replace("PROMPT", prompt, StringComparison.Ordinal));

    private async Task<Reply> PollAsync(Reply created) => await SendAsync("GET", $"/v1/videos/{created.Field("request_id")}");

    private async Task<byte[]> BytesAsync(string path, string body)
    {
        var made = await SendAsync("POST", path, body);
        LetJobsEnd();
        return (await GetBareAsync(UrlOf(await PollAsync(made)))).Body;
    }

    private static string UrlOf(Reply reply) => reply.Json["video"]!["url"]!.GetValue<string>();
}
