using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using RemixProxy.FunctionalTests.Kit;

namespace RemixProxy.FunctionalTests.Telemetry;

/// <summary>What a provider said reaches the operator's log, and the caller as far as it is no secret.</summary>
public class ReasonTests
{
    private const string Page = "<!DOCTYPE html><html><head><title>502 Bad Gateway &amp; more</title></head><body>http://10.1.2.3/x</body></html>";

    private readonly Upstream _upstream = new();

    [Fact]
    public async Task A_submit_that_was_refused_says_why()
    {
        await using var app = await StartAsync();
        await AssertSubmitAsync(
            app, Upstream.Answers(302, "", "text/html", ("Location", "https://login.example:8443/session/abc?token=hush")), 502, "provider_error",
            "302, a redirect", "cause 302 to https://login.example:8443;");
        await AssertSubmitAsync(
            app, Upstream.Answers(301, "", "text/html", ("Location", "/elsewhere?x=hush")), 502, "provider_error", "301", "cause 301 to a path of its own;");
        await AssertSubmitAsync(
            app, Upstream.Answers(502, Page, "text/html"), 424, "submission_unknown", "502", "cause 502: a page titled '502 Bad Gateway & more';");
        await AssertSubmitAsync(
            app, Upstream.Answers(200, Page, "text/html"), 424, "submission_unknown", "", "cause 200 text/html: a page titled '502 Bad Gateway & more';");
        await AssertSubmitAsync(
            app, Upstream.Answers(500, """{"error":{"message":"CUDA out of memory at 10.0.3.7:8000 and gpu-1.cluster.local"}}"""), 424, "submission_unknown",
            "CUDA out of memory at [address] and [address].", "cause 500: CUDA out of memory at [address] and [address];");
        await AssertSubmitAsync(
            app, Upstream.Answers(402, """{"error":{"message":"Balance of secret-openai is 0"}}"""), 502, "provider_auth_failed",
            "refused this proxy's credential", "cause 402: Balance of [key] is 0;");
        await AssertSubmitAsync(
            app, Upstream.Answers(409, """{"message":"already there"}"""), 502, "provider_error", "already there", "cause 409: already there;");
        await AssertSubmitAsync(app, Upstream.Answers(404, """{"message":"model x not found"}"""), 404, "model_not_found", "", "cause 404: model x not found;");
        await AssertSubmitAsync(app, Upstream.Drops, 424, "submission_unknown", "", "cause broken;");
    }

