using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using RemixProxy.FunctionalTests.Kit;
using RemixProxy.Sandbox;

namespace RemixProxy.FunctionalTests.Submits;

/// <summary>A remix at another provider than the source's.</summary>
public class CrossProviderTests
{
    private static readonly Dictionary<string, string> Creates =
        TestedProviders.All.ToDictionary(p => p.Type, p => $"{p.Type}/{p.Model}", StringComparer.Ordinal);

    private static readonly Dictionary<string, string> Remixes =
        TestedProviders.All.Where(p => p.Remixes).ToDictionary(p => p.Type, p => $"{p.Type}/{p.RemixModel}", StringComparer.Ordinal);

    public static TheoryData<string, string> Pairs =>
        [.. from source in Creates.Keys from target in Remixes.Keys where source != target && CanTravel(source, target) select (source, target)];

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task The_target_gets_the_source_as_it_takes_it_and_never_its_key(string from, string to)
    {
        await using var app = await ProxyApp.StartAsync();
        var source = await app.CreateFinishedAsync(Creates[from]);
        var id = Text(source, "id");
        var bytes = await app.BytesAsync($"v1/videos/{id}/content");
        // Beyond the life of the URL that was seen: the target must get a fresh one.
        app.Time.Advance(TimeSpan.FromHours(from switch { "runway" => 25, "replicate" => 0.9, _ => 2 }));
        var before = app.Sandbox.Requests.Count;

        var remix = await app.PostAsync($"v1/videos/{id}/remix", new { model = Remixes[to], prompt = "make it snow" });

        Assert.EndsWith(":" + to, Text(remix, "id"), StringComparison.Ordinal);
        Assert.Equal((id, Remixes[to][(to.Length + 1)..]), (Text(remix, "remixed_from_video_id"), Text(remix, "model")));
        Assert.Equal((1, 1), (app.Sandbox.SubmitsOf(from), app.Sandbox.SubmitsOf(to)));
        var sent = app.Sandbox.Requests.Skip(before).ToList();
        Assert.True(HasSource(sent, from, to, bytes), string.Join('\n', sent.Select(r => $"{r.Method} {r.PathAndQuery}")));
        Assert.All(sent, request => Assert.DoesNotMatch($@"secret-{(IsFor(request, to) ? from : to)}(?!-)", All(request)));
        var finished = await app.FinishAsync(Text(remix, "id"));
        Assert.Equal("completed", Text(finished, "status"));
        Assert.NotEqual(bytes, await app.BytesAsync($"v1/videos/{Text(remix, "id")}/content"));
    }

    [Theory]
    [InlineData("luma")]
    [InlineData("fal")]
    [InlineData("openai")]
    public async Task A_source_whose_bytes_are_gone_is_410_and_nothing_is_sent_to_the_target(string to)
    {
        await using var app = await ProxyApp.StartAsync();
        var id = Text(await app.CreateFinishedAsync(Creates["replicate"]), "id");
        app.Time.Advance(TimeSpan.FromHours(1.1));
        var reply = await app.CallAsync("POST", $"v1/videos/{id}/remix", new { model = Remixes[to], prompt = "make it snow" });
        reply.Error(410, "video_expired", "video_id");
        Assert.Equal(0, app.Sandbox.SubmitsOf(to));
    }

