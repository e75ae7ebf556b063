using System.ClientModel;
using System.Security.Cryptography;
using System.Text;
using RemixProxy.FunctionalTests.Kit;
using static RemixProxy.FunctionalTests.Kit.Calls;

namespace RemixProxy.FunctionalTests.Access;

/// <summary>Clients: who may call, and what they may use.</summary>
public class ClientTests
{
    internal const string AnnsKey = "key-of-ann-0123456789";
    internal const string BensKey = "key-of-ben-0123456789";
    internal const string RootsKey = "key-of-root-0123456789";
    private const string Model = "openai/sora-2";

    internal static Dictionary<string, string?> Settings(params IEnumerable<(string Key, string Value)> more)
    {
        var settings = new Dictionary<string, string?>
        {
            ["RemixProxy:Clients:0:Name"] = "ann", ["RemixProxy:Clients:0:Keys:0"] = AnnsKey, ["RemixProxy:Clients:1:Name"] = "ben",
            ["RemixProxy:Clients:1:Keys:0"] = BensKey, ["RemixProxy:Clients:2:Name"] = "root", ["RemixProxy:Clients:2:Keys:0"] = RootsKey,
            ["RemixProxy:Clients:2:Admin"] = "true",
        };
        foreach (var (key, value) in more) settings[key] = value;
        return settings;
    }

    [Theory]
    [InlineData("Authorization", "Bearer " + AnnsKey)]
    [InlineData("Authorization", "bearer " + AnnsKey)]
    [InlineData("x-api-key", AnnsKey)]
    [InlineData("api-key", AnnsKey)]
    [InlineData("Authorization", "Bearer " + BensKey)]
    public async Task A_client_is_known_by_its_key(string header, string value)
    {
        await using var app = await StartAsync();
        var id = (await app.CreateAsync(Model, "A boat", (header, value))).Id;
        Assert.Equal(200, (await app.CallAsync("GET", "v1/videos/" + id, null, (header, value))).Status);
    }

    [Theory]
    [InlineData]
    [InlineData("Authorization", "Bearer wrong-key-0123456789")]
    [InlineData("Authorization", "Bearer " + AnnsKey + "x")]
    [InlineData("Authorization", "Basic " + AnnsKey)]
    [InlineData("Authorization", "Bearer ")]
    [InlineData("x-api-key", "")]
    [InlineData("Authorization", "Bearer " + AnnsKey, "x-api-key", BensKey)]
    [InlineData("Authorization", "Bearer " + AnnsKey, "api-key", "anything-else")]
    public async Task Without_a_key_or_with_two_nobody_gets_in(params string[] headers)
    {
        await using var app = await StartAsync();
        var sent = headers.Chunk(2).Select(h => (h[0], h[1])).ToArray();
        foreach (var (method, path) in new[]
        {
            ("POST", "v1/videos"), ("GET", "v1/videos"), ("GET", "v1/models"), ("GET", "v1/videos/x:openai"), ("DELETE", "v1/videos/x:openai"),
            ("GET", "v1/videos/x:openai/content"), ("POST", "v1/videos/x:openai/remix"), ("GET", "v1/videos/nonsense/x"), ("PUT", "v1/videos"),
        })
        {
            var reply = await app.CallAsync(method, path, method == "POST" ? new { prompt = "x" } : null, sent);
            Assert.DoesNotContain("gemini", reply.Error(401, "invalid_api_key"), StringComparison.Ordinal);
        }

        Assert.Empty(app.Sandbox.Requests);
    }

    [Fact]
    public async Task The_same_key_in_two_headers_is_one_key()
    {
        await using var app = await StartAsync();
        Assert.Equal(200, (await app.CallAsync("GET", "v1/videos", null, ("Authorization", "Bearer " + AnnsKey), ("x-api-key", AnnsKey))).Status);
    }

    [Fact]
    public async Task The_official_client_gets_in_with_its_key_and_sees_why_without()
    {
        await using var app = await StartAsync();
        var id = (await app.CreateAsync(Model, "A boat", As(AnnsKey))).Id;
        var right = app.NewVideoClient(AnnsKey);
        Assert.Equal(200, (await right.GetVideoAsync(id)).GetRawResponse().Status);
        var wrong = await Assert.ThrowsAsync<ClientResultException>(() => app.NewVideoClient("wrong-key-0123456789").GetVideoAsync(id));
        Assert.Equal(401, wrong.Status);
    }

    [Fact]
    public async Task An_id_that_the_store_does_not_know_is_404_and_asks_nobody()
    {
        await using var app = await StartAsync();
        (await app.CallAsync("GET", "v1/videos/task_1:luma", null, As(AnnsKey))).Error(404, "video_not_found", "video_id");
        Assert.Empty(app.Sandbox.Requests);
    }

