using RemixProxy.FunctionalTests.Kit;
using RemixProxy.FunctionalTests.Telemetry;

namespace RemixProxy.FunctionalTests.Jobs;

/// <summary>OpenAI-compatible servers that say it otherwise. What each answer means stands on the golden pages; here a job goes its whole way.</summary>
public class OtherWordsTests
{
    [Theory]
    [InlineData("""{"id":"t1"}""", """{"id":"t1","status":"SUCCESS"}""", "completed", null)]
    [InlineData("""{"task_id":"t1"}""", """{"id":"t1","done":true}""", "completed", null)]
    [InlineData("""{"code":0,"data":{"id":"t1"}}""", """{"code":0,"message":"ok","data":{"status":"Ready"}}""", "completed", null)]
    [InlineData("""{"request_id":"t1"}""", """{"status":true}""", "completed", null)]
    [InlineData("""{"video_id":"t1"}""", """{"status":"FAILURE","fail_reason":"Out of memory."}""", "failed", "Out of memory.")]
    [InlineData("""{"id":"t1"}""", """{"status":"timeout","message":"Took too long."}""", "failed", "Took too long.")]
    [InlineData("""{"id":"t1"}""", """{"error":{"message":"Out of memory."}}""", "failed", "Out of memory.")]
    public async Task A_job_ends_by_any_usual_word(string created, string polled, string status, string? reason)
    {
        await using var scripted = await ScriptedApp.StartAsync();
        scripted.Says(200, created);
        var id = (await scripted.App.CreateAsync("openai/wan-2.2", "A boat")).Id;
        Assert.Equal("t1:openai", id);
        scripted.Says(200, polled);
        scripted.App.Time.Advance(TimeSpan.FromSeconds(6));
        var video = await scripted.App.GetAsync("v1/videos/" + id);
        Assert.Equal((status, reason), (video["status"]!.GetValue<string>(), video["error"]?["message"]?.GetValue<string>()));
    }

    [Theory]
    [InlineData("""{"error":{"message":"No credit."},"request_id":"r1"}""")]
    [InlineData("""{"code":1001,"message":"No credit.","data":null}""")]
    public async Task An_error_without_an_id_is_doubt_and_its_reason_is_told(string created)
    {
        await using var scripted = await ScriptedApp.StartAsync();
        scripted.Says(200, created);
        Assert.Contains("No credit.", (await scripted.App.CreateAsync("openai/wan-2.2", "A boat")).Error(424, "submission_unknown"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_word_stays_in_progress_is_counted_and_reaches_the_log_once()
    {
        await using var scripted = await ScriptedApp.StartAsync();
        using var instruments = new Instruments(scripted.App);
        scripted.Says(200, """{"id":"t1","status":"marinating"}""");
        var id = (await scripted.App.CreateAsync("openai/wan-2.2", "A boat")).Id;
        for (var i = 0; i < 3; i++)
        {
            scripted.App.Time.Advance(TimeSpan.FromSeconds(6));
            Assert.Equal("in_progress", (await scripted.App.GetAsync("v1/videos/" + id))["status"]!.GetValue<string>());
        }

        Assert.Single(scripted.App.Log, line => line.Contains("marinating", StringComparison.Ordinal));
        Assert.Equal(["openai 4"], instruments.Sums("status.unknown"));
    }
}
