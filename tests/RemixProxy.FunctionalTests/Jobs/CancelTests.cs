using System.Text.Json.Nodes;
using RemixProxy.FunctionalTests.Kit;
using RemixProxy.FunctionalTests.Telemetry;
using RemixProxy.FunctionalTests.Walks;

namespace RemixProxy.FunctionalTests.Jobs;

/// <summary>A cancelled video is failed for good; what can't be cancelled goes on.</summary>
public class CancelTests
{
    [Theory]
    [InlineData("gemini", "POST")]
    [InlineData("runway", "DELETE")]
    [InlineData("ark", "DELETE")]
    public async Task An_unfinished_video_is_stopped_upstream_and_stays_so(string provider, string method)
    {
        await using var app = await ProxyApp.StartAsync();
        using var measured = new Instruments(app);
        var id = (await app.CreateAsync(FinishedVideos.ModelOf(provider), "SLOW boat")).Id;
        var cancelled = (await CancelAsync(app, id)).Ok();
        Assert.Equal(method, app.Sandbox.Requests[^1].Method);
        Assert.Equal((id, "failed", "cancelled"), (Text(cancelled, "id"), Text(cancelled, "status"), Text(cancelled["error"]!, "code")));
        Assert.Equal(("SLOW boat", "video_cancel"), (Text(cancelled, "prompt"), Text(cancelled["extra_fields"]!, "request_type")));

        app.Time.Advance(TimeSpan.FromMinutes(5));
        var later = await app.GetAsync("v1/videos/" + id);
        Assert.Equal(("failed", "cancelled"), (Text(later, "status"), Text(later["error"]!, "code")));
        Assert.Equal([id], await app.ListAsync());
        (await app.CallAsync("GET", $"v1/videos/{id}/content")).Error(409, "video_failed", "video_id");
        (await app.CallAsync("POST", $"v1/videos/{id}/remix", new { prompt = "x" })).Error(409, "video_failed", "video_id");
        var before = app.Sandbox.Requests.Count;
        Assert.Equal("cancelled", Text((await CancelAsync(app, id)).Ok()["error"]!, "code"));
        Assert.Equal(before, app.Sandbox.Requests.Count);
        Assert.Equal([$"{provider} failed 1"], measured.Sums("jobs"));
    }

    [Theory]
    [InlineData("luma")]
    [InlineData("openai")]
    [InlineData("xai")]
    [InlineData("kling")]
    public async Task One_whose_provider_has_no_cancel_goes_on(string provider)
    {
        await using var app = await ProxyApp.StartAsync();
        var id = (await app.CreateAsync(FinishedVideos.ModelOf(provider), "A boat")).Id;
        var message = (await CancelAsync(app, id)).Error(400, "unsupported_operation", "video_id");
        Assert.Equal($"{provider} can't cancel videos. These can: ark, fal, gemini, replicate, runway, vertex.", message);
        Assert.Equal("completed", Text(await app.FinishAsync(id), "status"));
    }

