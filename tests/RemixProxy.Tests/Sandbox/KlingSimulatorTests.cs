namespace RemixProxy.Tests.Sandbox;

public class KlingSimulatorTests() : SandboxTestBase("kling")
{
    private const string Wish = """
        {"prompt":"PROMPT","settings":{"aspect_ratio":"16:9","duration":5},"options":{"external_task_id":"KEY"}}
        """;

    [Fact]
    public async Task A_task_walks_to_its_clip_and_is_found_by_either_id()
    {
        var created = await CreateAsync("A paper boat", "job-1");
        var data = created.Json["data"]!;
        Assert.Equal((200, "0", "submitted", "job-1"), (created.Status, created.Field("code"), data["status"]!.ToString(), data["external_id"]!.ToString()));
        string id = data["id"]!.ToString();
        Time.Advance(TimeSpan.FromSeconds(1.5));
        Assert.Equal("processing", await StatusAsync($"task_ids={id}"));
        LetJobsEnd();
        Assert.Equal("succeeded", await StatusAsync("external_task_ids=job-1"));
        var output = (await SendAsync("GET", $"/tasks?task_ids={id}")).Json["data"]![0]!["outputs"]![0]!;
        Assert.Equal("5.1", output["duration"]!.GetValue<string>());
        AssertMp4((await GetBareAsync(output["url"]!.ToString())).Body);
        Assert.Empty((await SendAsync("GET", "/tasks?task_ids=1,2")).Json["data"]!.AsArray());
        foreach (string query in new[] { "", $"?task_ids={id}&external_task_ids=job-1" })
            AssertCode(await SendAsync("GET", "/tasks" + query), 400, 1201);
    }

    [Fact]
    public async Task A_key_is_taken_once_and_one_at_the_wrong_place_is_lost_without_a_word()
    {
        Assert.Equal(200, (await CreateAsync("A paper boat", "job-1")).Status);
        AssertCode(await CreateAsync("A paper boat", "job-1"), 400, 1201);
        Assert.Equal(1, Server.Submits);
        const string Flat = """{"prompt":"x","settings":{"aspect_ratio":"1:1"},"external_task_id":"job-2","duration":15}""";
        for (int i = 0; i < 2; i++)
        {
            var reply = await SendAsync("POST", "/text-to-video/kling-3.0", Flat);
            Assert.Equal((200, null), (reply.Status, reply.Json["data"]!["external_id"]));
        }

        Assert.Equal(3, Server.Submits);
        Assert.Empty((await SendAsync("GET", "/tasks?external_task_ids=job-2")).Json["data"]!.AsArray());
    }

    [Fact]
    public async Task An_edit_by_url_looks_different()
    {
        await CreateAsync("A paper boat", "job-1");
        LetJobsEnd();
        var source = (await SendAsync("GET", "/tasks?external_task_ids=job-1")).Json["data"]![0]!["outputs"]![0]!["url"]!;
        byte[] bytes = (await GetBareAsync(source.ToString())).Body;
        string edit = $$"""
            {"contents":[{"type":"prompt","text":"rain in @video_1"},{"type":"base_video","url":"{{source}}","id":"video_1"}],
             "settings":{"resolution":"720p","audio":"original","multi_shot":false},"options":{"external_task_id":"job-2"} }
            """;
        Assert.Equal(200, (await SendAsync("POST", "/omni-video/kling-3.0-omni", edit)).Status);
        LetJobsEnd();
        var made = (await SendAsync("GET", "/tasks?external_task_ids=job-2")).Json["data"]![0]!["outputs"]![0]!["url"]!;
        Assert.NotEqual(bytes, (await GetBareAsync(made.ToString())).Body);
    }

