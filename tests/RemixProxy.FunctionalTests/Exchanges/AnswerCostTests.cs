using System.Text;
using Microsoft.AspNetCore.Http;
using RemixProxy.FunctionalTests.Kit;

namespace RemixProxy.FunctionalTests.Exchanges;

/// <summary>Native answers are bounded by what they cost, and a long one waits for its turn.</summary>
public class AnswerCostTests
{
    private const string Done = """{"id":"video_1","object":"video","status":"queued","model":"wan-2","more":"@"}""";

    [Fact]
    public async Task Long_answers_are_read_one_after_another_and_a_paid_id_is_not_dropped()
    {
        await using var scripted = await ScriptedApp.StartAsync(new() { ["RemixProxy:Limits:MaxAnswerBytes"] = "1000000" });
        var (gate, first) = (new TaskCompletionSource(), new TaskCompletionSource());
        var long1 = Done.Replace("@", new(' ', 900_000), StringComparison.Ordinal);
        scripted.Answer = async (seen, http) =>
        {
            var id = scripted.Submits.Count;
            http.Response.ContentType = "application/json";
            var text = long1.Replace("video_1", $"video_{id}", StringComparison.Ordinal);
            http.Response.ContentLength = text.Length;
            await http.Response.WriteAsync(text[..200_000]);
            await http.Response.Body.FlushAsync();
            // The first one stays in the middle of its answer.
            if (first.TrySetResult()) await gate.Task;
            await http.Response.WriteAsync(text[200_000..]);
        };
        var held = scripted.App.CreateAsync("openai/wan-2", "one");
        await first.Task;
        // So the proxy has read more than 64 KiB of it by the time the second has come so far.
        var waiting = scripted.App.CreateAsync("openai/wan-2", "two");
        // A short one passes.
        while (scripted.Submits.Count < 2) await Task.Delay(20, TestContext.Current.CancellationToken);
        Assert.NotSame(waiting, await Task.WhenAny(waiting, Task.Delay(500, TestContext.Current.CancellationToken)));
        gate.SetResult();
        Assert.Equal(["video_1:openai", "video_2:openai"], new[] { (await held).Id, (await waiting).Id });
    }

    [Fact]
    public async Task An_answer_of_many_small_values_is_unreadable_before_it_is_parsed()
    {
        await using var scripted = await ScriptedApp.StartAsync();
        scripted.Says(200, Done);
        var id = (await scripted.App.CreateAsync("openai/wan-2", "one")).Id;
        scripted.App.Time.Advance(TimeSpan.FromMinutes(1));
        scripted.Says(200, $$"""{"id":"video_1","status":"completed","x":[{{string.Join(',', Enumerable.Repeat("{}", 100_001))}}]}""");
        (await scripted.App.CallAsync("GET", "v1/videos/" + id)).AssertError(502, "provider_error");

        // A few less are read.
        scripted.App.Time.Advance(TimeSpan.FromMinutes(1));
        scripted.Says(200, $$"""{"id":"video_1","status":"in_progress","x":[{{string.Join(',', Enumerable.Repeat("{}", 90_000))}}]}""");
        Assert.Equal("in_progress", (await scripted.App.GetAsync("v1/videos/" + id))["status"]!.GetValue<string>());
    }

    [Fact]
    public async Task What_a_provider_echoes_is_remembered_within_bounds()
    {
        await using var scripted = await ScriptedApp.StartAsync();
        var word = new string('w', 100_000);
        scripted.Says(200, $$$"""
            {"id":"video_1","object":"video","status":"failed","model":"{{{word}}}","prompt":"{{{word}}}","size":"{{{word}}}","seconds":"{{{word}}}",
             "remixed_from_video_id":"{{{word}}}","error":{"code":"{{{word}}}","message":"{{{word}}}"}}
            """);
        var made = (await scripted.App.CreateAsync("openai/wan-2", "one")).Ok();
        Assert.Equal(("wan-2", "one"), (made["model"]!.GetValue<string>(), made["prompt"]!.GetValue<string>()));
        Assert.True(made.ToJsonString().Length < 3_000);
        var met = await scripted.App.GetAsync("v1/videos/video_2:openai");
        Assert.True(Encoding.UTF8.GetByteCount(met.ToJsonString()) < 40_000);
    }
}
