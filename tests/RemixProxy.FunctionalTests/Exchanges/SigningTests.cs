using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using RemixProxy.Adapters;
using RemixProxy.FunctionalTests.Kit;
using RemixProxy.Sandbox;
using Yarp.ReverseProxy.Transforms;

namespace RemixProxy.FunctionalTests.Exchanges;

/// <summary>An application's own way to sign: over the final message, for every exchange, and without a byte sent where it fails.</summary>
public sealed class SigningTests : IAsyncDisposable
{
    private const string Secret = "hush-hush";

    private readonly TestSigner _signer = new();
    private SandboxServer? _server;
    private ProxyApp? _app;
    private string _urls = "";
    private bool _hangsUp;

    private SandboxServer Server => _server!;

    private ProxyApp App => _app!;

    [Fact]
    public async Task Submit_look_up_poll_and_content_are_signed_over_what_is_sent()
    {
        await StartAsync();
        _urls = "\"jobs/one/bytes\"";

        var video = (await App.CreateAsync("signed/small", "A boat")).Ok();
        Assert.Equal("completed", video["status"]!.GetValue<string>());
        await App.BytesAsync("v1/videos/one:signed/content");

        Assert.Equal(
            ["GET /signed/v1/quota", "POST /signed/v1/jobs", "GET /signed/v1/jobs/one/bytes"], Server.Requests.Select(r => $"{r.Method} {r.PathAndQuery}"));
        Assert.All(Server.Requests, r => Assert.Equal(
            "id-1/north-1/" + TestSigner.Signature(r.Method, Server.Address.ToString().TrimEnd('/') + r.PathAndQuery, r.BodyText, Secret),
            r.Headers["x-signature"]));
        Assert.Equal("""{"prompt":"A boat"}""", Server.Requests[1].BodyText);
    }

    [Fact]
    public async Task A_body_that_was_read_to_be_signed_still_tells_when_it_leaves()
    {
        await StartAsync();
        _hangsUp = true;

        (await App.CreateAsync("signed/small", "A boat")).AssertError(424, "submission_unknown");
    }

