using System.ClientModel;
using RemixProxy.FunctionalTests.Kit;

namespace RemixProxy.FunctionalTests.Submits;

/// <summary>Ways out of doubt at servers of one's own: what the operator knows, a job not known for a moment, bytes that come late.</summary>
public class SelfHostedTests
{
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(6);

    [Theory]
    [InlineData("RemixProxy:Providers:openai:NothingCreatedOn", "502,503")]
    [InlineData("RemixProxy:Providers:openai:NothingCreatedOn:0", "502")]
    public async Task A_status_that_the_operator_knows_is_503_and_the_next_target_is_tried(string key, string value)
    {
        await using var scripted = await ScriptedApp.StartAsync(new(StringComparer.Ordinal)
        {
            [key] = value, ["RemixProxy:Models:list:0"] = "openai/sora-2", ["RemixProxy:Models:list:1"] = "luma/ray-3.2",
        });
        scripted.Says(502, "<html>", ("Retry-After", "9"));
        var reply = await scripted.App.CreateAsync("openai/sora-2", "A boat");
        reply.AssertError(503, "provider_unavailable");
        Assert.Equal(("9", null), (reply.Header("Retry-After"), reply.Header("x-should-retry")));
        Assert.EndsWith(":luma", (await scripted.App.CreateAsync("list", "A boat")).Id, StringComparison.Ordinal);

        scripted.Says(500, "{}");
        (await scripted.App.CreateAsync("list", "Another boat")).AssertError(424, "submission_unknown");
    }

    [Fact]
    public async Task It_counts_also_where_the_gateway_s_page_breaks_off()
    {
        await using var server = new EarlyServer("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 500\r\n\r\n<html>", EarlyServer.Afterwards.Closes);
        await using var app = await ProxyApp.StartAsync(new()
        {
            Settings = new(StringComparer.Ordinal)
            {
                ["RemixProxy:Providers:openai:BaseUrl"] = "http://" + server.Authority, ["RemixProxy:Providers:openai:NothingCreatedOn"] = "502",
            },
        });
        (await app.CreateAsync("openai/sora-2", "A boat")).AssertError(503, "provider_unavailable");
    }

    [Fact]
    public async Task The_official_client_s_retries_are_new_wishes_there()
    {
        await using var scripted = await ScriptedApp.StartAsync(new(StringComparer.Ordinal) { ["RemixProxy:Providers:openai:NothingCreatedOn"] = "503" });
        scripted.Answer = (_, http) => scripted.Submits.Count < 3
            ? ScriptedApp.JsonAsync(http, 503, "{}")
            : ScriptedApp.JsonAsync(http, 200, """{"id":"v1","status":"queued"}""");
        await scripted.App.NewVideoClient().CreateVideoAsync(
            BinaryContent.Create(BinaryData.FromString("""{"model":"openai/sora-2","prompt":"A kite"}""")), "application/json");
        Assert.Equal(3, scripted.Submits.Select(s => s.Key).Distinct().Count());
    }

    [Fact]
    public async Task A_fresh_job_that_its_server_does_not_know_for_a_moment_is_shown_as_it_was()
    {
        await using var scripted = await ScriptedApp.StartAsync();
        scripted.Says(200, """{"id":"v1","status":"in_progress","progress":7}""");
        var id = (await scripted.App.CreateAsync("openai/sora-2", "A boat")).Id;
        scripted.Says(404, """{"error":{"message":"No such video","type":"invalid_request_error","param":null,"code":"not_found"}}""");
        for (var i = 0; i < 5; i++)
        {
            scripted.App.Time.Advance(Poll);
            Assert.Equal(("in_progress", 7), StateOf(await scripted.App.GetAsync("v1/videos/" + id)));
        }

        Assert.Equal(5, scripted.Requests.Count - 1);
        scripted.App.Time.Advance(Poll);
        (await scripted.App.CallAsync("GET", "v1/videos/" + id)).AssertError(404, "video_not_found");
    }

    [Fact]
    public async Task Nobody_s_id_is_404_at_once()
    {
        await using var scripted = await ScriptedApp.StartAsync();
        scripted.Says(404, "{}");
        (await scripted.App.CallAsync("GET", "v1/videos/v1:openai")).AssertError(404, "video_not_found");
    }

    [Theory]
    [InlineData(3, 200)]
    [InlineData(7, 200)]
    [InlineData(99, 410)]
    public async Task Bytes_that_are_not_there_yet_are_asked_for_again_for_ten_seconds(int misses, int status)
    {
        await using var scripted = await ScriptedApp.StartAsync();
        var id = await CompletedAsync(scripted);
        var asked = 0;
        scripted.Answer = (seen, http) =>
        {
            if (seen.Path.EndsWith("/content", StringComparison.Ordinal) && asked++ < misses) return ScriptedApp.JsonAsync(http, 404, "{}");
            http.Response.ContentType = "video/mp4";
            return http.Response.Body.WriteAsync("bytes"u8.ToArray()).AsTask();
        };
        var content = scripted.App.CallAsync("GET", $"v1/videos/{id}/content");
        while (!content.IsCompleted)
        {
            // In small steps: the clock goes on while an answer is under way.
            scripted.App.Time.Advance(TimeSpan.FromSeconds(0.05));
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }

        Assert.Equal(status, (await content).Status);
        Assert.InRange(asked, Math.Min(misses + 1, 8), Math.Min(misses + 1, 11));
    }

    [Fact]
    public async Task Bytes_that_are_gone_later_are_gone_at_once()
    {
        await using var scripted = await ScriptedApp.StartAsync();
        var id = await CompletedAsync(scripted);
        scripted.App.Time.Advance(TimeSpan.FromSeconds(31));
        scripted.Says(404, "{}");
        (await scripted.App.CallAsync("GET", $"v1/videos/{id}/content")).AssertError(410, "video_expired");
    }

    private static async Task<string> CompletedAsync(ScriptedApp scripted)
    {
        scripted.Says(200, """{"id":"v1","status":"queued"}""");
        var id = (await scripted.App.CreateAsync("openai/sora-2", "A boat")).Id;
        scripted.Says(200, """{"id":"v1","status":"completed"}""");
        scripted.App.Time.Advance(Poll);
        Assert.Equal("completed", (await scripted.App.GetAsync("v1/videos/" + id))["status"]!.GetValue<string>());
        return id;
    }

    private static (string, int) StateOf(System.Text.Json.Nodes.JsonObject video) =>
        (video["status"]!.GetValue<string>(), video["progress"]!.GetValue<int>());
}
