namespace RemixProxy.Tests.Sandbox;

public class ArkSimulatorTests() : SandboxTestBase("ark")
{
    private const string Tasks = "/api/v3/contents/generations/tasks";
    private const string Wish = """
        {"model":"dreamina-seedance-2-0-260128","content":[{"type":"text","text":"PROMPT"}],"ratio":"9:16","resolution":"480p","duration":8}
        """;

    private const string Clip = """{"type":"video_url","video_url":{"url":"https://e.com/a"},"role":"reference_video"}""";
    private const string Frame = """{"type":"image_url","image_url":{"url":"https://e.com/a"},"role":"first_frame"}""";
    private const string LastFrame = """{"type":"image_url","image_url":{"url":"https://e.com/a"},"role":"last_frame"}""";
    private const string Sound = """{"type":"audio_url","audio_url":{"url":"https://e.com/a"},"role":"reference_audio"}""";

    [Fact]
    public async Task A_task_walks_to_its_clip_and_echoes_what_was_asked_for()
    {
        var created = await CreateAsync("A paper boat");
        Assert.Equal((200, "id"), (created.Status, Assert.Single(created.Json.AsObject()).Key));
        Assert.StartsWith("cgt-", created.Field("id"), StringComparison.Ordinal);
        Assert.Equal("queued", await StatusAsync(created));
        Time.Advance(TimeSpan.FromSeconds(1.5));
        Assert.Equal("running", await StatusAsync(created));
        LetJobsEnd();
        var done = await PollAsync(created);
        Assert.Equal(
            ("succeeded", "9:16", "480p", "8", "24"),
            (done.Field("status"), done.Field("ratio"), done.Field("resolution"), done.Field("duration"), done.Field("framespersecond")));
        Assert.InRange(done.Json["updated_at"]!.GetValue<long>() - done.Json["created_at"]!.GetValue<long>(), 2, 6);
        AssertMp4((await GetBareAsync(UrlOf(done))).Body);
        Time.Advance(TimeSpan.FromHours(24));
        Assert.Equal(403, (await GetBareAsync(UrlOf(await PollAsync(created)))).Status);
        Time.Advance(TimeSpan.FromDays(6));
        AssertCode(await PollAsync(created), 404, "ResourceNotFound");
    }

    [Fact]
    public async Task A_delete_cancels_what_waits_deletes_what_has_ended_and_refuses_all_else()
    {
        var cancelled = await CreateAsync("A paper boat");
        var reply = await DeleteAsync(cancelled);
        Assert.Equal((200, "{}"), (reply.Status, reply.Text));
        Assert.Equal("cancelled", await StatusAsync(cancelled));
        AssertCode(await DeleteAsync(cancelled), 409, "InvalidAction");
        var running = await CreateAsync("SLOW boat");
        Time.Advance(TimeSpan.FromSeconds(30));
        AssertCode(await DeleteAsync(running), 409, "InvalidAction.RunningTaskDeletion");
        Time.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal("succeeded", await StatusAsync(running));
        Assert.Equal(200, (await DeleteAsync(running)).Status);
        AssertCode(await PollAsync(running), 404, "ResourceNotFound");
    }

    [Fact]
    public async Task An_edit_by_url_looks_different_and_an_extension_alike()
    {
        var created = await CreateAsync("A paper boat");
        LetJobsEnd();
        string url = UrlOf(await PollAsync(created));
        byte[] bytes = (await GetBareAsync(url)).Body;
        Assert.NotEqual(bytes, await BytesAsync(url, "edit", -1));
        Assert.Equal(bytes, await BytesAsync(url, "extend", 5));
    }

    [Fact]
    public async Task Moderation_and_failure_have_codes_of_their_own()
    {
        var moderated = await CreateAsync("MODERATE");
        var failing = await CreateAsync("FAIL");
        LetJobsEnd();
        foreach (var (task, code) in new[] { (moderated, "OutputVideoSensitiveContentDetected"), (failing, "InternalServiceError") })
        {
            var end = await PollAsync(task);
            Assert.Equal((200, "failed", code), (end.Status, end.Field("status"), end.Json["error"]!["code"]!.ToString()));
        }

        AssertCode(await CreateAsync("REFUSE"), 400, "InputTextSensitiveContentDetected");
        AssertCode(await SendAsync("POST", Tasks, """{"model":"seedance-9","content":[]}"""), 404, "InvalidEndpointOrModel.NotFound");
        AssertCode(await GetBareAsync(Tasks + "/1"), 401, "AuthenticationError");
    }