    [Theory]
    [MemberData(nameof(WalkTests.Models), MemberType = typeof(WalkTests))]
    public async Task A_finished_one_is_answered_as_it_is(string model)
    {
        await using var app = await ProxyApp.StartAsync();
        var id = (await app.PostAsync("v1/videos", new { model, prompt = "A boat" }))["id"]!.GetValue<string>();
        // Nobody has seen it end: a cancel that trusted its last state would delete it at runway.
        app.Time.Advance(TimeSpan.FromSeconds(59));
        var video = (await CancelAsync(app, id)).Ok();
        Assert.Equal("completed", Text(video, "status"));
        Assert.NotEmpty(video["videos"]!.AsArray());
        await app.BytesAsync($"v1/videos/{id}/content");
        Assert.DoesNotContain(app.Sandbox.Requests, r => r.Method == "DELETE" || r.PathAndQuery.EndsWith("/cancel", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(400, """{"error":{"code":"invalid_request","message":"Only queued ones can be cancelled."}}""")]
    [InlineData(404, "{}")]
    [InlineData(405, "{}")]
    [InlineData(409, """{"error":{"code":"conflict","message":"It is rendering."}}""")]
    [InlineData(501, "{}")]
    public async Task One_that_the_provider_refuses_to_cancel_goes_on(int status, string body)
    {
        var upstream = new Upstream();
        await using var app = await ProxyApp.StartAsync(new() { Sandbox = upstream.Sandbox });
        foreach (var provider in new[] { "gemini", "openai", "runway" })
        {
            var id = (await app.CreateAsync(FinishedVideos.ModelOf(provider), "A boat")).Id;
            upstream.On(provider, IsCancel, Upstream.Answers(status, body));
            var message = (await CancelAsync(app, id)).Error(400, "unsupported_operation", "video_id");
            Assert.Contains("These can: ark, fal, gemini, replicate, runway, vertex.", message, StringComparison.Ordinal);
            upstream.Heal();
            Assert.Equal("completed", Text(await app.FinishAsync(id), "status"));
        }
    }

    [Theory]
    [InlineData(401, 502, "provider_auth_failed")]
    [InlineData(429, 429, "rate_limit_exceeded")]
    [InlineData(500, 502, "provider_error")]
    public async Task An_error_of_the_provider_is_that_error_and_the_video_goes_on(int status, int answer, string code)
    {
        var upstream = new Upstream();
        await using var app = await ProxyApp.StartAsync(new() { Sandbox = upstream.Sandbox });
        foreach (var provider in new[] { "gemini", "openai", "runway" })
        {
            var id = (await app.CreateAsync(FinishedVideos.ModelOf(provider), "A boat")).Id;
            upstream.On(provider, IsCancel, Upstream.Answers(status));
            (await CancelAsync(app, id)).AssertError(answer, code);
            upstream.Heal();
            Assert.Equal("completed", Text(await app.FinishAsync(id), "status"));
        }
    }

    [Theory]
    [MemberData(nameof(WalkTests.Models), MemberType = typeof(WalkTests))]
    public async Task An_unknown_or_deleted_one_is_404(string model)
    {
        await using var app = await ProxyApp.StartAsync();
        (await CancelAsync(app, "v1_nobodyknowsthis:" + model.Split('/')[0])).Error(404, "video_not_found", "video_id");
        (await CancelAsync(app, "x:nobody")).Error(404, "provider_not_found", "video_id");
        var id = Text(await app.PostAsync("v1/videos", new { model, prompt = "A boat" }), "id");
        (await app.SendAsync(HttpMethod.Delete, "v1/videos/" + id)).Ok();
        var before = app.Sandbox.Requests.Count;
        (await CancelAsync(app, id)).Error(404, "video_not_found", "video_id");
        Assert.Equal(before, app.Sandbox.Requests.Count);
    }

    [Theory]
    [InlineData("gemini")]
    [InlineData("runway")]
    [InlineData("ark")]
    public async Task One_that_this_process_never_saw_is_cancelled_too(string provider)
    {
        await using var before = await ProxyApp.StartAsync();
        var id = (await before.CreateAsync(FinishedVideos.ModelOf(provider), "SLOW boat")).Id;
        await using var after = await ProxyApp.StartAsync(new()
        {
            Settings = new() { [$"RemixProxy:Providers:{provider}:BaseUrl"] = before.Sandbox.BaseUrl(provider, provider) },
        });
        Assert.Equal("cancelled", Text((await CancelAsync(after, id)).Ok()["error"]!, "code"));
        before.Time.Advance(TimeSpan.FromSeconds(10));
        var video = await before.GetAsync("v1/videos/" + id);
        Assert.Equal(("failed", "cancelled"), (Text(video, "status"), Text(video["error"]!, "code")));
    }

    [Theory]
    [InlineData("gemini")]
    [InlineData("runway")]
    public async Task A_poll_that_was_under_way_does_not_revive_it(string provider)
    {
        var upstream = new Upstream();
        await using var app = await ProxyApp.StartAsync(new() { Sandbox = upstream.Sandbox });
        using var measured = new Instruments(app);
        var id = (await app.CreateAsync(FinishedVideos.ModelOf(provider), "SLOW boat")).Id;
        app.Time.Advance(TimeSpan.FromSeconds(20));
        var gate = new Gate();
        var cancel = new Gate();
        upstream.On(provider, _ => true, (http, next) => (IsCancel(http.Request) ? cancel : gate).HoldAsync(http, next));
        var cancelling = CancelAsync(app, id);
        await gate.Arrived;
        gate.Open();
        await cancel.Arrived;
        // A poll that begins before the cancel and ends after it.
        app.Time.Advance(TimeSpan.FromSeconds(20));
        var late = new Gate();
        upstream.On(provider, _ => true, async (http, next) =>
        {
            http.Response.Headers["x-late"] = "true";
            http.Response.ContentType = "application/json";
            await late.HoldAsync(http, c => Upstream.Answers(200, provider == "gemini"
                ? """{"id":"x","status":"in_progress","steps":[]}"""
                : """{"id":"x","status":"RUNNING","progress":0.5}""")(c, next));
        });
        var polling = app.GetAsync("v1/videos/" + id);
        await late.Arrived;
        cancel.Open();
        Assert.Equal("failed", Text((await cancelling).Ok(), "status"));
        late.Open();
        Assert.Equal("failed", Text(await polling, "status"));
        Assert.Equal("failed", Text(await app.GetAsync("v1/videos/" + id), "status"));
        Assert.Equal([$"{provider} failed 1"], measured.Sums("jobs"));
    }

    [Theory]
    [InlineData("gemini")]
    [InlineData("runway")]
    [InlineData("ark")]
    public async Task Two_cancels_at_one_time_are_answered_alike(string provider)
    {
        await using var app = await ProxyApp.StartAsync();
        using var measured = new Instruments(app);
        var id = (await app.CreateAsync(FinishedVideos.ModelOf(provider), "SLOW boat")).Id;
        foreach (var reply in await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => CancelAsync(app, id))))
            Assert.Equal("cancelled", Text(reply.Ok()["error"]!, "code"));
        Assert.Equal([$"{provider} failed 1"], measured.Sums("jobs"));
    }