    /// <summary>A submit that works on another video asks for it first, and the answer may quote that video's prompt.</summary>
    [Theory]
    [InlineData("GET", 424)]
    [InlineData("POST", 400)]
    public async Task Nor_is_the_prompt_of_a_remix_s_source_in_the_log(string method, int status)
    {
        await using var app = await StartAsync();
        var id = (await app.CreateAsync("openai/sora-2", "All of the CANARY garden, in spring")).Id;
        app.Time.Advance(TimeSpan.FromMinutes(1));
        if (method == "POST") await app.FinishAsync(id);
        _upstream.On("openai", r => r.Method == method, Upstream.Answers(status, """{"error":{"message":"Odd: the CANARY garden, in spring"}}"""));

        Assert.NotEqual(200, (await app.CallAsync("POST", $"v1/videos/{id}/remix", new { prompt = "Make it snow" })).Status);

        Assert.Contains(app.Log, l => l.Contains("Odd:", StringComparison.Ordinal));
        Assert.DoesNotContain(app.Log, l => l.Contains("CANARY", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("words 'of the CANARY garden' are bad")]
    [InlineData("no \\\"the CANARY garden\\\" here")]
    [InlineData("a JSON \\u0074he CANARY garden")]
    public async Task A_piece_of_a_prompt_stays_out_of_the_log_too(string said)
    {
        await using var app = await StartAsync();
        _upstream.OnSubmit("openai", Upstream.Answers(400, new JsonObject { ["error"] = new JsonObject { ["message"] = said } }.ToJsonString()));
        (await app.CreateAsync("openai/sora-2", "All of the CANARY garden, in spring")).AssertError(400, "invalid_value");
        Assert.DoesNotContain(app.Log, l => l.Contains("CANARY", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("A secret garden")]
    [InlineData("A secret garden, at length, with many words that are shortened by whoever quotes them")]
    public async Task A_quoted_prompt_stays_out_of_the_log(string prompt)
    {
        await using var app = await StartAsync();
        _upstream.OnSubmit("openai", Upstream.Answers(400, $$$"""{"error":{"message":"Bad prompt '{{{prompt[..Math.Min(40, prompt.Length)]}}}…'."}}"""));
        var reply = await app.CreateAsync("openai/sora-2", prompt);
        Assert.Contains("Bad prompt 'A secret garden", reply.Error(400, "invalid_value"), StringComparison.Ordinal);
        Assert.Contains(app.Log, l => l.Contains("cause 400: Bad prompt '[quote];", StringComparison.Ordinal));
        _upstream.Heal();
        var id = (await app.CreateAsync("openai/sora-2", prompt)).Id;
        _upstream.On("openai", _ => true, Upstream.Answers(200, $$"""{"id":"x","status":"failed","fail_reason":"no '{{prompt}}' here"}"""));
        app.Time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal($"no '{prompt}' here", (await app.GetAsync("v1/videos/" + id))["error"]!["message"]!.GetValue<string>());
        Assert.Contains(app.Log, l => l.Contains($"[23] {id} failed: provider_error, no '[quote]", StringComparison.Ordinal));
        Assert.DoesNotContain(app.Log, l => l.Contains("secret garden", StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData("""{"id":"x","status":"failed","fail_reason":"out of memory"}""")]
    [InlineData("""{"id":"x","status":"FAILED","error":null,"failure_reason":"out of memory"}""")]
    [InlineData("""{"id":"x","status":"failed","error":"out of memory","message":"see error"}""")]
    [InlineData("""{"id":"x","status":"failed","error":{"code":"oom"},"message":"out of memory"}""")]
    [InlineData("""{"id":"x","status":"failed","error_message":"out of memory"}""")]
    public async Task The_reason_of_a_failed_job_is_its_message(string answer)
    {
        await using var app = await StartAsync();
        var id = (await app.CreateAsync("openai/sora-2", "x")).Id;
        _upstream.On("openai", _ => true, Upstream.Answers(200, answer));
        app.Time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal("out of memory", (await app.GetAsync("v1/videos/" + id))["error"]!["message"]!.GetValue<string>());
    }

    [Fact]
    public async Task Other_calls_that_a_provider_refuses_have_a_line()
    {
        await using var app = await StartAsync();
        var id = (await app.CreateFinishedAsync("openai/sora-2"))["id"]!.GetValue<string>();
        var young = (await app.CreateAsync("openai/sora-2", "SLOW")).Id;
        app.Time.Advance(TimeSpan.FromSeconds(10));
        _upstream.On("openai", _ => true, Upstream.Answers(503, Page, "text/html"));
        await AssertAsync("GET", "v1/videos/" + young, 502, "503", "Warning", "retrieve refused: provider_error, openai, cause 503: a page titled");
        await AssertAsync("DELETE", "v1/videos/" + young, 502, "503", "Warning", "delete refused: provider_error, openai, cause 503: a page titled");
        await AssertAsync("POST", $"v1/videos/{young}/cancel", 502, "503", "Warning", "cancel refused: provider_error, openai, cause 503: a page titled");
        await AssertAsync("GET", $"v1/videos/{id}/content", 502, "503", "Warning", "content refused: provider_error, openai, cause 503");
        _upstream.On("openai", _ => true, Upstream.Answers(401, """{"error":{"message":"key secret-openai is wrong"}}"""));
        await AssertAsync("GET", $"v1/videos/{id}/content", 502, "credential", "Warning", "content refused: provider_auth_failed, openai, cause 401");
        await AssertAsync(
            "DELETE", "v1/videos/" + young, 502, "credential", "Warning", "delete refused: provider_auth_failed, openai, cause 401: key [key] is wrong");
        _upstream.On("openai", _ => true, Upstream.Answers(404));
        await AssertAsync("GET", "v1/videos/nobody:openai", 404, "no such video", "Information", "retrieve refused: video_not_found, openai, cause 404");
        Assert.DoesNotContain(app.Log, l => l.Contains("secret-openai", StringComparison.Ordinal) && l.Contains("RemixProxy.", StringComparison.Ordinal));

        async Task AssertAsync(string method, string path, int status, string words, string level, string line)
        {
            var reply = await app.CallAsync(method, path);
            Assert.Equal(status, reply.Status);
            Assert.Contains(words, reply.Text, StringComparison.Ordinal);
            var logged = app.Log.Last(l => l.Contains("[22]", StringComparison.Ordinal));
            Assert.StartsWith(level, logged, StringComparison.Ordinal);
            Assert.Contains(line, logged, StringComparison.Ordinal);
            Assert.EndsWith("; " + reply.Header("x-request-id"), logged.TrimEnd(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_key_of_one_letter_is_not_searched_for_and_the_start_says_so()
    {
        await using var app = await ProxyApp.StartAsync(new() { Sandbox = _upstream.Sandbox, Settings = { ["RemixProxy:Providers:openai:ApiKey"] = "a" } });
        Assert.Contains(app.Log, l => l.StartsWith("Warning", StringComparison.Ordinal) && l.Contains("[24] openai has a key", StringComparison.Ordinal));
        Assert.Single(app.Log, l => l.Contains("[24]", StringComparison.Ordinal));
        _upstream.OnSubmit("openai", Upstream.Answers(400, """{"error":{"message":"Bad aspect ratio"}}"""));
        Assert.Contains("Bad aspect ratio.", (await app.CreateAsync("openai/sora-2", "x")).Error(400, "invalid_value"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("before the answer")]
    [InlineData("at the headers")]
    [InlineData("between two chunks")]
    [InlineData("in a flood")]
    [InlineData("in base64")]
    public async Task A_caller_that_hangs_up_during_a_download_is_one_quiet_line(string moment)
    {
        await using var one = await OneVideoApp.StartAsync();
        using var measured = new Instruments(one.App);
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        one.Source = async context =>
        {
            arrived.TrySetResult();
            try
            {
                if (moment == "before the answer") await Task.Delay(Timeout.Infinite, context.RequestAborted);
                context.Response.ContentType = "video/mp4";
                await context.Response.StartAsync(context.RequestAborted);
                if (moment == "at the headers") await Task.Delay(Timeout.Infinite, context.RequestAborted);
                do await context.Response.Body.WriteAsync(new byte[64 * 1024], context.RequestAborted); while (moment == "in a flood");
                await Task.Delay(Timeout.Infinite, context.RequestAborted);
            }
            catch (Exception e) when (e is OperationCanceledException or IOException)
            {
            }

            gone.TrySetResult();
        };
        using (var socket = await ConnectAsync(one.Http.BaseAddress!.Port))
        {
            var path = moment == "in base64" ? "v1/videos/clip:luma?include=base64" : OneVideoApp.Content;
            await socket.SendAsync(Encoding.ASCII.GetBytes($"GET /{path} HTTP/1.1\r\nHost: localhost\r\n\r\n"));
            await arrived.Task.WaitAsync(TimeSpan.FromSeconds(30));
            if (moment is "between two chunks" or "in a flood") await socket.ReceiveAsync(new byte[16 * 1024]);
            socket.LingerState = new(true, 0);
        }

        await gone.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        await measured.AnsweredAsync(1);
        var line = Assert.Single(one.App.Log, l => l.Contains("VideoCallMiddleware", StringComparison.Ordinal));
        Assert.StartsWith("Information RemixProxy.Pipeline.VideoCallMiddleware[25]", line, StringComparison.Ordinal);
        AssertQuiet(one.App);
    }

    [Fact]
    public async Task A_caller_that_hangs_up_during_an_upload_is_no_stack_trace()
    {
        await using var app = await StartAsync();
        using var measured = new Instruments(app);
        using (var socket = await ConnectAsync(app.Http.BaseAddress!.Port))
        {
            var head = "POST /v1/videos HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n{";
            await socket.SendAsync(Encoding.ASCII.GetBytes(head));
            while (!app.Log.Any(l => l.Contains("Executing endpoint", StringComparison.Ordinal))) await Task.Yield();
            socket.LingerState = new(true, 0);
        }

        await measured.AnsweredAsync(1);
        // Its code says whether the broken body or the hang-up was seen first.
        Assert.Contains(app.Log, l => l.StartsWith("Information", StringComparison.Ordinal) && l.Contains("[11] create refused: ", StringComparison.Ordinal));
        AssertQuiet(app);
    }

    // A reset in the middle of a body may make Kestrel itself write a line.
    private static void AssertQuiet(ProxyApp app) => Assert.DoesNotContain(
        app.Log.Where(l => !l.Contains("Kestrel", StringComparison.Ordinal)), l => l.StartsWith("Warning", StringComparison.Ordinal)
                || l.StartsWith("Error", StringComparison.Ordinal)
            || l.Contains("Exception", StringComparison.Ordinal));

    private static async Task<Socket> ConnectAsync(int port)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync("127.0.0.1", port);
        return socket;
    }

    private async Task AssertSubmitAsync(ProxyApp app, Func<HttpContext, RequestDelegate, Task> act, int status, string code, string words, string line)
    {
        _upstream.OnSubmit("openai", act);
        var reply = await app.CreateAsync("openai/sora-2", $"wish {Guid.NewGuid()}");
        reply.AssertError(status, code);
        var message = reply.Json["error"]!["message"]!.GetValue<string>();
        Assert.Contains(words, message, StringComparison.Ordinal);
        Assert.All(["hush", "login.example", "secret-", "127.0.0.1", "10."], secret => Assert.DoesNotContain(secret, message, StringComparison.Ordinal));
        var logged = app.Log.Last(l => l.Contains("[11]", StringComparison.Ordinal));
        Assert.Contains(line, logged, StringComparison.Ordinal);
        Assert.DoesNotContain("hush", logged, StringComparison.Ordinal);
    }

    private Task<ProxyApp> StartAsync() => ProxyApp.StartAsync(new() { Sandbox = _upstream.Sandbox });
}