    [Fact]
    public async Task Another_origin_gets_no_signature()
    {
        await using var elsewhere = await SandboxServer.StartAsync(new() { Intercept = (context, _) => BytesAsync(context) });
        await StartAsync(("AssetHosts:0", new Uri(elsewhere.Address.ToString()).Authority));
        _urls = $"\"{elsewhere.Address}bytes\"";

        (await App.CreateAsync("signed/small", "A boat")).Ok();
        await App.BytesAsync("v1/videos/one:signed/content");

        Assert.DoesNotContain("x-signature", Assert.Single(elsewhere.Requests).Headers.Keys, StringComparer.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("GET", 0)]
    [InlineData("POST", 1)]
    public async Task A_signer_that_fails_sends_nothing_and_tells_nobody_why(string method, int requests)
    {
        await StartAsync();
        // A body that was read to be signed was not sent all the same.
        _signer.First = async (request, token) =>
        {
            if (request.Method.Method != method) return;
            if (request.Content is { } body) await body.ReadAsByteArrayAsync(token);
            throw new InvalidOperationException($"No token for {Secret}.");
        };

        var reply = await App.CreateAsync("signed/small", "A boat");

        reply.AssertError(502, "provider_auth_failed");
        Assert.Equal("false", reply.Header("x-should-retry"));
        Assert.Equal(requests, Server.Requests.Count);
        Assert.DoesNotContain(Server.Requests, r => r.Method == "POST");
        Assert.DoesNotContain(Secret, reply.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(App.Log, line => line.Contains(Secret, StringComparison.Ordinal));
        Assert.Contains(App.Log, line => line.Contains("The credential for signed can't be had: InvalidOperationException.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_key_that_an_applications_transform_sets_stays()
    {
        await using var app = await ProxyApp.StartAsync(new()
        {
            Proxy = proxy => proxy.AddTransforms(context => context.AddRequestTransform(transform =>
            {
                transform.ProxyRequest.Headers.TryAddWithoutValidation("Authorization", "Bearer secret-luma");
                return default;
            })),
            Settings = new() { ["RemixProxy:Providers:luma:ApiKey"] = "wrong" },
        });

        (await app.CreateAsync("luma/ray-3.2", "A boat")).Ok();

        Assert.All(app.Sandbox.Requests, r => Assert.Equal("Bearer secret-luma", r.Headers["Authorization"]));
    }

    [Fact]
    public async Task Next_target_of_an_alias_is_tried()
    {
        await StartAsync();
        _signer.First = (_, _) => throw new HttpRequestException("The token service is away.");

        var video = (await App.CreateAsync("mine", "A boat")).Ok();

        Assert.EndsWith(":luma", video["id"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_poll_that_can_not_be_signed_says_so()
    {
        await StartAsync();
        var id = (await App.CreateAsync("signed/small", "A boat")).Id;
        _signer.First = (_, _) => throw new HttpRequestException("The token service is away.");
        App.Time.Advance(TimeSpan.FromSeconds(5));

        (await App.CallAsync("GET", "v1/videos/" + id)).AssertError(502, "provider_auth_failed");
    }

    [Theory]
    [InlineData("content")]
    [InlineData("?include=base64")]
    public async Task Bytes_that_can_not_be_signed_for_say_so(string where)
    {
        await StartAsync();
        _urls = "\"jobs/one/bytes\"";
        var id = (await App.CreateAsync("signed/small", "A boat")).Id;
        _signer.First = (_, _) => throw new HttpRequestException("The token service is away.");

        var reply = await App.CallAsync("GET", $"v1/videos/{id}{(where == "content" ? "/content" : where)}");

        reply.AssertError(502, "provider_auth_failed");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_signer_has_the_exchanges_time_and_no_more(bool heedsToken)
    {
        await StartAsync();
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _signer.First = (request, token) =>
        {
            if (request.Method != HttpMethod.Post) return Task.CompletedTask;
            asked.TrySetResult();
            return Task.Delay(Timeout.Infinite, heedsToken ? token : CancellationToken.None);
        };

        var reply = App.CreateAsync("signed/small", "A boat");
        await asked.Task;
        App.Time.Advance(TimeSpan.FromSeconds(51));

        (await reply).AssertError(504, "provider_timeout");
        Assert.DoesNotContain(Server.Requests, r => r.Method == "POST");
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null) await _app.DisposeAsync();
        if (_server is not null) await _server.DisposeAsync();
    }

    private async Task StartAsync(params (string Key, string Value)[] settings)
    {
        _server = await SandboxServer.StartAsync(new() { Intercept = AnswerAsync });
        const string At = "RemixProxy:Providers:signed:";
        var all = new Dictionary<string, string?>
        {
            [At + "BaseUrl"] = _server.Address + "signed", [At + "Secrets:AccessKey"] = "id-1", [At + "Secrets:SecretKey"] = Secret,
            ["RemixProxy:Models:mine:0"] = "signed/small", ["RemixProxy:Models:mine:1"] = "luma/ray-3.2",
        };
        foreach (var (key, value) in settings) all[At + key] = value;
        _app = await ProxyApp.StartAsync(new()
        {
            Settings = all,
            Proxy = proxy => proxy.Services.AddSingleton<IVideoAdapter, SignedAdapter>().AddSingleton<IRequestSigner>(_signer),
        });
    }

    private Task AnswerAsync(HttpContext context, RequestDelegate next)
    {
        if (context.Request.Path.Value!.EndsWith("/bytes", StringComparison.Ordinal)) return BytesAsync(context);
        if (_hangsUp && context.Request.Method == "POST") context.Abort();
        var answer = new JsonObject { ["status"] = _urls.Length > 0 ? "done" : "working", ["urls"] = JsonNode.Parse($"[{_urls}]") };
        return context.Response.WriteAsync(answer.ToJsonString());
    }

    private static Task BytesAsync(HttpContext context)
    {
        context.Response.ContentType = "video/mp4";
        return context.Response.WriteAsync("bytes");
    }
}
