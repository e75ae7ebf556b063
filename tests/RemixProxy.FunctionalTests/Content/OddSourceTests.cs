using System.Text;
using RemixProxy.FunctionalTests.Kit;

namespace RemixProxy.FunctionalTests.Content;

/// <summary>Sources whose headers are not as they should be, and callers who ask so.</summary>
public class OddSourceTests
{
    [Theory]
    [InlineData("ETag: abc")]
    [InlineData("ETag: \"a\u00e9b\"")]
    [InlineData("ETag: \"a\", \"b\"")]
    [InlineData("ETag: *")]
    [InlineData("ETag:")]
    [InlineData("Last-Modified: yesterday")]
    [InlineData("Last-Modified: 99999999999999999999")]
    [InlineData("Last-Modified: Fri, 31 Dec 9999 23:59:59 -1200")]
    [InlineData("Accept-Ranges: b\u00fctes")]
    [InlineData("Content-Range: bytes 0-4/5")]
    [InlineData("Content-Range: \u00e9")]
    [InlineData("x-source: key-of-nobody")]
    public async Task Odd_header_of_the_source_is_left_out(string line)
    {
        var reply = await AskAsync("200 OK", $"Content-Type: video/mp4|Content-Length: 5|{line}");

        Assert.Equal((200, "bytes"), (reply.Status, reply.Text));
        Assert.Null(reply.Header(line.Split(':')[0]));
    }

