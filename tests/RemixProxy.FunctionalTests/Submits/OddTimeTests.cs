using RemixProxy.FunctionalTests.Kit;

namespace RemixProxy.FunctionalTests.Submits;

/// <summary>Providers that name times at the ends of time, or none: the video was paid for all the same.</summary>
public class OddTimeTests
{
    public static TheoryData<string, string> Times => new(
        new[] { "openai", "gemini" }.SelectMany(
            _ => new[]
            {
                "-1", "0", "1", "253402300799", "253402300800", "99999999999", "100000000001", "1e30", "-1e30", "9223372036854775807", "9223372036854775808",
                "\"9999-12-31T23:59:59.9999999Z\"", "\"9999-12-31T23:59:59-14:00\"", "\"0001-01-01T00:00:00Z\"", "\"0001-01-01T00:00:00+14:00\"",
                "\"99999-01-01T00:00:00Z\"", "\"NaN\"", "\"Infinity\"", "\"\"", "null", "true", "[]", "{}",
            },
            (provider, time) => (provider, time)));

    [Theory]
    [MemberData(nameof(Times))]
    public async Task Paid_video_is_answered_logged_and_kept_whatever_its_times_are(string provider, string time)
    {
        var answer = provider == "openai"
            ? $$"""{"id":"paid-1","status":"completed","created_at":{{time}},"completed_at":{{time}},"expires_at":{{time}},"url":"https://cdn.example/x.mp4"}"""
            : $$"""
              {"id":"paid-1","status":"completed","created":{{time}},"updated":{{time}},
              "steps":[{"type":"model_output","content":[{"type":"video","mime_type":"video/mp4","uri":"https://cdn.example/x.mp4"}]}]}
              """;
        var upstream = new Upstream();
        upstream.On(provider, _ => true, Upstream.Answers(200, answer));
        await using var app = await ProxyApp.StartAsync(new() { Sandbox = upstream.Sandbox, Settings = new() { ["RemixProxy:Cache:Mode"] = "Exact" } });

        var created = (await app.CreateAsync(FaultyProviders.ModelOf(provider), "A cat")).Ok();

        Assert.Equal(("paid-1:" + provider, "completed"), (created["id"]!.GetValue<string>(), created["status"]!.GetValue<string>()));
        Assert.Contains(app.Log, line => line.Contains("paid-1:" + provider, StringComparison.Ordinal));
        Assert.Equal("paid-1:" + provider, Assert.Single(await app.ListAsync()));
        (await app.CallAsync("GET", "v1/videos/paid-1:" + provider)).Ok();
        (await app.CreateAsync(FaultyProviders.ModelOf(provider), "A cat")).Ok();
    }
}
