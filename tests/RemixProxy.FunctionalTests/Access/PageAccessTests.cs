using Microsoft.Extensions.Options;
using RemixProxy.FunctionalTests.Kit;

namespace RemixProxy.FunctionalTests.Access;

/// <summary>Pages of the origins in Cors:Origins call from the browser and read the answers; others don't.</summary>
public sealed class PageAccessTests : IAsyncLifetime
{
    private const string Page = "https://app.example";
    private const string Exposed =
        "x-request-id,openai-poll-after-ms,Retry-After,x-should-retry,Cache-Status,Idempotent-Replayed,Preference-Applied,ETag,Content-Range,Accept-Ranges";

    private readonly ChangeableSettings _settings = new();
    private ProxyApp _app = null!;

    public async ValueTask InitializeAsync()
    {
        _settings.Replace(("Cors:Origins:0", Page), ("Cors:Origins:1", "http://other.example:3000"));
        _app = await ProxyApp.StartAsync(new() { Changeable = _settings });
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Theory]
    [InlineData("v1/videos", "POST")]
    [InlineData("v1/videos/a:luma", "DELETE")]
    [InlineData("v1/videos/a:luma/content", "GET")]
    [InlineData("v1/videos/a:luma/remix", "POST")]
    [InlineData("v1/models/runway/gen4.5", "GET")]
    [InlineData("v1/videos/a/b/c", "HEAD")]
    public async Task A_preflight_is_answered_before_anything_is_asked(string path, string method)
    {
        var reply = await PreflightAsync(path, Page, method, "authorization, x-anything, range");
        Assert.Equal((204, "", Page), (reply.Status, reply.Text, reply.Header("Access-Control-Allow-Origin")));
        Assert.Equal(["authorization", "x-anything", "range"], reply.Headers["Access-Control-Allow-Headers"].Split(','));
        Assert.Equal(["GET", "HEAD", "POST", "DELETE"], reply.Headers["Access-Control-Allow-Methods"].Split(','));
        Assert.Null(reply.Header("Access-Control-Allow-Credentials"));
        Assert.StartsWith("req_", reply.Headers["x-request-id"], StringComparison.Ordinal);
        Assert.Contains("Origin", reply.Headers["Vary"], StringComparison.Ordinal);
        Assert.Empty(_app.Sandbox.Requests);
    }

    [Fact]
    public async Task Every_answer_may_be_read_errors_too()
    {
        // As a browser sends it.
        (string, string)[] page = [("Origin", Page), ("Sec-Fetch-Site", "cross-site")];
        var id = (await _app.CreateAsync("openai/sora-2", "A boat", page)).Id;
        await _app.FinishAsync(id);
        (string Method, string Path, int Status)[] calls =
        [
            ("POST", "v1/videos", 200), ("GET", "v1/videos", 200), ("GET", "v1/models", 200), ("GET", "v1/videos/" + id, 200),
            ("GET", $"v1/videos/{id}/content", 200), ("HEAD", $"v1/videos/{id}/content", 200), ("DELETE", "v1/videos/" + id, 200),
            ("GET", "v1/videos/" + id, 404), ("GET", "v1/videos/nonsense", 400), ("PUT", "v1/videos", 405), ("GET", "v1/videos/a/b/c", 404),
            ("POST", "v1/videos/" + id + "/remix", 404),
        ];
        foreach (var (method, path, status) in calls)
        {
            var reply = await _app.CallAsync(method, path, method == "POST" ? new { model = "openai/sora-2", prompt = "A boat" } : null, page);
            Assert.Equal((path, status, Page), (path, reply.Status, reply.Header("Access-Control-Allow-Origin")));
            Assert.Equal(Exposed, reply.Headers["Access-Control-Expose-Headers"]);
            Assert.StartsWith("req_", reply.Headers["x-request-id"], StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("https://app.example:443")]
    [InlineData("https://APP.example")]
    [InlineData("http://other.example:3000")]
    public async Task An_origin_is_scheme_host_and_port(string origin) =>
        Assert.Equal(origin, (await _app.CallAsync("GET", "v1/videos", null, ("Origin", origin))).Header("Access-Control-Allow-Origin"));

    [Theory]
    [InlineData("http://app.example")]
    [InlineData("https://app.example:8443")]
    [InlineData("https://app.example.evil.example")]
    [InlineData("https://sub.app.example")]
    [InlineData("http://other.example")]
    [InlineData("null")]
    [InlineData("*")]
    public async Task A_page_that_is_not_listed_gets_nothing(string origin)
    {
        foreach (var reply in new[]
        {
            await PreflightAsync("v1/videos", origin, "POST", "content-type"), await _app.CallAsync("GET", "v1/videos", null, ("Origin", origin)),
            await _app.CreateAsync("openai/sora-2", "x", ("Origin", origin)),
        })
        {
            reply.AssertError(403, "not_allowed");
            Assert.DoesNotContain(reply.Headers.Keys, name => name.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase));
        }

        Assert.Empty(_app.Sandbox.Requests);
    }

    [Fact]
    public async Task Two_origins_are_none() =>
        (await _app.CallAsync("GET", "v1/videos", null, ("Origin", Page), ("Origin", "https://evil.example"))).AssertError(403, "not_allowed");

    [Fact]
    public async Task The_list_is_that_of_the_moment()
    {
        _settings.Replace(("Cors:Origins", "https://new.example"));
        Assert.Equal(204, (await PreflightAsync("v1/videos", "https://new.example", "POST", "content-type")).Status);
        Assert.Equal(403, (await PreflightAsync("v1/videos", Page, "POST", "content-type")).Status);
        // What is wrong is ignored.
        _settings.Replace(("Cors:Origins", "*"));
        Assert.Equal(204, (await PreflightAsync("v1/videos", "https://new.example", "POST", "content-type")).Status);
        Assert.Equal(403, (await PreflightAsync("v1/videos", "https://evil.example", "POST", "content-type")).Status);
        _settings.Replace();
        Assert.Equal(403, (await PreflightAsync("v1/videos", "https://new.example", "POST", "content-type")).Status);
    }

    [Theory]
    [InlineData("*")]
    [InlineData("https://*.example")]
    [InlineData("app.example")]
    [InlineData("https://")]
    [InlineData("https://app.example/")]
    [InlineData("https://app.example/path")]
    [InlineData("https://app.example?a=b")]
    [InlineData("https://me@app.example")]
    [InlineData("null")]
    public async Task What_is_no_origin_stops_the_start_and_names_the_key(string origin)
    {
        var error = await Assert.ThrowsAsync<OptionsValidationException>(
            () => ProxyApp.StartAsync(new() { Settings = { ["RemixProxy:Cors:Origins:0"] = Page, ["RemixProxy:Cors:Origins:1"] = origin } }));
        Assert.Single(error.Failures, f => f.StartsWith("RemixProxy:Cors:Origins must be ", StringComparison.Ordinal));
    }

    private Task<Reply> PreflightAsync(string path, string origin, string method, string headers) => _app.CallAsync(
        "OPTIONS", path, null, ("Origin", origin), ("Access-Control-Request-Method", method), ("Access-Control-Request-Headers", headers));
}
