using System.Text.Json.Nodes;
using RemixProxy.FunctionalTests.Kit;

namespace RemixProxy.FunctionalTests.Jobs;

/// <summary>A poll that a provider refuses for a reason of its own says nothing of the job, which goes on.</summary>
public class RefusedPollTests
{
    private const string Words = "Multiple authentication credentials received. Please pass only one.";
    private const string Refusal = $$$"""{"error":{"message":"{{{Words}}}","code":"invalid_request"}}""";

    private readonly Upstream _upstream = new();

    [Fact]
    public async Task Geminis_400_leaves_the_job_in_its_last_state_and_is_asked_again_at_the_interval()
    {
        await using var app = await ProxyApp.StartAsync(new() { Sandbox = _upstream.Sandbox });
        var created = await app.CreateAsync("gemini/gemini-omni-1.1-flash", "A boat");
        var (id, last) = (created.Id, Status(created.Json));
        _upstream.On("gemini", r => r.Method == "GET", Upstream.Answers(400, Refusal));
        for (var i = 1; i <= 3; i++)
        {
            app.Time.Advance(TimeSpan.FromSeconds(5));
            for (var again = 0; again < 3; again++) Assert.Equal(last, Status(await app.GetAsync("v1/videos/" + id)));
            Assert.Equal(i, app.Sandbox.Requests.Count(r => r.Method == "GET"));
        }

        (await app.CallAsync("GET", $"v1/videos/{id}/content")).Error(409, "video_not_ready", "video_id");
        _upstream.Heal();
        Assert.Equal("completed", Status(await app.FinishAsync(id)));
    }

    [Fact]
    public async Task Geminis_400_ends_the_job_when_its_time_is_up()
    {
        await using var app = await ProxyApp.StartAsync(new()
        {
            Sandbox = _upstream.Sandbox, Settings = { ["RemixProxy:Providers:gemini:JobTimeout"] = "00:10:00" },
        });
        var created = await app.CreateAsync("gemini/gemini-omni-1.1-flash", "A boat");
        var (id, last) = (created.Id, Status(created.Json));
        _upstream.On("gemini", r => r.Method == "GET", Upstream.Answers(400, Refusal));
        app.Time.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(last, Status(await app.GetAsync("v1/videos/" + id)));
        app.Time.Advance(TimeSpan.FromSeconds(10));
        var video = await app.GetAsync("v1/videos/" + id);
        Assert.Equal("failed", Status(video));
        Assert.Equal($$"""{"code":"expired","message":"{{Words}}"}""", video["error"]!.ToJsonString());
        _upstream.Heal();
        Assert.Equal("failed", Status(await app.GetAsync("v1/videos/" + id)));
    }

    [Fact]
    public async Task Geminis_400_for_a_video_that_nobody_remembers_is_an_error()
    {
        await using var app = await ProxyApp.StartAsync(new() { Sandbox = _upstream.Sandbox });
        _upstream.On("gemini", r => r.Method == "GET", Upstream.Answers(400, Refusal));
        Assert.Contains(Words, (await app.CallAsync("GET", "v1/videos/v1_never:gemini")).Error(502, "provider_error"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(402)]
    [InlineData(403)]
    [InlineData(409)]
    [InlineData(422)]
    [InlineData(429)]
    public async Task No_refusal_of_a_poll_fails_a_job(int status)
    {
        await using var app = await ProxyApp.StartAsync(new() { Sandbox = _upstream.Sandbox });
        foreach (var provider in FinishedVideos.Providers)
        {
            var id = (await app.CreateAsync(FinishedVideos.ModelOf(provider), "A boat")).Id;
            _upstream.On(provider, TestedProviders.IsPoll, Upstream.Answers(status, """{"error":{"message":"API key not valid","code":"invalid"}}"""));
            app.Time.Advance(TimeSpan.FromSeconds(30));
            Assert.NotEqual(200, (await app.CallAsync("GET", "v1/videos/" + id)).Status);
            _upstream.Heal();
            Assert.Equal("completed", Status(await app.FinishAsync(id)));
        }
    }

    private static string Status(JsonNode video) => video["status"]!.GetValue<string>();
}
