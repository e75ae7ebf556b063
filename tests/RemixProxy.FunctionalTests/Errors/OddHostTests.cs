using RemixProxy.FunctionalTests.Kit;

namespace RemixProxy.FunctionalTests.Errors;

/// <summary>A <c>Host</c> that stands for no name, which .NET finds out late.</summary>
public class OddHostTests
{
    public static TheoryData<string> Hosts =>
        ["xn--", "xn--a", "xn--99zzzzzzzzz", "a.xn--0", "xn--a:80", "localhost.xn--", "xn--0.localhost", "a..b", "-", "_", "%00", "1.2.3.4.5", "[::1", "[xn--]"];

    [Theory]
    [MemberData(nameof(Hosts))]
    public async Task Host_that_is_no_name_is_refused_or_answered_but_never_500(string host)
    {
        await using var one = await OneVideoApp.StartAsync(new() { ["RemixProxy:AllowAnonymous"] = "true" });
        one.Url = _ => "http://127.0.0.1/inner";
        foreach (var path in new[] { "v1/videos/clip:luma", "v1/videos", "v1/models", "v1/no-such" })
        {
            var (status, text) = await AskAsync(one, path, host);
            Assert.True(status is 200 or 400 or 404, $"{path}: {text}");
            Assert.DoesNotContain("xn--", text, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("xn--a")]
    [InlineData("a.xn--0:80")]
    [InlineData("xn--0.localhost")]
    public async Task Host_that_is_no_name_is_nobodys_own(string host)
    {
        await using var one = await OneVideoApp.StartAsync();

        var (status, text) = await AskAsync(one, "v1/videos", host);

        Assert.Equal(403, status);
        Assert.Contains("not_allowed", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Content_URL_then_names_the_address_that_the_connection_came_to()
    {
        await using var one = await OneVideoApp.StartAsync(new() { ["RemixProxy:AllowAnonymous"] = "true" });

        var (status, text) = await AskAsync(one, "v1/videos/clip:luma", "xn--a");

        Assert.Equal(200, status);
        Assert.Contains($"\"http://{one.Http.BaseAddress!.Authority}/v1/videos/clip:luma/content\"", text, StringComparison.Ordinal);
    }

    private static async Task<(int Status, string Text)> AskAsync(OneVideoApp one, string path, string host)
    {
        using var client = await RawClient.ConnectAsync(one.Http.BaseAddress!);
        await client.WriteAsync($"GET /{path} HTTP/1.1\r\nHost: {host}\r\n\r\n");
        var answer = await client.ReadAnswerAsync();
        return (int.Parse(answer.Split(' ')[1], null), answer);
    }
}
