using RemixProxy.FunctionalTests.Kit;

namespace RemixProxy.FunctionalTests.Access;

/// <summary>Open mode: this machine may call, a web page of a stranger may not.</summary>
public class OpenAccessTests
{
    [Theory]
    [InlineData("Sec-Fetch-Site", "cross-site", false)]
    [InlineData("Sec-Fetch-Site", "same-origin", true)]
    [InlineData("Sec-Fetch-Site", "none", true)]
    [InlineData("Origin", "https://evil.example", false)]
    [InlineData("Origin", "null", false)]
    [InlineData("Origin", "http://localhost.evil.example", false)]
    [InlineData("Origin", "http://localhost:3000", true)]
    [InlineData("Origin", "http://127.0.0.1:3000", true)]
    [InlineData("Origin", "http://[::1]", true)]
    [InlineData("Origin", "https://videos.example", false)]
    [InlineData("Host", "evil.example", false)]
    [InlineData("Host", "evil.example:8080", false)]
    [InlineData("Host", "127.0.0.1.evil.example", false)]
    [InlineData("Host", "10.0.0.1", false)]
    [InlineData("Host", "localhost", true)]
    [InlineData("Host", "LOCALHOST:1234", true)]
    [InlineData("Host", "[::1]:80", true)]
    public async Task A_web_page_of_a_stranger_spends_nobody_s_money(string header, string value, bool served)
    {
        await using var app = await ProxyApp.StartAsync();
        await CheckAsync(app, served, (header, value));
    }

    [Theory]
    [InlineData("Origin", "https://videos.example", true)]
    [InlineData("Origin", "http://videos.example", false)]
    [InlineData("Origin", "https://videos.example:444", false)]
    [InlineData("Host", "videos.example", true)]
    [InlineData("Host", "other.example", false)]
    public async Task PublicBaseUrl_is_a_name_of_ours(string header, string value, bool served)
    {
        await using var app = await ProxyApp.StartAsync(new() { Settings = { ["RemixProxy:PublicBaseUrl"] = "https://videos.example/" } });
        await CheckAsync(app, served, (header, value));
    }

    [Theory]
    [InlineData("Host", "anything.example", true)]
    [InlineData("Origin", "https://anything.example", false)]
    [InlineData("Sec-Fetch-Site", "cross-site", false)]
    public async Task AllowAnonymous_opens_to_any_host_and_to_no_page(string header, string value, bool served)
    {
        await using var app = await ProxyApp.StartAsync(new() { Settings = { ["RemixProxy:AllowAnonymous"] = "true" } });
        await CheckAsync(app, served, (header, value));
    }

    private static async Task CheckAsync(ProxyApp app, bool served, (string, string) header)
    {
        var create = await app.CreateAsync("openai/sora-2", "x", header);
        if (served)
        {
            _ = create.Id;
            Assert.Equal(200, (await app.CallAsync("GET", "v1/videos", null, header)).Status);
            return;
        }

        create.AssertError(403, "not_allowed");
        foreach (var path in new[] { "v1/videos", "v1/models", "v1/videos/x:openai", "v1/videos/x:openai/content" })
            (await app.CallAsync("GET", path, null, header)).AssertError(403, "not_allowed");
        Assert.Empty(app.Sandbox.Requests);
    }
}
