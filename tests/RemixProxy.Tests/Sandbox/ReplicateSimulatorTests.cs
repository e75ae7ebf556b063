using System.Text.Json.Nodes;

namespace RemixProxy.Tests.Sandbox;

public class ReplicateSimulatorTests() : SandboxTestBase("replicate")
{
    private const string Model = "/v1/models/google/veo-3.1/predictions";

    [Fact]
    public async Task A_prediction_walks_to_its_clip_and_is_removed_an_hour_later()
    {
        var created = await CreateAsync("A paper boat");
        Assert.Equal((201, "starting", "google/veo-3.1"), (created.Status, created.Field("status"), created.Field("model")));
        Time.Advance(TimeSpan.FromSeconds(1.5));
        Assert.Equal("processing", (await PollAsync(created)).Field("status"));
        LetJobsEnd();
        var done = await PollAsync(created);
        Assert.Equal(("succeeded", "A paper boat"), (done.Field("status"), done.Json["input"]!["prompt"]!.GetValue<string>()));
        AssertMp4((await GetBareAsync(done.Field("output"))).Body);
        Time.Advance(TimeSpan.FromHours(1));
        var removed = await PollAsync(created);
        Assert.Equal(("succeeded", true), (removed.Field("status"), removed.Json["data_removed"]!.GetValue<bool>()));
        Assert.Null(removed.Json["output"]);
        Assert.Null(removed.Json["input"]);
    }

    [Fact]
    public async Task A_model_has_the_schema_of_its_input_and_needs_the_key()
    {
        var schemas = (await SendAsync("GET", "/v1/models/google/veo-3.1")).Json["latest_version"]!["openapi_schema"]!["components"]!["schemas"]!;
        Assert.Equal("#/components/schemas/duration", schemas["Input"]!["properties"]!["duration"]!["allOf"]![0]!["$ref"]!.GetValue<string>());
        Assert.Equal("[4,6,8]", schemas["duration"]!["enum"]!.ToJsonString());
        Assert.Equal("string", schemas["Input"]!["properties"]!["image"]!["type"]!.GetValue<string>());
        Assert.Equal(404, (await SendAsync("GET", "/v1/models/a/b")).Status);
        Assert.Equal(401, (await GetBareAsync("/v1/models/google/veo-3.1")).Status);
    }

    [Fact]
    public async Task Failures_and_moderation_are_texts_and_a_cancel_ends_what_is_under_way()
    {
        var (failing, moderated, running) = (await CreateAsync("FAIL"), await CreateAsync("MODERATE"), await CreateAsync("A paper boat"));
        var cancelled = await SendAsync("POST", $"/v1/predictions/{running.Field("id")}/cancel");
        Assert.Equal((200, "canceled"), (cancelled.Status, cancelled.Field("status")));
        LetJobsEnd();
        Assert.Equal(("failed", "Prediction interrupted; please retry (code: PA)"),
            ((await PollAsync(failing)).Field("status"), (await PollAsync(failing)).Field("error")));
        Assert.Contains("(E005)", (await PollAsync(moderated)).Field("error"), StringComparison.Ordinal);
        Assert.Equal("canceled", (await PollAsync(running)).Field("status"));
        Assert.Equal(422, (await CreateAsync("REFUSE")).Status);
        Assert.Equal(404, (await SendAsync("GET", "/v1/predictions/unknown")).Status);
        Assert.Equal(404, (await SendAsync("POST", "/v1/models/a/b/predictions", """{"input":{"prompt":"x"}}""")).Status);
        Assert.Equal(401, (await GetBareAsync("/v1/predictions/unknown")).Status);
    }

    [Fact]
    public async Task A_clip_is_taken_as_a_url_as_data_and_as_an_uploaded_file()
    {
        var created = await CreateAsync("A paper boat");
        LetJobsEnd();
        string url = (await PollAsync(created)).Field("output");
        byte[] bytes = (await GetBareAsync(url)).Body;
        using var form = new MultipartFormDataContent { { new ByteArrayContent(bytes), "content", "a.mp4" } };
        using var request = new HttpRequestMessage(HttpMethod.Post, Server.BaseUrl("replicate", "main") + "/v1/files") { Content = form };
        Authorize(request);
        var upload = await SendAsync(request);
        Assert.Equal(201, upload.Status);
        foreach (string source in new[] { url, "data:video/mp4;base64," + Convert.ToBase64String(bytes), upload.Json["urls"]!["get"]!.GetValue<string>() })
        {
            var body = new JsonObject { ["input"] = new JsonObject { ["prompt"] = "rain", ["video"] = source } };
            var edit = await SendAsync("POST", "/v1/models/runwayml/aleph-2/predictions", body.ToJsonString());
            LetJobsEnd();
            Assert.NotEqual(bytes, (await GetBareAsync((await PollAsync(edit)).Field("output"))).Body);
        }
    }

    [Theory]
    [InlineData("google/veo-3.1", """{"prompt":"x","duration":"8"}""", "input.duration")]
    [InlineData("google/veo-3.1", """{"prompt":"x","duration":5}""", "input.duration")]
    [InlineData("runwayml/aleph-2", """{"prompt":"x"}""", "input.video")]
    [InlineData("kwaivgi/kling-v3-omni-video", """{"prompt":"x","video":"https://e.com/a"}""", "input.video")]
    public async Task What_a_model_does_not_take_is_refused(string model, string input, string field)
    {
        var reply = await SendAsync("POST", $"/v1/models/{model}/predictions", $$"""{"input":{{input}}}""");
        Assert.Equal((422, field), (reply.Status, reply.Json["invalid_fields"]![0]!["field"]!.GetValue<string>()));
        Assert.Equal(0, Server.Submits);
    }

    private Task<Reply> CreateAsync(string prompt) => SendAsync("POST", Model, $$"""{"input":{"prompt":"{{prompt}}","duration":8,"aspect_ratio":"16:9"} }""");

    private Task<Reply> PollAsync(Reply created) => SendAsync("GET", $"/v1/predictions/{created.Field("id")}");
}
