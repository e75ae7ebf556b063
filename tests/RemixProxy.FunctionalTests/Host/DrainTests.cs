using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Http;
using RemixProxy.FunctionalTests.Kit;
using RemixProxy.Sandbox;

namespace RemixProxy.FunctionalTests.Host;

/// <summary>A host that is asked to stop while something is under way.</summary>
public class DrainTests
{
    private readonly Upstream _upstream = new();

    [Fact]
    public async Task A_submit_under_way_is_finished_while_the_host_is_no_longer_ready_and_takes_no_new_one()
    {
        var gate = new Gate();
        await using var provider = await SandboxServer.StartAsync(_upstream.Sandbox);
        await using var host = await StartAsync(provider);
        var earlier = await SubmitAsync(host, "earlier");
        _upstream.OnSubmit("openai", gate.HoldAsync);
        var held = SubmitAsync(host, "held");
        await gate.Arrived;

        await host.TerminateAsync();
        var ready = await UntilUnreadyAsync(host);
        Assert.Equal("""{"status":"unavailable","reason":"stopping","dependencies":{}}""", ready.Text);
        Assert.Equal(200, (await GetAsync(host, "healthz/live")).Status);
        Assert.Equal(200, (await GetAsync(host, "v1/videos/" + earlier.Id)).Status);
        var late = await SubmitAsync(host, "late");
        late.AssertError(503, "provider_unavailable");
        // Not here again: the next attempt takes a new connection.
        Assert.Equal(("1", "close"), (late.Header("Retry-After"), late.Header("Connection")));
        using var writer = await RawClient.ConnectAsync(host.Http.BaseAddress!);
        const int Large = 40 << 20;
        await writer.WriteAsync($"POST /v1/videos HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {Large}\r\n\r\n");
        await writer.WriteAsync(new byte[Large]);
        Assert.StartsWith("HTTP/1.1 503 ", await writer.ReadAnswerAsync(), StringComparison.Ordinal);

        gate.Open();
        Assert.Equal("held", (await held).Ok()["prompt"]!.GetValue<string>());
        Assert.Equal(0, await host.ExitAsync());
        Assert.DoesNotContain(provider.Requests, r => r.BodyText.Contains("late", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_submit_whose_body_comes_when_the_host_stops_is_not_sent()
    {
        await using var provider = await SandboxServer.StartAsync(_upstream.Sandbox);
        await using var host = await StartAsync(provider);
        // The host has its head, and half of its body.
        var body = Encoding.UTF8.GetBytes("""{"prompt": "half"}""");
        using var socket = new TcpClient();
        await socket.ConnectAsync(host.Http.BaseAddress!.Host, host.Http.BaseAddress.Port);
        await using var stream = socket.GetStream();
        await stream.WriteAsync(
            Encoding.ASCII.GetBytes(
                $"POST /v1/videos HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\nExpect: 100-continue\r\n\r\n"));
        // The server asked the client to go on, so it is reading the body.
        using var reader = new StreamReader(stream, leaveOpen: true);
        Assert.Equal("HTTP/1.1 100 Continue", await reader.ReadLineAsync());
        await stream.WriteAsync(body.AsMemory(0, 5));

        await host.TerminateAsync();
        await UntilUnreadyAsync(host);
        await stream.WriteAsync(body.AsMemory(5));
        Assert.Equal("", await reader.ReadLineAsync());
        Assert.Equal("HTTP/1.1 503 Service Unavailable", await reader.ReadLineAsync());
        Assert.Equal(0, await host.ExitAsync());
        Assert.DoesNotContain(provider.Requests, r => r.BodyText.Contains("half", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_download_under_way_is_finished()
    {
        var gate = new Gate();
        _upstream.On("openai", r => r.Path.Value!.EndsWith("/content", StringComparison.Ordinal), (http, _) => HalfAsync(http, gate));
        await using var provider = await SandboxServer.StartAsync(_upstream.Sandbox);
        await using var host = await StartAsync(provider);
        var video = await SubmitAsync(host, "a boat");
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while ((await GetAsync(host, "v1/videos/" + video.Id)).Ok()["status"]!.GetValue<string>() != "completed")
            await Task.Delay(TimeSpan.FromMilliseconds(200), patience.Token);
        using var response = await host.Http.GetAsync($"v1/videos/{video.Id}/content", HttpCompletionOption.ResponseHeadersRead);
        await gate.Arrived;

        await host.TerminateAsync();
        await UntilUnreadyAsync(host);
        gate.Open();
        Assert.Equal(20_000, (await response.Content.ReadAsByteArrayAsync()).Length);
        Assert.Equal(0, await host.ExitAsync());
    }

    [Fact]
    public async Task Past_the_drain_timeout_the_host_ends_all_the_same()
    {
        var gate = new Gate();
        _upstream.OnSubmit("openai", gate.HoldAsync);
        await using var provider = await SandboxServer.StartAsync(_upstream.Sandbox);
        await using var host = await StartAsync(provider, ("DrainTimeout", "00:00:00.200"));
        var held = SubmitAsync(host, "held");
        await gate.Arrived;

        await host.TerminateAsync();
        Assert.Equal(0, await host.ExitAsync());
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => held);
    }

    private static async Task HalfAsync(HttpContext http, Gate gate)
    {
        http.Response.ContentType = "video/mp4";
        http.Response.ContentLength = 20_000;
        await http.Response.Body.WriteAsync(new byte[10_000]);
        await http.Response.Body.FlushAsync();
        await gate.HoldAsync(http, h => h.Response.Body.WriteAsync(new byte[10_000]).AsTask());
    }

    private static Task<HostProcess> StartAsync(SandboxServer provider, params (string Key, string Value)[] settings)
    {
        var environment = new Dictionary<string, string>
        {
            ["RemixProxy__Providers__openai__BaseUrl"] = provider.BaseUrl("openai", "openai"),
            ["RemixProxy__Providers__openai__ApiKey"] = "key",
            ["RemixProxy__Providers__openai__PollInterval"] = "00:00:00.200",
        };
        foreach (var (key, value) in settings) environment["RemixProxy__" + key] = value;
        return HostProcess.StartAsync(new() { Environment = environment });
    }

    private static async Task<Reply> SubmitAsync(HostProcess host, string prompt)
    {
        using var response = await host.Http.PostAsJsonAsync("v1/videos", new { prompt, seconds = "4" });
        return await Reply.ReadAsync(response);
    }

    private static async Task<Reply> GetAsync(HostProcess host, string path)
    {
        using var response = await host.Http.GetAsync(path);
        return await Reply.ReadAsync(response);
    }

    private static async Task<Reply> UntilUnreadyAsync(HostProcess host)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            var reply = await GetAsync(host, "healthz/ready");
            if (reply.Status == 503) return reply;
            await Task.Delay(TimeSpan.FromMilliseconds(20), patience.Token);
        }
    }
}