    [Fact]
    public async Task One_that_its_provider_can_stop_only_before_it_runs_goes_on_and_nothing_is_deleted()
    {
        await using var app = await ProxyApp.StartAsync();
        var id = (await app.CreateAsync(FinishedVideos.ModelOf("ark"), "SLOW boat")).Id;
        app.Time.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal(
            "ark did not cancel the video, which goes on: A task can be cancelled only before it runs. These can: ark, fal, gemini, replicate, runway, vertex.",
            (await CancelAsync(app, id)).Error(400, "unsupported_operation", "video_id"));
        Assert.DoesNotContain(app.Sandbox.Requests, r => r.Method == "DELETE");
        app.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("completed", Text(await app.GetAsync("v1/videos/" + id), "status"));
    }

    [Fact]
    public async Task A_cancelled_one_can_be_deleted_where_the_provider_keeps_it()
    {
        await using var app = await ProxyApp.StartAsync();
        var id = (await app.CreateAsync(FinishedVideos.ModelOf("ark"), "SLOW boat")).Id;
        (await CancelAsync(app, id)).Ok();
        (await app.SendAsync(HttpMethod.Delete, "v1/videos/" + id)).Ok();
        Assert.Single(app.Sandbox.Requests, r => r.Method == "DELETE");
        (await app.CallAsync("GET", "v1/videos/" + id)).Error(404, "video_not_found", "video_id");
    }

    [Fact]
    public async Task A_cancelled_one_leaves_the_cache()
    {
        await using var app = await ProxyApp.StartAsync(new() { Settings = new() { ["RemixProxy:Cache:Mode"] = "Exact" } });
        var first = (await app.CreateAsync("runway/gen4.5", "SLOW boat")).Id;
        Assert.Equal(first, (await app.CreateAsync("runway/gen4.5", "SLOW boat")).Id);
        (await CancelAsync(app, first)).Ok();
        Assert.NotEqual(first, (await app.CreateAsync("runway/gen4.5", "SLOW boat")).Id);
    }

    [Fact]
    public async Task Models_say_who_can()
    {
        await using var app = await ProxyApp.StartAsync();
        foreach (var model in (await app.GetAsync("v1/models"))["data"]!.AsArray())
        {
            var can = model!["capabilities"]!["operations"]!.AsArray().Any(o => o!.GetValue<string>() == "cancel");
            Assert.Equal(Text(model, "owned_by") is "ark" or "fal" or "gemini" or "replicate" or "runway" or "vertex", can);
        }
    }

    private static Task<Reply> CancelAsync(ProxyApp app, string id) => app.CallAsync("POST", $"v1/videos/{id}/cancel");

    private static bool IsCancel(Microsoft.AspNetCore.Http.HttpRequest request) =>
        request.Method == "DELETE" || request.Path.Value!.EndsWith("/cancel", StringComparison.Ordinal);

    private static string Text(JsonNode node, string name) => node[name]!.GetValue<string>();
}
