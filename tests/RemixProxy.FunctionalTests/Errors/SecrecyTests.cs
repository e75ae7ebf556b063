using Microsoft.AspNetCore.Http;
using RemixProxy.FunctionalTests.Kit;

namespace RemixProxy.FunctionalTests.Errors;

/// <summary>No key, upstream address or prompt where it doesn't belong.</summary>
public class SecrecyTests
{
    private const string Prompt = "A heron on a pier, marker-71c9";

    [Fact]
    public async Task Errors_hold_no_key_or_address_and_logs_no_key_or_prompt()
    {
        var upstream = new Upstream();
        await using var app = await ProxyApp.StartAsync(new() { Sandbox = upstream.Sandbox });
        var address = app.Sandbox.Address;
        var replies = new List<Reply>();
        foreach (var type in FaultyProviders.Types)
        {
            upstream.Heal();
            var id = (await app.CreateAsync(FaultyProviders.ModelOf(type), Prompt)).Id;
            // The provider repeats all that it was sent, and says where it was.
            var told = $"The key secret-{type} of {address} ({address.Authority}, {address.Host}, https://cdn.internal/x?sig=secret-{type}) was not enough for {Prompt}";
            Func<HttpContext, RequestDelegate, Task>[] faults =
            [
                .. new[] { 302, 400, 401, 404, 409, 429, 500 }.Select(
                    status => Upstream.Answers(status, Body(type, told), headers: ("Location", address.AbsoluteUri + "secret-" + type))),
                Upstream.Answers(400, told, "text/plain"),
                Upstream.Answers(200, told),
                Upstream.Drops,
                Upstream.BreaksOff,
            ];
            foreach (var fault in faults)
            {
                upstream.On(type, _ => true, fault);
                replies.Add(await app.CreateAsync(FaultyProviders.ModelOf(type), $"{Prompt} {replies.Count}"));
                app.Time.Advance(TimeSpan.FromMinutes(1));
                replies.Add(await app.CallAsync("GET", "v1/videos/" + id));
                replies.Add(await app.CallAsync("POST", $"v1/videos/{id}/remix", new { prompt = Prompt }));
                replies.Add(await app.CallAsync("GET", $"v1/videos/{id}/content"));
                if (TestedProviders.Find(type).Deletes) replies.Add(await app.CallAsync("DELETE", "v1/videos/nobody:" + type));
            }
        }

        replies.Add(await app.CallAsync("POST", "v1/videos", $$"""{"prompt":"{{Prompt}}","model":"no-such","secret":"marker-71c9"}"""));
        replies.Add(await app.CallAsync("POST", "v1/videos", $$"""{"prompt":"{{Prompt}}"""));

        var errors = replies.Where(r => r.Status != 200).ToArray();
        Assert.InRange(errors.Length, replies.Count / 2, replies.Count);
        foreach (var reply in errors)
        {
            var whole = reply.Text + string.Join('\n', reply.Headers.Values);
            Assert.DoesNotContain("secret-", whole, StringComparison.Ordinal);
            Assert.DoesNotContain(address.Host, whole, StringComparison.Ordinal);
            Assert.DoesNotContain(address.Port.ToString(), whole, StringComparison.Ordinal);
            Assert.DoesNotContain("cdn.internal", whole, StringComparison.Ordinal);
        }

        Assert.NotEmpty(app.Log);
        Assert.All(app.Log, line =>
        {
            Assert.DoesNotContain("secret-", line, StringComparison.Ordinal);
            Assert.DoesNotContain("marker-71c9", line, StringComparison.Ordinal);
        });
    }

    /// <summary>A provider that names the key where a name stands: no caller and no log learns it, and a job without another name is in doubt.</summary>
    [Fact]
    public async Task Names_that_hold_the_key_count_as_unsaid()
    {
        const string Key = "sk-live-0123456789abcdef";
        await using var scripted = await ScriptedApp.StartAsync(new() { ["RemixProxy:Providers:openai:ApiKey"] = Key });
        var app = scripted.App;

        scripted.Says(200, $$"""{"id":"video_1","status":"queued","model":"{{Key}}","prompt":"{{Key}}","seconds":"4","remixed_from_video_id":"x{{Key}}"}""");
        var video = (await app.CreateAsync("openai/wan-2", "A boat")).Ok();
        Assert.Equal(("wan-2", null), (video["model"]!.GetValue<string>(), video["remixed_from_video_id"]));

        scripted.Says(200, $$"""{"id":"video_{{Key}}","status":"queued"}""");
        (await app.CreateAsync("openai/wan-2", "Another boat")).AssertError(424, "submission_unknown");

        // A short one may be a part of a good name.
        await using var other = await ScriptedApp.StartAsync(new() { ["RemixProxy:Providers:openai:ApiKey"] = "video" });
        other.Says(200, """{"id":"video_1","status":"queued"}""");
        Assert.Equal("video_1:openai", (await other.App.CreateAsync("openai/wan-2", "A boat")).Id);
        Assert.DoesNotContain(app.Log, line => line.Contains(Key, StringComparison.Ordinal));
    }

    private static string Body(string type, string text) => FaultyProviders.Refused(type, text);
}
