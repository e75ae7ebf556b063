using RemixProxy.FunctionalTests.Kit;

namespace RemixProxy.FunctionalTests.Exchanges;

/// <summary>A server that answers while the body is still coming: a refusal is the answer, whatever becomes of the connection; a 5xx leaves doubt.</summary>
public class EarlyAnswerTests
{
    private const string Body = "{\"error\":{\"message\":\"Too big.\"}}";

    public static TheoryData<int, string, int, string, bool> Answers()
    {
        var rows = new TheoryData<int, string, int, string, bool>();
        foreach (var then in Enum.GetNames<EarlyServer.Afterwards>())
        {
            rows.Add(413, then, 502, "provider_error", false);
            rows.Add(401, then, 502, "provider_auth_failed", true);
            rows.Add(400, then, 400, "invalid_value", false);
            rows.Add(429, then, 429, "rate_limit_exceeded", true);
            rows.Add(307, then, 502, "provider_error", false);
        }

        rows.Add(503, "Closes", 424, "submission_unknown", false);
        rows.Add(500, "Closes", 424, "submission_unknown", false);
        rows.Add(408, "Closes", 424, "submission_unknown", false);
        return rows;
    }

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task A_status_that_comes_before_the_body_was_written_is_the_answer(int status, string then, int answer, string code, bool triesNext)
    {
        await using var server = new EarlyServer(
            Invariant($"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {Body.Length}\r\n\r\n{Body}"),
            Enum.Parse<EarlyServer.Afterwards>(then));
        await using var app = await StartAsync(server);

        var reply = await CreateAsync(app, "openai/sora-2");
        reply.AssertError(answer, code);
        if (answer == 400) Assert.Contains("Too big.", reply.Text, StringComparison.Ordinal);
        Assert.Equal(1, server.Requests);

        var listed = await CreateAsync(app, "list");
        if (triesNext) Assert.EndsWith(":luma", listed.Id, StringComparison.Ordinal);
        else listed.AssertError(answer, code);
    }

    [Theory]
    [InlineData("HTTP/1.1 413 X\r\nContent-Length: 1000\r\n\r\n{\"error\"")]
    [InlineData("HTTP/1.1 413 X\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhalf")]
    [InlineData("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 413 X\r\nContent-Length: 1000\r\n\r\n{")]
    [InlineData("HTTP/1.0 413 X\r\n\r\n")]
    public async Task Its_status_suffices_where_its_body_is_lost_with_the_connection(string answer)
    {
        await using var server = new EarlyServer(answer, EarlyServer.Afterwards.Closes);
        await using var app = await StartAsync(server);
        (await CreateAsync(app, "openai/sora-2")).AssertError(502, "provider_error");
    }

    [Fact]
    public async Task A_server_that_stalls_without_an_answer_leaves_doubt_at_the_deadline()
    {
        await using var server = new EarlyServer("HTTP/1.1 100 Continue\r\n\r\n", EarlyServer.Afterwards.Stalls);
        await using var app = await StartAsync(server);
        var stalled = CreateAsync(app, "openai/sora-2");
        while (server.Requests == 0) await Task.Delay(10, TestContext.Current.CancellationToken);
        app.Time.Advance(TimeSpan.FromSeconds(55));
        (await stalled).AssertError(424, "submission_unknown");
    }

    [Fact]
    public async Task The_connection_of_an_early_answer_serves_no_other_request()
    {
        await using var server = new EarlyServer("HTTP/1.1 400 X\r\nContent-Length: 2\r\n\r\n{}", EarlyServer.Afterwards.Stalls);
        await using var app = await StartAsync(server);
        for (var i = 1; i <= 3; i++)
        {
            (await CreateAsync(app, "openai/sora-2")).AssertError(400, "invalid_value");
            Assert.Equal(i, server.Requests);
        }
    }

    private static Task<ProxyApp> StartAsync(EarlyServer server) => ProxyApp.StartAsync(new()
    {
        Settings = new(StringComparer.Ordinal)
        {
            ["RemixProxy:Providers:openai:BaseUrl"] = "http://" + server.Authority, ["RemixProxy:Models:list:0"] = "openai/sora-2",
            ["RemixProxy:Models:list:1"] = "luma/ray-3.2",
        },
    });

    private static async Task<Reply> CreateAsync(ProxyApp app, string model)
    {
        var picture = new byte[8 << 20];
        "\x89PNG\r\n\x1a\n"u8.CopyTo(picture);
        using var image = new ByteArrayContent(picture) { Headers = { ContentType = new("image/png") } };
        using var form = new MultipartFormDataContent
        {
            { new StringContent(model), "model" }, { new StringContent("A boat"), "prompt" }, { image, "input_reference", "boat.png" },
        };
        return await app.SendAsync(HttpMethod.Post, "v1/videos", form);
    }
}
