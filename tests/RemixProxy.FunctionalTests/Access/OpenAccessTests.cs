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

    /// <summary>As browsers never send it, or as only a browser of a stranger's page does.</summary>
    [Theory]
    [InlineData("Origin: http://localhost|Origin: https://evil.example", false, false)]
    [InlineData("Origin: https://evil.example|Origin: http://localhost", false, false)]
    [InlineData("Origin: http://localhost|Origin: http://localhost", false, false)]
    [InlineData("Origin: http://localhost, https://evil.example", false, false)]
    [InlineData("Origin: http://localhost https://evil.example", false, false)]
    [InlineData("Origin:", false, false)]
    [InlineData("Origin: null", false, false)]
    [InlineData("Origin: ftp://localhost", false, false)]
    [InlineData("Origin: chrome-extension://localhost", false, false)]
    [InlineData("Origin: http://localhost/page", false, false)]
    [InlineData("Origin: http://evil.example@localhost", false, false)]
    [InlineData("Origin: http://localhost%2eevil.example", false, false)]
    [InlineData("Origin: http://127.0.0.1.evil.example", false, false)]
    [InlineData("Origin: http://0.0.0.0:3000", false, false)]
    [InlineData("Origin: https://localhost:3000|Sec-Fetch-Site: cross-site", true, true)]
    [InlineData("Origin: https://listed.example|Sec-Fetch-Site: cross-site", true, true)]
    [InlineData("Origin: http://listed.example|Sec-Fetch-Site: cross-site", false, false)]
    [InlineData("Origin: https://listed.example:444", false, false)]
    [InlineData("Sec-Fetch-Site: same-site", true, true)]
    [InlineData("Sec-Fetch-Site: cross-site|Sec-Fetch-Site: same-origin", false, false)]
    [InlineData("Sec-Fetch-Site: same-origin|Sec-Fetch-Site: cross-site", false, false)]
    [InlineData("Sec-Fetch-Site: cross-site|Sec-Fetch-Site: cross-site", false, false)]
    [InlineData("Sec-Fetch-Site: same-origin, cross-site", false, false)]
    [InlineData("Sec-Fetch-Site: Cross-Site", false, false)]
    [InlineData("Sec-Fetch-Site: \"cross-site\"", false, false)]
    [InlineData("Host:", false, true)]
    [InlineData("Host: localhost.evil.example", false, true)]
    [InlineData("Host: xn--lcalhost-41a", false, true)]
    [InlineData("Host: [::ffff:10.0.0.7]:80", false, true)]
    [InlineData("Host: [::1]", true, true)]
    [InlineData("Host: 127.0.0.1:65535", true, true)]
    public async Task Odd_headers_open_nothing(string lines, bool served, bool servedIfAnonymous)
    {
        await using var app = await ProxyApp.StartAsync(new() { Settings = { ["RemixProxy:Cors:Origins"] = "https://listed.example" } });
        await RawCall.AssertAsync(app.Http.BaseAddress!, lines, served);
        await using var open = await ProxyApp.StartAsync(
            new() { Settings = { ["RemixProxy:AllowAnonymous"] = "true", ["RemixProxy:Cors:Origins"] = "https://listed.example" } });
        await RawCall.AssertAsync(open.Http.BaseAddress!, lines, servedIfAnonymous);
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
