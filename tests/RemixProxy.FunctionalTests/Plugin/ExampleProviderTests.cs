using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using RemixProxy.ExampleProvider;
using RemixProxy.FunctionalTests.Kit;
using RemixProxy.Sandbox;

namespace RemixProxy.FunctionalTests.Plugin;

/// <summary>
/// The provider of <c>docs/adding-a-provider.md</c>, which knows the public surface only, before a server that is written from the facts on that page.
/// </summary>
public sealed class ExampleProviderTests : IAsyncDisposable
{
    private static readonly string[] CreateFields = ["model", "prompt", "size", "length", "picture", "style", "seed"];
    private static readonly string[] RemixFields = ["reel", "prompt", "seed"];

    private readonly Dictionary<string, string> _states = new(StringComparer.Ordinal);
    private SandboxServer? _server;
    private ProxyApp? _app;

    private SandboxServer Server => _server!;

    private ProxyApp App => _app!;

    [Fact]
    public async Task Walks_from_create_over_remix_to_delete()
    {
        await StartAsync();

        var created = (await App.CallAsync("POST", "v1/videos", new { model = "reels/reel-2", prompt = "A boat", size = "1024x1792", seconds = 4, seed = 7 }))
            .Ok();
        var id = created["id"]!.GetValue<string>();
        Assert.Equal(("r1:reels", "queued", "1080x1920", "4"), (id, Word(created, "status"), Word(created, "size"), Word(created, "seconds")));
        Assert.Equal("""{"model":"reel-2","prompt":"A boat","size":"1080x1920","length":4,"seed":7}""", Server.Requests[^1].BodyText);
        Assert.Equal("Bearer rk-1", Server.Requests[^1].Headers["Authorization"]);

        _states["r1"] = "rendering";
        App.Time.Advance(TimeSpan.FromSeconds(5));
        var underWay = (await App.CallAsync("GET", "v1/videos/" + id)).Ok();
        Assert.Equal(("in_progress", 40), (Word(underWay, "status"), underWay["progress"]!.GetValue<int>()));

        _states["r1"] = "ready";
        App.Time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal("completed", Word((await App.CallAsync("GET", "v1/videos/" + id)).Ok(), "status"));
        Assert.Equal("bytes of r1"u8.ToArray(), await App.BytesAsync($"v1/videos/{id}/content"));

        var remix = (await App.CallAsync("POST", $"v1/videos/{id}/remix", new { prompt = "Make it snow" })).Ok();
        Assert.Equal(("r2:reels", id, "1080x1920"), (Word(remix, "id"), Word(remix, "remixed_from_video_id"), Word(remix, "size")));
        Assert.Equal("""{"reel":"r1","prompt":"Make it snow"}""", Server.Requests[^1].BodyText);

        Assert.Equal(200, (await App.CallAsync("DELETE", "v1/videos/r2:reels")).Status);
        Assert.Equal(["POST /reels/v1/reels/r2/stop", "DELETE /reels/v1/reels/r2"], Server.Requests.TakeLast(2).Select(r => $"{r.Method} {r.PathAndQuery}"));
    }

    [Fact]
    public async Task Nothing_vanishes_in_silence()
    {
        await StartAsync();

        var wish = new { model = "reels/reel-2", prompt = "A boat", seconds = 5, style = "film", mood = "calm" };
        var video = (await App.CallAsync("POST", "v1/videos", wish)).Ok();

        Assert.Equal(
            [
                """{"param":"seconds","requested":"5","used":"8","reason":"next supported"}""",
                """{"param":"mood","requested":"calm","used":null,"reason":"not supported by reels"}""",
            ],
            video["extra_fields"]!["adjustments"]!.AsArray().Select(a => a!.ToJsonString()));
    }