    [Fact]
    public async Task A_client_sees_and_uses_its_providers_and_models_only()
    {
        await using var app = await StartAsync(
            ("RemixProxy:Clients:1:Providers:0", "luma"), ("RemixProxy:Clients:1:Providers:1", "openai"), ("RemixProxy:Clients:1:Models:0", "mine"),
            ("RemixProxy:Clients:1:Models:1", "luma/ray-3.2"), ("RemixProxy:Models:mine:0", "runway/gen4.5"), ("RemixProxy:Models:mine:1", "openai/sora-2"));
        var ids = (await app.CallAsync("GET", "v1/models", null, As(BensKey))).Ok()["data"]!.AsArray().Select(m => m!["id"]!.GetValue<string>());
        Assert.Equal(["luma/ray-3.2", "mine"], ids.Order(StringComparer.Ordinal));
        Assert.Contains("runway", (await app.CallAsync("GET", "v1/models", null, As(AnnsKey))).Text, StringComparison.Ordinal);

        Assert.EndsWith(":openai", (await app.CreateAsync("mine", "A boat", As(BensKey))).Id, StringComparison.Ordinal);
        Assert.EndsWith(":luma", (await app.CreateAsync("ray-3.2", "A boat", As(BensKey))).Id, StringComparison.Ordinal);
        foreach (var model in new[] { "runway/gen4.5", "gen4.5", "openai/sora-2", "sora-2", "gemini/gemini-omni-1.1-flash", null })
        {
            var message = (await app.CallAsync("POST", "v1/videos", new { model, prompt = "A boat" }, As(BensKey))).Error(403, "not_allowed", "model");
            Assert.Equal(model is not null && model.Contains("runway"), message.Contains("runway"));
        }

        (await app.CreateAsync("nobody/knows", "A boat", As(BensKey))).AssertError(404, "model_not_found");
        Assert.DoesNotContain(
            "gemini", (await app.CallAsync("POST", "v1/videos", new { model = "luma/ray-3.2", prompt = "x", audio = true }, As(BensKey))).Text,
            StringComparison.Ordinal);
        (await app.CallAsync("GET", "v1/models/runway/gen4.5", null, As(BensKey))).Error(404, "model_not_found", "model");
    }

    [Fact]
    public async Task A_remix_needs_a_model_that_the_client_may_use()
    {
        await using var app = await StartAsync(("RemixProxy:Clients:1:Models:0", "openai/sora-2"), ("RemixProxy:Clients:1:Models:1", "luma/ray-3.2"));
        var id = (await app.CreateAsync(Model, "A boat", As(BensKey))).Id;
        await app.FinishAsync(id, As(BensKey));
        Assert.Equal(200, (await app.CallAsync("POST", $"v1/videos/{id}/remix", new { prompt = "x" }, As(BensKey))).Status);
        Assert.Equal(200, (await app.CallAsync("POST", $"v1/videos/{id}/remix", new { prompt = "x", model = "luma/ray-3.2" }, As(BensKey))).Status);
        (await app.CallAsync("POST", $"v1/videos/{id}/remix", new { prompt = "x", model = "runway/aleph2" }, As(BensKey))).Error(403, "not_allowed", "model");
    }

    [Fact]
    public async Task Videos_at_a_provider_that_was_taken_away_can_still_be_read()
    {
        var settings = new ChangeableSettings();
        await using var app = await StartAsync(settings);
        var id = (await app.CreateAsync(Model, "A boat", As(BensKey))).Id;
        settings.Replace(("Clients:1:Providers:0", "luma"));
        await app.FinishAsync(id, As(BensKey));
        Assert.Equal(200, (await app.CallAsync("GET", $"v1/videos/{id}/content", null, As(BensKey))).Status);
        (await app.CreateAsync(Model, "A boat", As(BensKey))).AssertError(403, "not_allowed");
        (await app.CallAsync("GET", "v1/videos/x:openai", null, As(BensKey))).Error(404, "provider_not_found", "video_id");
        (await app.CallAsync("GET", "v1/videos/x:nowhere", null, As(BensKey))).Error(404, "provider_not_found", "video_id");
    }

    [Fact]
    public async Task Keys_are_added_rotated_and_revoked_without_a_restart_and_the_videos_stay()
    {
        var settings = new ChangeableSettings();
        await using var app = await StartAsync(settings);
        var id = (await app.CreateAsync(Model, "A boat", As(AnnsKey))).Id;
        settings.Replace(("Clients:0:Keys:1", "second-key-of-ann-0123"));
        Assert.Equal(200, (await app.CallAsync("GET", "v1/videos/" + id, null, As("second-key-of-ann-0123"))).Status);
        Assert.Equal(200, (await app.CallAsync("GET", "v1/videos/" + id, null, As(AnnsKey))).Status);
        settings.Replace(("Clients:0:Keys:0", "third-key-of-ann-01234"));
        (await app.CallAsync("GET", "v1/videos/" + id, null, As(AnnsKey))).AssertError(401, "invalid_api_key");
        Assert.Equal(200, (await app.CallAsync("GET", "v1/videos/" + id, null, As("third-key-of-ann-01234"))).Status);
    }