    [Theory]
    [InlineData("200 OK", "Content-Type: video/mp4|Content-Length: -5")]
    [InlineData("200 OK", "Content-Type: video/mp4|Content-Length: five")]
    [InlineData("200 OK", "Content-Type: video/mp4|Content-Length: 99999999999999999999")]
    [InlineData("200 OK", "Content-Type: video/mp4|Content-Length: 0")]
    [InlineData("200 OK", "Content-Type: video|Content-Length: 5")]
    [InlineData("200 OK", "Content-Type: ;;;|Content-Length: 5")]
    [InlineData("200 OK", "Content-Type: video/mp4, text/html|Content-Length: 5")]
    [InlineData("200 OK", "Content-Type: v\u00efdeo/mp4|Content-Length: 5")]
    [InlineData("200 OK", "Content-Type: text/html|Content-Type: video/mp4|Content-Length: 5")]
    [InlineData("200 OK", "Content-Type: video/mp4|Content-Length: 5|Content-Encoding: \u00e9")]
    [InlineData("206 Partial Content", "Content-Type: video/mp4|Content-Length: 5|Content-Range: bytes 0-4/5")]
    [InlineData("206 Partial Content", "Content-Type: video/mp4|Content-Length: 5", "bytes=0-4")]
    [InlineData("206 Partial Content", "Content-Type: video/mp4|Content-Length: 5|Content-Range: bytes 3-7/20", "bytes=0-4")]
    [InlineData("206 Partial Content", "Content-Type: video/mp4|Content-Length: 5|Content-Range: bytes 0-9/20", "bytes=0-9")]
    [InlineData("206 Partial Content", "Content-Type: video/mp4|Content-Length: 5|Content-Range: bytes 0-4/3", "bytes=0-4")]
    [InlineData("206 Partial Content", "Content-Type: video/mp4|Content-Length: 5|Content-Range: bytes 4-0/9", "bytes=0-4")]
    [InlineData("206 Partial Content", "Content-Type: video/mp4|Content-Length: 5|Content-Range: bytes 0-4/9", "bytes=-5")]
    [InlineData("206 Partial Content", "Content-Type: video/mp4|Content-Length: 5|Content-Range: \u00e9", "bytes=0-4")]
    [InlineData("304 Not Modified", "ETag: \"a\"")]
    public async Task Wrong_type_length_or_range_is_502(string status, string lines, string? range = null)
    {
        var reply = await AskAsync(status, lines, range is null ? [] : [("Range", range)]);

        Assert.Equal(502, reply.Status);
        Assert.NotNull(reply.Header("x-request-id"));
        Assert.StartsWith("provider_", reply.Code, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bytes=0-4", "bytes 0-4/20")]
    [InlineData("bytes=0-9", "bytes 0-4/20")]
    [InlineData("bytes=2-", "bytes 2-6/7")]
    [InlineData("bytes=-9", "bytes 0-4/5")]
    [InlineData("bytes=0-", "bytes 0-4/*")]
    public async Task Right_range_is_206(string range, string sent)
    {
        var reply = await AskAsync("206 Partial Content", $"Content-Type: video/mp4|Content-Length: 5|Content-Range: {sent}", ("Range", range));

        Assert.Equal((206, "bytes", sent), (reply.Status, reply.Text, reply.Header("Content-Range")));
    }

    [Theory]
    [InlineData("Content-Range: \u00e9")]
    [InlineData("Content-Range: bytes 0-4/5")]
    [InlineData("Content-Range: bytes */99999999999999999999")]
    public async Task Range_behind_the_end_shows_no_odd_length(string line)
    {
        var reply = await AskAsync("416 Range Not Satisfiable", line, ("Range", "bytes=99-"));

        reply.AssertError(416, "invalid_value");
        Assert.Null(reply.Header("Content-Range"));
    }

    [Theory]
    [InlineData("200 key-of-nobody", "Content-Type: video/mp4|Content-Length: 5")]
    [InlineData("206 key-of-nobody", "Content-Type: video/mp4|Content-Length: 5|Content-Range: bytes 0-4/5")]
    [InlineData("200 key-of-nobody", "Content-Type: text/html|Content-Length: 5")]
    [InlineData("500 key-of-nobody", "Content-Length: 5")]
    public async Task Reason_phrase_of_the_source_stays_here(string status, string lines)
    {
        await using var source = new RawServer(Answer(status, lines));
        await using var one = await StartAsync(source);
        using var client = await RawClient.ConnectAsync(one.Http.BaseAddress!);
        await client.WriteAsync($"GET /{OneVideoApp.Content} HTTP/1.1\r\nHost: localhost\r\nRange: bytes=0-4\r\n\r\n");

        Assert.DoesNotContain("nobody", await client.ReadAnswerAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("yesterday")]
    [InlineData("abc")]
    [InlineData("\"a")]
    [InlineData("\"\u00e9\"")]
    [InlineData("\"a\", \"b\"")]
    public async Task Odd_If_Range_is_400(string value)
    {
        await using var one = await OneVideoApp.StartAsync();
        one.Source = OneVideoApp.Bytes("bytes"u8.ToArray());
        using var client = await RawClient.ConnectAsync(one.Http.BaseAddress!);
        await client.WriteAsync(Encoding.UTF8.GetBytes(
            $"GET /{OneVideoApp.Content} HTTP/1.1\r\nHost: localhost\r\nRange: bytes=0-4\r\nIf-Range: {value}\r\n\r\n"));

        var answer = await client.ReadAnswerAsync();

        Assert.StartsWith("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
        Assert.Contains("\"If-Range\"", answer, StringComparison.Ordinal);
        Assert.Equal(0, one.Fetches);
    }

    [Theory]
    [InlineData("Range: bytes=5-2")]
    [InlineData("Range: \u00e9")]
    [InlineData("Range: bytes=99999999999999999999-")]
    [InlineData("If-None-Match: \"\u00e9\"")]
    [InlineData("If-Modified-Since: \u00e9")]
    [InlineData("If-Modified-Since: Fri, 31 Dec 9999 23:59:59 -1200")]
    public async Task Other_odd_condition_of_a_caller_is_none(string line)
    {
        await using var one = await OneVideoApp.StartAsync();
        one.Source = OneVideoApp.Bytes("bytes"u8.ToArray());
        using var client = await RawClient.ConnectAsync(one.Http.BaseAddress!);
        await client.WriteAsync(Encoding.UTF8.GetBytes($"HEAD /{OneVideoApp.Content} HTTP/1.1\r\nHost: localhost\r\n{line}\r\n\r\n"));

        Assert.StartsWith("HTTP/1.1 200 ", await client.ReadHeadAsync(), StringComparison.Ordinal);
    }

    private static async Task<Reply> AskAsync(string status, string lines, params (string Name, string Value)[] headers)
    {
        await using var source = new RawServer(Answer(status, lines));
        await using var one = await StartAsync(source);
        return await one.App.SendAsync(HttpMethod.Get, OneVideoApp.Content, null, headers);
    }

    private static async Task<OneVideoApp> StartAsync(RawServer source)
    {
        var one = await OneVideoApp.StartAsync(new() { ["RemixProxy:Providers:luma:AssetHosts:0"] = source.Authority });
        one.Url = _ => $"http://{source.Authority}/clip.mp4";
        return one;
    }

    private static string Answer(string status, string lines) => $"HTTP/1.1 {status}\r\n{lines.Replace("|", "\r\n", StringComparison.Ordinal)}\r\n"
        + "Connection: close\r\n\r\nbytes";
}
