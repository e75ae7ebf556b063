using System.Net;
using RemixProxy.FunctionalTests.Kit;

namespace RemixProxy.FunctionalTests.Submits;

/// <summary>A provider that can't be reached: nothing was sent, so nothing was created. One that speaks nonsense got the request all the same.</summary>
public class TransportTests
{
    public static TheoryData<string, int, string> Unreachable => new()
    {
        { "refused", 503, "provider_unavailable" },
        { "no such name", 503, "provider_unavailable" },
        { "no TLS", 503, "provider_unavailable" },
        { "dead proxy", 503, "provider_unavailable" },
        { "silent handshake", 504, "provider_timeout" },
    };

    [Theory]
    [MemberData(nameof(Unreachable))]
    public async Task Where_nothing_can_be_sent_the_answer_says_so_and_the_next_target_is_tried(string how, int status, string code)
    {
        using var closed = new ClosedPort();
        await using var silent = new RawServer(answer: null);
        await using var plain = new RawServer("HTTP/1.1 400 Bad Request\r\nContent-Length: 1\r\n\r\n}");
        await using var app = await ProxyApp.StartAsync(new()
        {
            Settings = new(StringComparer.Ordinal)
            {
                ["RemixProxy:Providers:luma:BaseUrl"] = how switch
                {
                    "refused" => "http://" + closed.Authority,
                    "no such name" => "http://no-such-host.invalid",
                    "no TLS" => "https://" + plain.Authority,
                    "dead proxy" => "https://agents.example",
                    _ => "https://" + silent.Authority,
                },
                ["RemixProxy:Models:list:0"] = "luma/ray-3.2",
                ["RemixProxy:Models:list:1"] = "openai/sora-2",
            },
            ConfigureHttpClient = (cluster, handler) =>
            {
                if (cluster.ClusterId != "remixproxy-luma") return;
                handler.ConnectTimeout = TimeSpan.FromMilliseconds(how == "silent handshake" ? 100 : 30_000);
                handler.UseProxy = how == "dead proxy";
                handler.Proxy = new WebProxy("http://" + closed.Authority);
            },
        });

        (await app.CreateAsync("luma/ray-3.2", "alone")).AssertError(status, code);
        Assert.EndsWith(":openai", (await app.CreateAsync("list", "listed")).Id, StringComparison.Ordinal);
        Assert.Equal(1, app.SubmitsSeen());
    }

    [Fact]
    public async Task A_connect_that_hangs_until_the_provider_s_time_is_up_is_504()
    {
        await using var silent = new RawServer(answer: null);
        await using var app = await ProxyApp.StartAsync(
            new() { Settings = new(StringComparer.Ordinal) { ["RemixProxy:Providers:luma:BaseUrl"] = "https://" + silent.Authority } });
        var hanging = app.CreateAsync("luma/ray-3.2", "x");
        await silent.Connected;
        app.Time.Advance(TimeSpan.FromSeconds(50));
        (await hanging).AssertError(504, "provider_timeout");
    }

    [Theory]
    [InlineData("SMTP ready }\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Le")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: abc\r\n\r\n{}")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")]
    [InlineData("")]
    public async Task A_server_that_speaks_no_HTTP_was_sent_the_submit_once(string answer)
    {
        await using var raw = new RawServer(answer);
        await using var app = await ProxyApp.StartAsync(new()
        {
            Settings = new(StringComparer.Ordinal)
            {
                ["RemixProxy:Providers:luma:BaseUrl"] = "http://" + raw.Authority, ["RemixProxy:Models:list:0"] = "luma/ray-3.2",
                ["RemixProxy:Models:list:1"] = "openai/sora-2",
            },
        });
        (await app.CreateAsync("list", "x")).AssertError(424, "submission_unknown");
        Assert.Equal((1, 0), (raw.Connections, app.SubmitsSeen()));
    }
}