    [Theory]
    [InlineData("2-5-260628", Clip, """{"omni_reference_task_type":"edit","ratio":"16:9","duration":-1}""", "ratio", "InvalidParameter.TaskTypeConstraint")]
    [InlineData("2-5-260628", Clip, """{"omni_reference_task_type":"edit","ratio":"adaptive","duration":5}""",
        "duration", "InvalidParameter.TaskTypeConstraint")]
    [InlineData("2-5-260628", Clip, """{"omni_reference_task_type":"edit","duration":-1}""", "ratio", "InvalidParameter.TaskTypeConstraint")]
    [InlineData("2-5-260628", Clip, """{"omni_reference_task_type":"edit","ratio":"adaptive"}""", "duration", "InvalidParameter.TaskTypeConstraint")]
    [InlineData("2-5-260628", Clip, """{"omni_reference_task_type":"extend","ratio":"1:1","duration":5}""", "ratio", "InvalidParameter.TaskTypeConstraint")]
    [InlineData("2-5-260628", Sound, """{"omni_reference_task_type":"extend","ratio":"adaptive","duration":-1}""",
        "content", "InvalidParameter.TaskTypeConstraint")]
    [InlineData("2-5-260628", Frame, """{"ratio":"16:9"}""", "ratio", "InvalidParameter.TaskTypeConstraint")]
    [InlineData("2-5-260628", Clip, """{"duration":31}""", "duration", "InvalidParameter")]
    [InlineData("2-5-260628", Frame + "," + Clip, """{"ratio":"adaptive"}""", "content", "InvalidParameter")]
    [InlineData("2-5-260628", Sound, """{"ratio":"adaptive"}""", "ratio", "InvalidParameter")]
    [InlineData("2-0-260128", Clip, """{"omni_reference_task_type":"edit","ratio":"adaptive","duration":-1}""", "omni_reference_task_type", "InvalidParameter")]
    [InlineData("2-0-260128", Clip + "," + Clip + "," + Clip + "," + Clip, """{"duration":5}""", "content", "InvalidParameter")]
    [InlineData("2-0-260128", Sound, """{"duration":5}""", "content", "InvalidParameter")]
    [InlineData("2-0-260128", Frame + "," + Frame, """{"duration":5}""", "content", "InvalidParameter")]
    [InlineData("2-0-260128", LastFrame, """{"duration":5}""", "content", "InvalidParameter")]
    [InlineData("2-0-260128", """{"type":"text","text":"y"}""", """{"duration":5}""", "content", "InvalidParameter")]
    [InlineData("2-0-260128", """{"type":"video_url","video_url":{"url":"data:video/mp4;base64,AAAA"},"role":"reference_video"}""", """{"duration":5}""",
        "content.1.video_url.url", "InvalidParameter")]
    [InlineData("2-0-260128", """{"type":"video_url","video_url":{"url":"https://e.com/a"}}""", """{"duration":5}""", "content.1.role", "MissingParameter")]
    [InlineData("2-0-260128", Clip, """{"duration":16}""", "duration", "InvalidParameter")]
    [InlineData("2-0-260128", Clip, """{"output_format":"mov"}""", "output_format", "InvalidParameter")]
    [InlineData("2-0-fast-260128", Clip, """{"resolution":"1080p"}""", "resolution", "InvalidParameter")]
    [InlineData("2-0-mini-260615", Clip, """{"resolution":"1080p"}""", "resolution", "InvalidParameter")]
    public async Task What_a_model_does_not_take_is_400(string model, string media, string settings, string param, string code)
    {
        var reply = await SendAsync(
            "POST", Tasks, $$"""{"model":"dreamina-seedance-{{model}}","content":[{"type":"text","text":"x"},{{media}}],""" + settings[1..]);
        AssertCode(reply, 400, code);
        Assert.Equal(param, reply.Json["error"]!["param"]!.ToString());
        Assert.Equal(0, Server.Submits);
    }

    private Task<Reply> CreateAsync(string prompt) => SendAsync("POST", Tasks, Wish.Replace("PROMPT", prompt, StringComparison.Ordinal));

    private Task<Reply> PollAsync(Reply created) => SendAsync("GET", $"{Tasks}/{created.Field("id")}");

    private Task<Reply> DeleteAsync(Reply created) => SendAsync("DELETE", $"{Tasks}/{created.Field("id")}");

    private async Task<string?> StatusAsync(Reply created) => (await PollAsync(created)).Field("status");

    private async Task<byte[]> BytesAsync(string source, string task, int seconds)
    {
        var made = await SendAsync("POST", Tasks, $$"""
            {"model":"dreamina-seedance-2-5-260628","content":[{"type":"text","text":"rain"},
             {"type":"video_url","video_url":{"url":"{{source}}"},"role":"reference_video"}],
             "omni_reference_task_type":"{{task}}","ratio":"adaptive","duration":{{seconds}} }
            """);
        Assert.Equal(200, made.Status);
        LetJobsEnd();
        return (await GetBareAsync(UrlOf(await PollAsync(made)))).Body;
    }

    private static string UrlOf(Reply task) => task.Json["content"]!["video_url"]!.ToString();

    private static void AssertCode(Reply reply, int status, string code) =>
        Assert.Equal((status, code), (reply.Status, reply.Json["error"]!["code"]!.ToString()));
}