    [Fact]
    public async Task A_key_may_stand_in_the_configuration_as_its_hash()
    {
        var hash = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes("hashed-key-0123456789")));
        await using var app = await StartAsync(("RemixProxy:Clients:1:KeysSha256:0", hash));
        Assert.Equal(200, (await app.CallAsync("GET", "v1/videos", null, As("hashed-key-0123456789"))).Status);
    }

    [Fact]
    public async Task An_admin_reads_every_clients_videos_and_changes_only_its_own()
    {
        await using var app = await StartAsync();
        var id = (await app.CreateAsync(Model, "A boat", As(AnnsKey))).Id;
        await app.FinishAsync(id, As(AnnsKey));
        Assert.Single((await app.CallAsync("GET", "v1/videos?client=ann", null, As(RootsKey))).Ok()["data"]!.AsArray());
        Assert.Equal(200, (await app.CallAsync("GET", $"v1/videos/{id}?client=ann", null, As(RootsKey))).Status);
        Assert.Equal(200, (await app.CallAsync("GET", $"v1/videos/{id}/content?client=ann", null, As(RootsKey))).Status);
        (await app.CallAsync("GET", "v1/videos/" + id, null, As(RootsKey))).AssertError(404, "video_not_found");
        (await app.CallAsync("DELETE", $"v1/videos/{id}?client=ann", null, As(RootsKey))).Error(403, "not_allowed", "client");
        (await app.CallAsync("GET", "v1/videos?client=ann", null, As(BensKey))).Error(403, "not_allowed", "client");
        Assert.Single((await app.CallAsync("GET", "v1/videos?client=ann", null, As(AnnsKey))).Ok()["data"]!.AsArray());
    }

    [Fact]
    public async Task Clients_call_from_anywhere_and_under_any_host()
    {
        await using var app = await StartAsync();
        Assert.Equal(200, (await app.CallAsync("GET", "v1/videos", null, As(AnnsKey), ("Host", "videos.example"), ("Sec-Fetch-Site", "cross-site"))).Status);
    }

    [Fact]
    public async Task Any_page_may_call_where_clients_are_configured_and_the_operator_says_so()
    {
        await using var app = await StartAsync(("RemixProxy:Cors:Origins:0", "*"));
        var reply = await app.CallAsync("GET", "v1/videos", null, As(AnnsKey), ("Origin", "https://anything.example"));
        Assert.Equal((200, "https://anything.example"), (reply.Status, reply.Header("Access-Control-Allow-Origin")));
        (await app.CallAsync("GET", "v1/videos", null, ("Origin", "https://anything.example"))).AssertError(401, "invalid_api_key");
    }

    [Fact]
    public async Task An_edit_of_a_file_needs_a_model_that_the_client_may_use()
    {
        await using var app = await StartAsync(("RemixProxy:Clients:1:Models:0", "mine"), ("RemixProxy:Models:mine", "runway/gen4.5"));
        using var form = new MultipartFormDataContent
        {
            { new StringContent("x"), "prompt" }, { new StringContent("mine"), "model" },
            { new ByteArrayContent([1, 2]) { Headers = { ContentType = new("video/mp4") } }, "video", "a.mp4" },
        };
        using var request = new HttpRequestMessage(HttpMethod.Post, "v1/videos/edits") { Content = form };
        request.Headers.Add("Authorization", "Bearer " + BensKey);
        (await app.SendAsync(request)).Error(403, "not_allowed", "model");
        Assert.Empty(app.Sandbox.Requests);
    }

    [Fact]
    public async Task The_answer_does_not_tell_which_providers_there_are()
    {
        await using var app = await StartAsync(("RemixProxy:Clients:1:Providers:0", "luma"));
        var (there, nowhere) = (
            await app.CallAsync("GET", "v1/videos/x:openai", null, As(BensKey)), await app.CallAsync("GET", "v1/videos/x:nowhere", null, As(BensKey)));
        Assert.Equal(nowhere.Text.Replace("nowhere", "openai"), there.Text);
    }

    private static Task<ProxyApp> StartAsync(params (string Key, string Value)[] more) => ProxyApp.StartAsync(new() { Settings = Settings(more) });

    private static Task<ProxyApp> StartAsync(ChangeableSettings settings) => ProxyApp.StartAsync(new() { Settings = Settings(), Changeable = settings });
}
