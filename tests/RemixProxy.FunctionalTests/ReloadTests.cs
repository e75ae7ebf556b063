using System.Net.Http.Json;

namespace RemixProxy.FunctionalTests;

/// <summary>Configuration that changes while the proxy runs.</summary>
public class ReloadTests
{
    private const string Refusal = "Configuration not reloaded";

    [Fact]
    public async Task Providers_come_change_and_go_without_a_restart()
    {
        var settings = new ChangeableSettings();
        await using var app = await ProxyApp.StartAsync(new() { Changeable = settings });
        var wish = new { model = "runway-eu/gen4.5", prompt = "A boat" };
        (await app.SendAsync(HttpMethod.Post, "v1/videos", JsonContent.Create(wish))).Error(404, "model_not_found", "model");

        settings.Replace(Eu("one"));
        var id = (await app.PostAsync("v1/videos", wish))["id"]!.GetValue<string>();
        Assert.EndsWith(":runway-eu", id, StringComparison.Ordinal);
        Assert.Equal("Bearer key-one", app.Sandbox.Requests[^1].Headers["Authorization"]);

        settings.Replace([.. Eu("two"), ("Providers:runway-eu:PollInterval", "00:00:09")]);
        await app.PostAsync("v1/videos", wish);
        Assert.Equal("Bearer key-two", app.Sandbox.Requests[^1].Headers["Authorization"]);
        Assert.Equal((1, 1), (app.Sandbox.SubmitsOf("runway", "one"), app.Sandbox.SubmitsOf("runway", "two")));
        Assert.Equal("9000", (await app.SendAsync(HttpMethod.Get, "v1/videos/" + id)).Headers["openai-poll-after-ms"]);

        settings.Replace();
        (await app.SendAsync(HttpMethod.Post, "v1/videos", JsonContent.Create(wish))).Error(404, "model_not_found", "model");
        (await app.SendAsync(HttpMethod.Get, "v1/videos/" + id)).Error(404, "provider_not_found", "video_id");

        (string, string)[] Eu(string account) =>
            [("Providers:runway-eu:Type", "runway"), ("Providers:runway-eu:BaseUrl", app.Sandbox.BaseUrl("runway", account)), ("Providers:runway-eu:ApiKey", "key-" + account)];
    }

    [Fact]
    public async Task A_wrong_reload_changes_nothing_and_is_logged_once_with_every_key()
    {
        var settings = new ChangeableSettings();
        await using var app = await ProxyApp.StartAsync(new() { Changeable = settings });

        settings.Replace(("DefaultModel", "luma/ray-3.2"), ("Colour", "blue"), ("Providers:strange:Type", "sora"));
        Assert.EndsWith(":gemini", await CreateAsync(app), StringComparison.Ordinal);
        var line = Assert.Single(app.Log, l => l.Contains(Refusal, StringComparison.Ordinal));
        Assert.StartsWith("Error", line, StringComparison.Ordinal);
        Assert.Contains("RemixProxy:Colour", line, StringComparison.Ordinal);
        Assert.Contains("RemixProxy:Providers:strange:Type", line, StringComparison.Ordinal);

        settings.Replace(("DefaultModel", "luma/ray-3.2"));
        Assert.EndsWith(":luma", await CreateAsync(app), StringComparison.Ordinal);
        Assert.Single(app.Log, l => l.Contains(Refusal, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_change_that_needs_a_restart_says_so()
    {
        var settings = new ChangeableSettings();
        await using var app = await ProxyApp.StartAsync(new() { Changeable = settings });
        settings.Replace(("Sandbox", "true"));
        Assert.Single(app.Log, l => l.Contains("RemixProxy:Sandbox needs a restart", StringComparison.Ordinal));
    }

    private static async Task<string> CreateAsync(ProxyApp app) => (await app.PostAsync("v1/videos", new { prompt = "A boat" }))["id"]!.GetValue<string>();
}
