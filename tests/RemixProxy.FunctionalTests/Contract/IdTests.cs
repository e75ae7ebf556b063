using System.Net.Http.Json;
using RemixProxy.FunctionalTests.Kit;

namespace RemixProxy.FunctionalTests.Contract;

/// <summary>Every way in which callers write the id of a video.</summary>
public class IdTests
{
    [Fact]
    public async Task An_id_is_known_percent_encoded_doubled_and_without_its_suffix()
    {
        await using var app = await ProxyApp.StartAsync();
        var id = (await app.PostAsync("v1/videos", new { model = "runway/gen4.5", prompt = "A boat" }))["id"]!.GetValue<string>();
        foreach (var written in new[] { id, id.Replace(":", "%3A"), id.Replace(":", "%3a"), id + ":runway", id + "%3Arunway:runway", id.Split(':')[0] })
            Assert.Equal(id, (await app.GetAsync("v1/videos/" + written))["id"]!.GetValue<string>());
        Assert.Single(app.Sandbox.Requests);
    }

    [Fact]
    public async Task Two_accounts_of_one_kind_keep_their_keys_and_their_videos_apart()
    {
        var settings = new ChangeableSettings();
        await using var app = await ProxyApp.StartAsync(new() { Changeable = settings });
        settings.Replace(("Providers:runway-eu:Type", "runway"), ("Providers:runway-eu:BaseUrl", app.Sandbox.BaseUrl("runway", "eu") + "/v1/"),
            ("Providers:runway-eu:ApiKey", "secret-eu"));

        var home = (await app.CreateFinishedAsync("runway/gen4.5"))["id"]!.GetValue<string>();
        var abroad = (await app.CreateFinishedAsync("runway-eu/gen4.5"))["id"]!.GetValue<string>();
        // Another account of the same kind is another provider: the source goes there by its URL.
        var remix = await app.PostAsync($"v1/videos/{abroad}/remix", new { model = "runway/aleph2", prompt = "make it snow" });

        Assert.EndsWith(":runway", home, StringComparison.Ordinal);
        Assert.EndsWith(":runway-eu", abroad, StringComparison.Ordinal);
        Assert.EndsWith(":runway", remix["id"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal((2, 1), (app.Sandbox.SubmitsOf("runway", "runway"), app.Sandbox.SubmitsOf("runway", "eu")));
        Assert.All(app.Sandbox.Requests,
            r =>
                Assert.Equal(r.PathAndQuery.StartsWith("/runway/eu/", StringComparison.Ordinal) ? "Bearer secret-eu" : "Bearer secret-runway",
                    r.Headers["Authorization"]));
        (await app.SendAsync(HttpMethod.Get, $"v1/videos/{abroad.Replace("-eu", "")}")).Error(404, "video_not_found", "video_id");
    }

    [Fact]
    public async Task Without_its_suffix_an_id_of_two_providers_is_refused()
    {
        var settings = new ChangeableSettings();
        await using var app = await ProxyApp.StartAsync(new() { Changeable = settings });
        // A second name for the same account.
        settings.Replace(("Providers:runway-too:Type", "runway"), ("Providers:runway-too:BaseUrl", app.Sandbox.BaseUrl("runway", "runway")),
            ("Providers:runway-too:ApiKey", "k"));
        var id = (await app.PostAsync("v1/videos", new { model = "runway/gen4.5", prompt = "A boat" }))["id"]!.GetValue<string>();
        await app.GetAsync($"v1/videos/{id}-too");
        (await app.SendAsync(HttpMethod.Get, "v1/videos/" + id.Split(':')[0])).Error(400, "invalid_video_id", "video_id");
    }

    [Fact]
    public async Task An_id_of_any_characters_travels_as_one_encoded_segment()
    {
        await using var app = await ProxyApp.StartAsync();
        // A gateway with slashes in its ids would make such an id. No provider knows this one.
        foreach (var written in new[] { "a%2Fb%2Bc:openai", "a%2fb+c:openai", "~YS9iK2M:openai" })
        {
            (await app.SendAsync(HttpMethod.Get, "v1/videos/" + written)).Error(404, "video_not_found", "video_id");
            Assert.Equal("/openai/openai/v1/videos/a%2Fb%2Bc", app.Sandbox.Requests[^1].PathAndQuery);
        }
    }

    [Theory]
    [InlineData("nobody-knows-this")]
    [InlineData("a b:runway")]
    [InlineData("a%0Ab:runway")]
    [InlineData("..%2Ftasks:runway")]
    [InlineData(":runway")]
    [InlineData("~!:runway")]
    [InlineData("%2E%2E:runway")]
    public async Task What_can_be_no_id_is_400_and_asks_nobody(string written)
    {
        await using var app = await ProxyApp.StartAsync();
        (await app.SendAsync(HttpMethod.Get, $"v1/videos/{written}/content")).Error(400, "invalid_video_id", "video_id");
        (await app.SendAsync(HttpMethod.Post, $"v1/videos/{written}/remix", JsonContent.Create(new { prompt = "x" }))).Error(
            400, "invalid_video_id", "video_id");
        Assert.Empty(app.Sandbox.Requests);
    }

    [Fact]
    public async Task An_endless_id_and_an_unknown_provider_ask_nobody()
    {
        await using var app = await ProxyApp.StartAsync();
        (await app.SendAsync(HttpMethod.Get, $"v1/videos/{new string('a', 510)}:openai")).Error(400, "invalid_video_id", "video_id");
        (await app.SendAsync(HttpMethod.Get, "v1/videos/abc:nobody")).Error(404, "provider_not_found", "video_id");
        Assert.Empty(app.Sandbox.Requests);
    }
}
