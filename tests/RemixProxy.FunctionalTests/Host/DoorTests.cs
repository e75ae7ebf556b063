using System.Net.Http.Json;
using System.Text;
using RemixProxy.FunctionalTests.Kit;

namespace RemixProxy.FunctionalTests.Host;

/// <summary>The host to somebody who has a wrong address.</summary>
public sealed class DoorTests : IAsyncLifetime
{
    private const string Page = "https://app.example";

    private HostProcess _host = null!;

    private string BaseUrl => _host.Http.BaseAddress + "v1";

    public async ValueTask InitializeAsync() => _host = await HostProcess.StartAsync(
        new() { Environment = { ["RemixProxy__Sandbox"] = "true", ["RemixProxy__Cors__Origins__0"] = Page } });

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task It_names_the_right_one()
    {
        (string Method, string Path)[] wrong =
        [
            ("GET", "videos"), ("POST", "videos"), ("POST", "v1/v1/videos"), ("GET", "v1"), ("GET", "v1/"), ("GET", "v1/chat/completions"), ("GET", "openai"),
            ("POST", "openai/deployments/sora/videos"), ("GET", "v2/videos"), ("GET", "api/v1/models"), ("GET", "favicon.ico"), ("POST", ""),
            ("PUT", "healthz/live"), ("OPTIONS", "x"), ("GET", "v1/videosx"), ("GET", "openai/v1/videos/a/b/c"),
        ];
        foreach (var (method, path) in wrong)
        {
            var reply = await SendAsync(method, path, ("Origin", Page));
            Assert.Contains($"base URL {BaseUrl}.", reply.Error(404, "unsupported_operation"), StringComparison.Ordinal);
            Assert.StartsWith("req_", reply.Headers["x-request-id"], StringComparison.Ordinal);
            Assert.Equal((Page, "false"), (reply.Header("Access-Control-Allow-Origin"), reply.Header("x-should-retry")));
        }
    }

    [Fact]
    public async Task A_person_who_opens_the_root_learns_what_it_is()
    {
        var reply = await SendAsync("GET", "", ("Accept", "text/html"), ("Origin", Page));
        Assert.Equal((200, "text/plain; charset=utf-8", Page), (reply.Status, reply.Header("Content-Type"), reply.Header("Access-Control-Allow-Origin")));
        Assert.Contains(BaseUrl, reply.Text, StringComparison.Ordinal);
        Assert.StartsWith("req_", reply.Headers["x-request-id"], StringComparison.Ordinal);
        // Who comes by a link of another site or by another name sees no more and no less.
        Assert.Equal(200, (await SendAsync("GET", "", ("Sec-Fetch-Site", "cross-site"))).Status);
        Assert.Equal(200, (await SendAsync("HEAD", "", ("Host", "elsewhere.example"))).Status);
    }

    [Fact]
    public async Task A_page_that_is_listed_asks_anywhere_and_one_that_is_not_spends_nothing()
    {
        (string, string)[] asks = [("Access-Control-Request-Method", "POST"), ("Access-Control-Request-Headers", "api-key")];
        foreach (var path in new[] { "v1/videos", "openai/videos?api-version=1", "openai/v1/videos/", "/v1/videos", "videos", "" })
            Assert.Equal((path, 204), (path, (await SendAsync("OPTIONS", path, [("Origin", Page), .. asks])).Status));
        foreach (var path in new[] { "v1/videos", "openai/videos", "openai/v1/chat", "v1/v1/videos" })
            (await SendAsync("POST", path, ("Origin", "https://evil.example"))).AssertError(403, "not_allowed");
    }

    [Fact]
    public async Task The_azure_way_is_served()
    {
        using var response = await _host.Http.PostAsJsonAsync("openai/videos?api-version=2025-04-01-preview", new { model = "sora-2", prompt = "A boat" });
        var id = (await Reply.ReadAsync(response)).Id;
        Assert.Equal(id, (await SendAsync("GET", $"openai/v1/videos/{id}?api-version=preview", ("api-key", "any"))).Id);
        Assert.Equal(405, (await SendAsync("PATCH", $"openai/videos/{id}", ("api-key", "any"))).Status);
    }

    [Fact]
    public async Task A_large_body_at_a_wrong_address_does_not_hide_the_answer()
    {
        using var client = await RawClient.ConnectAsync(_host.Http.BaseAddress!);
        const int Length = 40 << 20;
        await client.WriteAsync($"POST /videos HTTP/1.1\r\nHost: localhost\r\nContent-Length: {Length}\r\n\r\n");
        await client.WriteAsync(new byte[Length]);
        Assert.StartsWith("HTTP/1.1 404 ", await client.ReadAnswerAsync(), StringComparison.Ordinal);
    }

    private async Task<Reply> SendAsync(string method, string path, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new(method), _host.Http.BaseAddress + path);
        if (method == "POST") request.Content = new StringContent("{}", Encoding.UTF8, "application/json");
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        using var response = await _host.Http.SendAsync(request);
        return await Reply.ReadAsync(response);
    }
}