    [Fact]
    public async Task Moderation_fails_the_task_or_is_1301_at_once()
    {
        await CreateAsync("MODERATE", "job-1");
        await CreateAsync("FAIL", "job-2");
        LetJobsEnd();
        foreach (var (key, message) in new[] { ("job-1", "Failure to pass the risk control system"), ("job-2", "generation failed, please retry") })
        {
            var task = (await SendAsync("GET", "/tasks?external_task_ids=" + key)).Json["data"]![0]!;
            Assert.Equal(("failed", message), (task["status"]!.ToString(), task["message"]!.ToString()));
        }

        AssertCode(await CreateAsync("REFUSE", "job-3"), 400, 1301);
        AssertCode(await SendAsync("POST", "/text-to-video/kling-9", "{}"), 404, 1203);
        AssertCode(await SendAsync("POST", "/no-such-path", "{}"), 404, 1202);
        AssertCode(await GetBareAsync("/tasks?task_ids=1"), 401, 1000);
    }

    [Theory]
    [InlineData("/text-to-video/kling-3.0", """{"prompt":"x","settings":{"resolution":"720p"}}""", "settings.aspect_ratio")]
    [InlineData("/text-to-video/kling-3.0-turbo", """{"prompt":"x","settings":{"aspect_ratio":"1:1","resolution":"4k"}}""", "settings.resolution")]
    [InlineData("/text-to-video/kling-3.0", """{"prompt":"x","settings":{"aspect_ratio":"1:1","duration":16}}""", "settings.duration")]
    [InlineData("/image-to-video/kling-3.0", """{"contents":[{"type":"prompt","text":"x"}]}""", "contents")]
    [InlineData("/image-to-video/kling-3.0-turbo",
        """{"contents":[{"type":"first_frame","url":"https://e.com/a"},{"type":"last_frame","url":"https://e.com/a"}]}""", "contents.1.type")]
    [InlineData("/omni-video/kling-3.0-omni", """{"contents":[{"type":"prompt","text":"x"}],"settings":{"duration":5}}""", "settings.aspect_ratio")]
    [InlineData("/omni-video/kling-3.0-omni",
        """{"contents":[{"type":"prompt","text":"x"}],"settings":{"aspect_ratio":"1:1","audio":"original"}}""", "settings.audio")]
    [InlineData("/omni-video/kling-3.0-omni",
        """{"contents":[{"type":"prompt","text":"x"},{"type":"base_video","url":"https://e.com/a"}],"settings":{}}""", "settings.multi_shot")]
    [InlineData("/omni-video/kling-3.0-omni",
        """{"contents":[{"type":"prompt","text":"x"},{"type":"base_video","url":"https://e.com/a"}],"settings":{"multi_shot":false,"audio":"native"}}""",
        "settings.audio")]
    [InlineData("/omni-video/kling-3.0-omni",
        """{"contents":[{"type":"prompt","text":"x"},{"type":"base_video","url":"https://e.com/a"}],"settings":{"multi_shot":false,"duration":5}}""",
        "settings.duration")]
    [InlineData("/omni-video/kling-3.0-omni",
        """
        {"contents":[{"type":"prompt","text":"x"},{"type":"base_video","url":"https://e.com/a"},{"type":"first_frame","url":"https://e.com/a"}],
         "settings":{"multi_shot":false}}
        """, "contents")]
    [InlineData("/omni-video/kling-3.0-omni",
        """{"contents":[{"type":"prompt","text":"x"},{"type":"base_video","url":"AAAA"}],"settings":{"multi_shot":false}}""", "contents.1.url")]
    public async Task What_a_model_does_not_take_is_1201(string path, string body, string field)
    {
        var reply = await SendAsync("POST", path, body);
        AssertCode(reply, 400, 1201);
        Assert.Contains(field + ":", reply.Field("message"), StringComparison.Ordinal);
        Assert.Equal(0, Server.Submits);
    }

    private async Task<Reply> CreateAsync(string prompt, string key) => await SendAsync(
        "POST", "/text-to-video/kling-3.0", Wish.Replace("PROMPT", prompt, StringComparison.Ordinal).Replace("KEY", key, StringComparison.Ordinal));

    private async Task<string> StatusAsync(string query) => (await SendAsync("GET", "/tasks?" + query)).Json["data"]![0]!["status"]!.ToString();

    private static void AssertCode(Reply reply, int status, int code) =>
        Assert.Equal((status, code.ToString(System.Globalization.CultureInfo.InvariantCulture)), (reply.Status, reply.Field("code")));
}