    [Theory]
    [InlineData("no credit", 429, "insufficient_quota")]
    [InlineData("rude", 400, "content_policy_violation")]
    [InlineData("too long", 400, "invalid_value")]
    public async Task Refusals_mean_what_the_rules_say(string prompt, int status, string code)
    {
        await StartAsync();

        var reply = await App.CreateAsync("reels/reel-2", prompt);

        reply.AssertError(status, code);
        if (prompt == "too long") Assert.Equal("seconds", reply.Param);
    }

    [Fact]
    public async Task What_the_model_lacks_is_refused_before_anything_is_sent()
    {
        await StartAsync();

        (await App.CallAsync("POST", "v1/videos", new { model = "reels/reel-2", prompt = "A boat", style = "noir" })).AssertError(400, "invalid_value");
        (await App.CreateAsync("reels/reel-2", new string('a', 2001))).AssertError(400, "invalid_value");

        Assert.Empty(Server.Requests);
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null) await _app.DisposeAsync();
        if (_server is not null) await _server.DisposeAsync();
    }

    private static string Word(JsonObject video, string name) => video[name]!.GetValue<string>();

    private async Task StartAsync()
    {
        _server = await SandboxServer.StartAsync(new() { Intercept = (context, _) => AnswerAsync(context) });
        _app = await ProxyApp.StartAsync(new()
        {
            Settings = new()
            {
                ["RemixProxy:Providers:reels:BaseUrl"] = _server.Address + "reels", ["RemixProxy:Providers:reels:ApiKey"] = "rk-1",
            },
            Proxy = proxy => proxy.AddReels(),
        });
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var request = context.Request;
        var path = request.Path.Value!["/reels/v1/".Length..].Split('/');
        switch (request.Method, path)
        {
            case ("POST", ["reels"]):
                await SubmitAsync(context, CreateFields);
                break;
            case ("POST", ["remixes"]):
                await SubmitAsync(context, RemixFields);
                break;
            case ("GET", ["clips", var clip]):
                context.Response.ContentType = "video/mp4";
                await context.Response.WriteAsync("bytes of " + clip);
                break;
            case ("POST", ["reels", _, "stop"]):
                await ReplyAsync(context, 200, new());
                break;
            case ("GET" or "DELETE", ["reels", var id]):
                await ReplyAsync(context, 200, Reel(id));
                break;
            default:
                await RefuseAsync(context, 404, "no_such_route", "There is no such route.", null);
                break;
        }
    }

    private async Task SubmitAsync(HttpContext context, string[] known)
    {
        var body = (await JsonNode.ParseAsync(context.Request.Body))!.AsObject();
        if (body.Select(m => m.Key).FirstOrDefault(name => !known.Contains(name)) is { } unknown)
        {
            await RefuseAsync(context, 422, "unknown_field", $"{unknown} is not a field.", unknown);
            return;
        }

        var id = $"r{_states.Count + 1}";
        switch (body["prompt"]!.GetValue<string>())
        {
            case "no credit":
                await RefuseAsync(context, 402, "no_credit", "Top up.", null);
                break;
            case "rude":
                await RefuseAsync(context, 422, "refused", "This is against our house rules.", null);
                break;
            case "too long":
                await RefuseAsync(context, 422, "bad_value", "4 or 8.", "length");
                break;
            default:
                _states[id] = "waiting";
                await ReplyAsync(context, 201, Reel(id));
                break;
        }
    }

    private JsonObject Reel(string id) => new()
    {
        ["id"] = id,
        ["state"] = _states[id],
        ["percent"] = _states[id] == "rendering" ? 40 : null,
        ["clip"] = _states[id] == "ready" ? $"{Server.Address}reels/v1/clips/{id}" : null,
        ["created"] = 1_795_338_000,
    };

    private static Task RefuseAsync(HttpContext context, int status, string code, string text, string? field) =>
        ReplyAsync(context, status, new() { ["error"] = new JsonObject { ["code"] = code, ["text"] = text, ["field"] = field } });

    private static Task ReplyAsync(HttpContext context, int status, JsonObject body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(body.ToJsonString());
    }
}
