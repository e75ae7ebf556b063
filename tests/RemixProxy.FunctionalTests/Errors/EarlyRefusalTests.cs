using RemixProxy.FunctionalTests.Kit;

namespace RemixProxy.FunctionalTests.Errors;

/// <summary>A request that is refused before its body was read to the end is answered so that any client sees the answer.</summary>
public sealed class EarlyRefusalTests : IAsyncLifetime
{
    private const string Json = "Content-Type: application/json";

    // Over the limit, and more than the buffers of both ends of a connection hold.
    private const int Large = 70 << 20;

    private const int Medium = 20 << 20;

    private ProxyApp _app = null!;

    public static TheoryData<string, string, string> Refusals => new()
    {
        { "POST /v1/videos", Json, "413 request_too_large" },
        { "POST /v1/videos/a:luma/remix", Json, "413 request_too_large" },
        { "POST /v1/videos", $"{Json}\r\nContent-Encoding: gzip", "415 unsupported_media_type" },
        { "POST /v1/videos", $"{Json}\r\nIdempotency-Key: a b", "400 invalid_value" },
        { "POST /v1/videos", $"{Json}\r\nx-remix-cache: much", "400 invalid_value" },
        { "POST /v1/videos", $"{Json}\r\nOrigin: https://evil.example", "403 not_allowed" },
        { "POST /v1/videos/characters", Json, "400 unsupported_operation" },
        { "POST /v1/videos/a/b/c", Json, "404 unsupported_operation" },
        { "PUT /v1/videos", Json, "405 unsupported_operation" },
        { "DELETE /v1/videos/nonsense", Json, "400 invalid_video_id" },
    };

    public async ValueTask InitializeAsync() => _app = await ProxyApp.StartAsync();

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task A_client_that_writes_everything_before_it_reads_sees_the_answer(string request, string headers, string answer)
    {
        await WriteThenReadAsync(request, headers, chunked: false, answer);
        await WriteThenReadAsync(request, headers, chunked: true, answer);
    }

    [Fact]
    public async Task An_answer_that_needs_no_body_is_seen_behind_one_too()
    {
        await WriteThenReadAsync("GET /v1/models", Json, chunked: false, "200 runway/gen4.5");
        await WriteThenReadAsync("GET /v1/models", Json, chunked: true, "200 runway/gen4.5");
    }

    [Fact]
    public async Task The_connection_serves_the_next_request_when_the_rest_has_come()
    {
        using var client = await ConnectAsync();
        await client.WriteAsync($"POST /v1/videos HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: {Medium}\r\n\r\n");
        await client.WriteAsync(new byte[Medium]);
        Assert.StartsWith("HTTP/1.1 415 ", await client.ReadAnswerAsync(), StringComparison.Ordinal);
        await client.WriteAsync("GET /v1/models HTTP/1.1\r\nHost: localhost\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200 ", await client.ReadAnswerAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Content-Length: 100000000", "413")]
    [InlineData("Content-Length: 100\r\nContent-Encoding: br", "415")]
    [InlineData("Transfer-Encoding: chunked\r\nContent-Encoding: br", "415")]
    public async Task A_client_that_asks_before_it_writes_is_answered_at_once_and_the_connection_ends(string headers, string status)
    {
        using var client = await ConnectAsync();
        await client.WriteAsync($"POST /v1/videos HTTP/1.1\r\nHost: localhost\r\n{Json}\r\nExpect: 100-continue\r\n{headers}\r\n\r\n");
        var answer = await client.ReadAnswerAsync();
        Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
        // What comes next on this connection could be the body or a request.
        Assert.Contains("\r\nConnection: close\r\n", answer, StringComparison.Ordinal);
        client.EndWriting();
        Assert.True(await client.IsClosedAsync());
    }

    [Fact]
    public async Task A_client_that_never_stops_is_answered_at_once_and_cut_off_in_the_end()
    {
        using var client = await ConnectAsync();
        await client.WriteAsync("POST /v1/videos HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n");
        var endless = client.WriteChunksAsync(long.MaxValue);
        Assert.StartsWith("HTTP/1.1 415 ", await client.ReadAnswerAsync(), StringComparison.Ordinal);
        Assert.False(endless.IsCompleted);
        _app.Time.Advance(TimeSpan.FromSeconds(31));
        await Assert.ThrowsAnyAsync<IOException>(() => endless.WaitAsync(TimeSpan.FromSeconds(30)));
    }

    private async Task WriteThenReadAsync(string request, string headers, bool chunked, string answer)
    {
        using var client = await ConnectAsync();
        var length = chunked ? "Transfer-Encoding: chunked" : $"Content-Length: {Large}";
        await client.WriteAsync($"{request} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n{length}\r\n\r\n");
        if (chunked) await client.WriteChunksAsync(Large);
        else await client.WriteAsync(new byte[Large]);
        var text = await client.ReadAnswerAsync();
        Assert.StartsWith($"HTTP/1.1 {answer[..3]} ", text, StringComparison.Ordinal);
        Assert.Contains(answer[4..], text, StringComparison.Ordinal);
        Assert.Empty(_app.Sandbox.Requests);
    }

    private Task<RawClient> ConnectAsync() => RawClient.ConnectAsync(_app.Http.BaseAddress!);
}