    [Theory]
    [InlineData("gemini", "kling")]
    [InlineData("openai", "kling")]
    [InlineData("gemini", "ark")]
    [InlineData("openai", "ark")]
    public async Task A_target_that_only_fetches_takes_no_video_that_needs_a_key(string from, string to)
    {
        await using var app = await ProxyApp.StartAsync();
        var id = Text(await app.CreateFinishedAsync(Creates[from]), "id");
        var reply = await app.SendAsync(
            HttpMethod.Post, $"v1/videos/{id}/remix", JsonContent.Create(new { model = Remixes[to], prompt = "make it snow" }));
        Assert.Equal($"{to} can't take a video from {from}.", reply.Error(400, "unsupported_operation", "model"));
        Assert.Equal(0, app.Sandbox.SubmitsOf(to));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_source_beyond_what_may_be_carried_is_413_before_anything_is_submitted(bool chunked)
    {
        await using var app = await ProxyApp.StartAsync(new()
        {
            Settings = new() { ["RemixProxy:Limits:MaxHandOverBytes"] = "100000" },
            Sandbox = new() { Intercept = (http, next) => IsDownload(http) ? WriteAsync(http) : next(http) },
        });
        var id = Text(await app.CreateFinishedAsync(Creates["gemini"]), "id");
        (await app.SendAsync(HttpMethod.Post, $"v1/videos/{id}/remix", JsonContent.Create(new { model = "openai/sora-2", prompt = "x" }))).Error(
            413, "request_too_large");
        Assert.Equal(0, app.Sandbox.SubmitsOf("openai"));

        async Task WriteAsync(HttpContext http)
        {
            http.Response.ContentType = "video/mp4";
            if (!chunked) http.Response.ContentLength = 100_001;
            await http.Response.Body.WriteAsync(new byte[100_001], http.RequestAborted);
        }
    }

    [Fact]
    public async Task Bytes_are_streamed_from_one_provider_to_the_other()
    {
        const int Half = 300_000;
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var received = 0L;
        await using var target = await ServeAsync(async http =>
        {
            var buffer = new byte[16 * 1024];
            int read;
            while ((read = await http.Request.Body.ReadAsync(buffer, http.RequestAborted)) > 0)
            {
                received += read;
                // Half of the clip has arrived while the other half has not left its source. So the proxy never holds it whole.
                if (received > Half / 2) arrived.TrySetResult();
            }

            await http.Response.WriteAsJsonAsync(new JsonObject { ["id"] = "video_1", ["status"] = "queued" }, http.RequestAborted);
        });
        await using var app = await ProxyApp.StartAsync(new()
        {
            Settings = new() { ["RemixProxy:Providers:openai:BaseUrl"] = target.Urls.First() },
            Sandbox = new() { Intercept = (http, next) => IsDownload(http) ? WriteAsync(http) : next(http) },
        });
        var id = Text(await app.CreateFinishedAsync(Creates["gemini"]), "id");

        await app.PostAsync($"v1/videos/{id}/remix", new { model = "openai/sora-2", prompt = "make it snow" });

        Assert.True(arrived.Task.IsCompletedSuccessfully);
        Assert.InRange(received, 2 * Half, (2 * Half) + 2000);

        async Task WriteAsync(HttpContext http)
        {
            http.Response.ContentType = "video/mp4";
            http.Response.ContentLength = 2 * Half;
            await http.Response.Body.WriteAsync(new byte[Half], http.RequestAborted);
            await arrived.Task.WaitAsync(TimeSpan.FromSeconds(30), http.RequestAborted);
            await http.Response.Body.WriteAsync(new byte[Half], http.RequestAborted);
        }
    }

    [Fact]
    public async Task A_source_too_large_for_a_request_is_uploaded_and_waited_for()
    {
        const int Size = 15 << 20;
        await using var app = await ProxyApp.StartAsync(new()
        {
            Sandbox = new()
            {
                Intercept = (http, next) => http.Request.Path.StartsWithSegments("/assets")
            ? TypedResults.Bytes(new byte[Size], "video/mp4").ExecuteAsync(http) : next(http)
            },
        });
        var id = Text(await app.CreateFinishedAsync(Creates["luma"]), "id");

        var remix = app.PostAsync($"v1/videos/{id}/remix", new { model = Creates["gemini"], prompt = "make it snow" });
        // The provider reads what it was sent for a second of the clock, which stands until the file is asked for again.
        for (var i = 0; i < 2000 && !remix.IsCompleted; i++)
        {
            await Task.WhenAny(remix, Task.Delay(10, TestContext.Current.CancellationToken));
            if (app.Sandbox.Requests.Any(IsBytes)) app.Time.Advance(TimeSpan.FromMilliseconds(50));
        }

        Assert.EndsWith(":gemini", Text(await remix, "id"), StringComparison.Ordinal);
        Assert.Equal(Size.ToString(), Assert.Single(app.Sandbox.Requests, IsBytes).Headers["Content-Length"]);
        var submit = JsonNode.Parse(app.Sandbox.Requests[^1].BodyText)!;
        Assert.Contains("/files/", Text(submit["input"]![1]!, "uri"), StringComparison.Ordinal);

        static bool IsBytes(SandboxRequest request) => request.PathAndQuery.Contains("upload_id=", StringComparison.Ordinal);
    }

    private static bool HasSource(List<SandboxRequest> sent, string from, string to, byte[] bytes)
    {
        var submit = sent.Last(r => IsFor(r, to) && r.Method == "POST");
        if (TestedProviders.Find(from).IsPublic && TestedProviders.Find(to).TakesUrls)
            return submit.BodyText.Contains($"/assets/{from}/", StringComparison.Ordinal);

        return to switch
        {
            "runway" =>
                sent.Any(r => r.PathAndQuery.StartsWith("/uploads/", StringComparison.Ordinal) && r.Body.Span.IndexOf(bytes) > 0)
                    && submit.BodyText.Contains("\"runway://", StringComparison.Ordinal),
            "openai" => submit.PathAndQuery.EndsWith("/videos/edits", StringComparison.Ordinal) && submit.Body.Span.IndexOf(bytes) > 0,
            _ => submit.BodyText.Contains($"{Convert.ToBase64String(bytes)}\"", StringComparison.Ordinal),
        };
    }

    private static bool CanTravel(string from, string to) => TestedProviders.Find(to).TakesBytes || TestedProviders.Find(from).IsPublic;

    private static bool IsFor(SandboxRequest request, string provider) =>
        request.PathAndQuery.StartsWith($"/{provider}/", StringComparison.Ordinal)
            || (provider == "runway" && request.PathAndQuery.StartsWith("/uploads/", StringComparison.Ordinal));

    private static string All(SandboxRequest request) =>
        string.Join('\n', request.Headers.Values) + request.PathAndQuery + Encoding.Latin1.GetString(request.Body.Span);

    private static bool IsDownload(HttpContext http) => http.Request.Path.Value!.EndsWith(":download", StringComparison.Ordinal);

    private static string Text(JsonNode node, string name) => node[name]!.GetValue<string>();

    private static async Task<WebApplication> ServeAsync(RequestDelegate answer)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(k => k.Listen(System.Net.IPAddress.Loopback, 0));
        builder.Services.AddRoutingCore();
        var server = builder.Build();
        server.Run(answer);
        await server.StartAsync(TestContext.Current.CancellationToken);
        return server;
    }
}
