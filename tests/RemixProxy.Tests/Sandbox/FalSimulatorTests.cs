namespace RemixProxy.Tests.Sandbox;

public class FalSimulatorTests() : SandboxTestBase("fal")
{
    private const string Model = "/fal-ai/kling-video/v3/standard/text-to-video";
    private const string App = "/fal-ai/kling-video";

    [Fact]
    public async Task A_request_walks_below_owner_and_app_to_its_clip()
    {
        var created = await CreateAsync("A paper boat");
        Assert.Equal((200, "IN_QUEUE"), (created.Status, created.Field("status")));
        string request = "/requests/" + created.Field("request_id");
        Assert.EndsWith(App + request + "/status", created.Field("status_url"), StringComparison.Ordinal);
        Assert.Equal((202, "IN_QUEUE"), await StatusAsync(App + request));
        Assert.Equal((400, "Request is still in progress"), await RefusedAsync(App + request));
        Time.Advance(TimeSpan.FromSeconds(1.5));
        Assert.Equal((202, "IN_PROGRESS"), await StatusAsync(App + request));
        Assert.Equal(400, (await SendAsync("GET", App + request)).Status);
        LetJobsEnd();
        Assert.Equal((200, "COMPLETED"), await StatusAsync(App + request));
        var result = await SendAsync("GET", App + request);
        Assert.Equal((200, "video/mp4"), (result.Status, result.Json["video"]!["content_type"]!.GetValue<string>()));
        AssertMp4((await GetBareAsync(result.Json["video"]!["url"]!.GetValue<string>())).Body);
    }

    [Fact]
    public async Task A_full_path_is_405_another_app_404_and_another_scheme_401()
    {
        string request = "/requests/" + (await CreateAsync("A paper boat")).Field("request_id");
        Assert.Equal(405, (await SendAsync("GET", Model + request + "/status")).Status);
        Assert.Equal(405, (await SendAsync("GET", Model + request)).Status);
        Assert.Equal(404, (await SendAsync("GET", "/fal-ai/veo3.1" + request + "/status")).Status);
        Assert.Equal(404, (await SendAsync("PUT", "/fal-ai/veo3.1" + request + "/cancel")).Status);
        Assert.Equal(404, (await SendAsync("POST", "/fal-ai/unknown", """{"prompt":"x"}""")).Status);
        using var bearer = new HttpRequestMessage(HttpMethod.Get, Server.BaseUrl("fal", "main") + App + request + "/status");
        bearer.Headers.Authorization = new("Bearer", "any-key");
        Assert.Equal(401, (await SendAsync(bearer)).Status);
    }

    [Fact]
    public async Task Models_are_listed_in_pages_and_described_to_everybody()
    {
        var first = await GetBareAsync("/v1/models?category=video-to-video&status=active");
        var second = await GetBareAsync("/v1/models?category=video-to-video&status=active&cursor=" + Uri.EscapeDataString(first.Field("next_cursor")));
        string[] names = [.. first.Json["models"]!.AsArray().Concat(second.Json["models"]!.AsArray()).Select(m => m!["endpoint_id"]!.GetValue<string>())];
        Assert.Distinct(names);
        Assert.Contains("google/gemini-omni-flash/v1.1/edit", names);
        Assert.Contains("xai/grok-imagine-video/extend-video", names);
        Assert.Equal(("true", "false"), (first.Field("has_more"), second.Field("has_more")));
        Assert.Null(first.Json["models"]![0]!["openapi"]);

        var described = await GetBareAsync("/v1/models?expand=openapi-3.0&endpoint_id=fal-ai%2Fveo3.1");
        var input = described.Json["models"]![0]!["openapi"]!["components"]!["schemas"]!["ModelInput"]!;
        Assert.Equal("""["4s","6s","8s"]""", input["properties"]!["duration"]!["enum"]!.ToJsonString());
        Assert.Equal("""["prompt"]""", input["required"]!.ToJsonString());
        Assert.Empty((await GetBareAsync("/v1/models?status=deprecated")).Json["models"]!.AsArray());
        Assert.Equal(404, (await GetBareAsync("/v1/models?endpoint_id=a%2Fb")).Status);
        Assert.Equal(400, (await GetBareAsync("/v1/models?cursor=x")).Status);
    }

    [Fact]
    public async Task Failures_are_completed_and_moderation_is_a_refused_result()
    {
        string failing = Path(await CreateAsync("FAIL")), moderated = Path(await CreateAsync("MODERATE"));
        LetJobsEnd();
        var status = await SendAsync("GET", failing + "/status");
        Assert.Equal((200, "COMPLETED", "runner_server_error"), (status.Status, status.Field("status"), status.Field("error_type")));
        Assert.Equal(500, (await SendAsync("GET", failing)).Status);
        Assert.Equal((200, "COMPLETED"), await StatusAsync(moderated));
        var result = await SendAsync("GET", moderated);
        Assert.Equal((422, "content_policy_violation"), (result.Status, result.Json["detail"]![0]!["type"]!.GetValue<string>()));
        Assert.Equal(422, (await CreateAsync("REFUSE")).Status);
    }

    [Fact]
    public async Task A_cancel_stops_what_is_under_way_and_nothing_else()
    {
        string running = Path(await CreateAsync("A paper boat"));
        var cancelled = await SendAsync("PUT", running + "/cancel");
        Assert.Equal((202, "CANCELLATION_REQUESTED"), (cancelled.Status, cancelled.Field("status")));
        Assert.Equal("client_cancelled", (await SendAsync("GET", running + "/status")).Field("error_type"));
        var again = await SendAsync("PUT", running + "/cancel");
        Assert.Equal((400, "ALREADY_COMPLETED"), (again.Status, again.Field("status")));
        Assert.Equal(404, (await SendAsync("PUT", App + "/requests/unknown/cancel")).Status);
    }

    [Theory]
    [InlineData(Model, """{"prompt":"x","duration":5}""", "duration")]
    [InlineData(Model, """{"prompt":"x","duration":"5s"}""", "duration")]
    [InlineData(Model, """{"prompt":"x","image_url":"https://e.com/a"}""", "image_url")]
    [InlineData("/fal-ai/veo3.1", """{"prompt":"x","duration":"8"}""", "duration")]
    [InlineData("/xai/grok-imagine-video/text-to-video", """{"prompt":"x","duration":"8"}""", "duration")]
    [InlineData("/fal-ai/kling-video/v3/standard/image-to-video", """{"prompt":"x","image_url":"https://e.com/a"}""", "start_image_url")]
    [InlineData("/google/gemini-omni-flash/v1.1/edit", """{"prompt":"x","video_url":"https://e.com/a","resolution":"720p"}""", "resolution")]
    public async Task What_a_model_does_not_take_is_refused(string path, string body, string field)
    {
        var reply = await SendAsync("POST", path, body);
        Assert.Equal((422, field), (reply.Status, reply.Json["detail"]![0]!["loc"]![1]!.GetValue<string>()));
        Assert.Equal(0, Server.Submits);
    }

    private Task<Reply> CreateAsync(string prompt) => SendAsync("POST", Model, $$"""{"prompt":"{{prompt}}","duration":"5","aspect_ratio":"16:9"}""");

    private async Task<(int, string)> StatusAsync(string request)
    {
        var reply = await SendAsync("GET", request + "/status");
        return (reply.Status, reply.Field("status"));
    }

    private async Task<(int, string)> RefusedAsync(string path)
    {
        var reply = await SendAsync("GET", path);
        return (reply.Status, reply.Field("detail"));
    }

    private static string Path(Reply created) => $"{App}/requests/{created.Field("request_id")}";
}
