using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using RemixProxy.FunctionalTests.Kit;

namespace RemixProxy.FunctionalTests.Errors;

/// <summary>A <c>Host</c> that stands for no name, which .NET finds out late.</summary>
public class OddHostTests
{
    public static TheoryData<string> Hosts =>
    [
        "xn--", "xn--a", "xn--99zzzzzzzzz", "a.xn--0", "xn--a:80", "localhost.xn--", "xn--0.localhost", "a..b", "-", "_", "%00", "1.2.3.4.5", "[::1", "[xn--]",
    ];

    [Theory]
    [MemberData(nameof(Hosts))]
    public async Task Host_that_is_no_name_is_refused_or_answered_but_never_500(string host)
    {
        await using var one = await StartAsync(new() { ["RemixProxy:AllowAnonymous"] = "true" });
        one.Url = _ => "http://127.0.0.1/inner";
        foreach (var path in new[] { "v1/videos/clip:luma", "v1/videos", "v1/models", "v1/no-such" })
        {
            var (status, text) = await AskAsync(one, path, host);
            Assert.True(status is 200 or 400 or 404, $"{path}: {text}");
        }
    }

    [Theory]
    [InlineData("xn--a")]
    [InlineData("a.xn--0:80")]
    [InlineData("xn--0.localhost")]
    public async Task Host_that_is_no_name_is_nobodys_own(string host)
    {
        await using var one = await StartAsync([]);

        var (status, text) = await AskAsync(one, "v1/videos", host);

        Assert.Equal(403, status);
        Assert.Contains("not_allowed", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Content_URL_names_the_host_as_the_caller_wrote_it()
    {
        await using var one = await StartAsync(new() { ["RemixProxy:AllowAnonymous"] = "true" });
        one.Url = _ => "http://127.0.0.1/inner";

        var (status, text) = await AskAsync(one, "v1/videos/clip:luma", "xn--a");

        Assert.Equal(200, status);
        Assert.Contains("\"http://xn--a/v1/videos/clip:luma/content\"", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://xn--.invalid/x")]
    [InlineData("https://xn--99zzzzzzzzz.invalid/x")]
    [InlineData("https://a.xn--0/x")]
    [InlineData("https://\u00ad.invalid/x")]
    [InlineData("https://\u0301a.invalid/x")]
    [InlineData("https://\ufdd0.invalid/x")]
    public async Task Address_of_a_provider_whose_host_is_no_name_leads_nowhere_and_is_no_500(string address)
    {
        await using var one = await StartAsync([]);
        one.Url = _ => address;
        var direct = await one.App.CallAsync("GET", OneVideoApp.Content);
        one.Url = poll => $"{one.App.Sandbox.Address}source?poll={poll}";
        one.Source = context =>
        {
            context.Response.StatusCode = 302;
            context.Response.Headers.Location = new string([.. address.Where(char.IsAscii)]);
            return Task.CompletedTask;
        };
        one.App.Time.Advance(TimeSpan.FromHours(2));
        var redirected = await one.App.CallAsync("GET", OneVideoApp.Content);

        Assert.All([direct, redirected], reply => Assert.True(reply.Status is 502 or 503 or 409, $"{reply.Status} {reply.Text}"));
    }

    // ASP.NET's own request log, which is off by default in the host, can't write such a request and closes the connection before anybody sees it.
    private static Task<OneVideoApp> StartAsync(Dictionary<string, string?> settings) => OneVideoApp.StartAsync(
        settings, proxy: p => p.Services.AddLogging(l => l.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.Warning)));

    private static async Task<(int Status, string Text)> AskAsync(OneVideoApp one, string path, string host)
    {
        using var client = await RawClient.ConnectAsync(one.Http.BaseAddress!);
        await client.WriteAsync($"GET /{path} HTTP/1.1\r\nHost: {host}\r\n\r\n");
        var answer = await client.ReadAnswerAsync();
        return (int.Parse(answer.Split(' ')[1], null), answer);
    }
}
