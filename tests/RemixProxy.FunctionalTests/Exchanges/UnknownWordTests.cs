using System.Text.Json;
using RemixProxy.FunctionalTests.Kit;

namespace RemixProxy.FunctionalTests.Exchanges;

/// <summary>A provider's word for a job's state that no rule knows: the operator is told the word, and never a sentence, which may quote the prompt.</summary>
public class UnknownWordTests
{
    [Theory]
    [InlineData("warming-up", "'warming-up'")]
    [InlineData("TASK_STATE_WARMING", "'TASK_STATE_WARMING'")]
    [InlineData("Drawing a heron on a pier", "'(a text of 25 characters)'")]
    [InlineData("heron,on,a,pier", "'(a text of 15 characters)'")]
    [InlineData("secret-openai", "'(a text of 13 characters)'")]
    public async Task Word_is_logged_and_a_sentence_is_not(string word, string logged)
    {
        await using var scripted = await ScriptedApp.StartAsync();
        scripted.Says(200, JsonSerializer.Serialize(new { id = "video_1", status = word }));

        var video = await scripted.App.PostAsync("v1/videos", new { model = "openai/wan-2", prompt = "a heron on a pier" });

        Assert.Equal("in_progress", video["status"]!.GetValue<string>());

        Assert.Contains(scripted.App.Log, line => line.Contains("openai says " + logged, StringComparison.Ordinal));
        Assert.DoesNotContain(scripted.App.Log, line => line.Contains("heron", StringComparison.Ordinal) || line.Contains("secret-", StringComparison.Ordinal));
    }
}
