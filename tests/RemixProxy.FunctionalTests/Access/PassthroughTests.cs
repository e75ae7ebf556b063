using RemixProxy.FunctionalTests.Kit;
using RemixProxy.FunctionalTests.Submits;
using RemixProxy.FunctionalTests.Telemetry;
using RemixProxy.Sandbox;
using static RemixProxy.FunctionalTests.Kit.Calls;

namespace RemixProxy.FunctionalTests.Access;

/// <summary>Providers that are called with their callers' own keys.</summary>
public sealed class PassthroughTests : IAsyncDisposable
{
    private const string AnnsKey = "key-of-ann-0123456789";
    private const string AnnsNextKey = "next-key-of-ann-01234";
    private const string BensKey = "key-of-ben-0123456789";
    private const string RootsKey = "key-of-root-0123456789";
    private const string Own = "sk-one-own-key+71c9/=";
    private const string Others = "sk-another-own-key";
    private const string Model = "openai/sora-2";
    private const string Keyed = "luma/ray-3.2";

    private static readonly Dictionary<string, string?> Clients = new()
    {
        ["RemixProxy:Clients:0:Name"] = "ann", ["RemixProxy:Clients:0:Keys:0"] = AnnsKey, ["RemixProxy:Clients:0:Keys:1"] = AnnsNextKey,
        ["RemixProxy:Clients:1:Name"] = "ben", ["RemixProxy:Clients:1:Keys:0"] = BensKey,
        ["RemixProxy:Clients:2:Name"] = "root", ["RemixProxy:Clients:2:Keys:0"] = RootsKey, ["RemixProxy:Clients:2:Admin"] = "true",
    };

    private readonly Upstream _upstream = new();
    private readonly WatchedStores _stores = new();
    private ProxyApp? _app;

    private ProxyApp App => _app!;

    /// <summary>What has come to the provider whose callers bring the key.</summary>
    private SandboxRequest[] Sent => [.. App.Sandbox.Requests.Where(r => r.PathAndQuery.StartsWith("/openai/", StringComparison.Ordinal))];

    public static TheoryData<string> Types => [.. FaultyProviders.Types];

    public static TheoryData<string, string> Calls => new()
    {
        { "GET", "" }, { "GET", "/content" }, { "HEAD", "/content" }, { "GET", "?include=base64" }, { "DELETE", "" }, { "POST", "/cancel" },
        { "POST", "/remix" },
    };

    [Theory]
    [MemberData(nameof(Types))]
    public async Task The_bearer_goes_where_the_providers_key_does_and_nowhere_else(string type)
    {
        await StartAsync(type);
        var model = FaultyProviders.ModelOf(type);
        var image = "data:image/png;base64,iVBORw0KGgo=";
        var id = (await App.CallAsync("POST", "v1/videos", new { model, prompt = "A boat", input_reference = new { image_url = image } }, As(Own))).Id;
        await App.FinishAsync(id, As(Own));
        Assert.Equal(200, (await App.CallAsync("GET", $"v1/videos/{id}/content", null, As(Own))).Status);
        Assert.Equal(200, (await App.CallAsync("GET", $"v1/videos/{id}?include=base64", null, As(Own))).Status);
        var remix = await App.CallAsync("POST", $"v1/videos/{id}/remix", new { prompt = "x" }, As(Own));
        Assert.Equal(TestedProviders.Find(type).Remixes ? 200 : 400, remix.Status);
        Assert.Equal(200, (await App.CallAsync("DELETE", "v1/videos/" + id, null, As(Own))).Status);

        var (header, prefix) = type switch
        {
            "gemini" or "vertex" or "vertex-veo" => ("x-goog-api-key", ""),
            "fal" => ("Authorization", "Key "),
            _ => ("Authorization", "Bearer "),
        };
        var calls = App.Sandbox.Requests.ToLookup(r => r.Headers.TryGetValue(header, out var value) && value == prefix + Own);
        Assert.All(calls[true], r => Assert.StartsWith($"/{type}/", r.PathAndQuery, StringComparison.Ordinal));
        Assert.All(calls[true], r => Assert.Equal(App.Sandbox.Address.Authority, r.Headers["Host"]));
        Assert.InRange(calls[true].Count(), 3, int.MaxValue);
        Assert.All(calls[false], r => Canary.AssertNone(
            [new("the bearer", Own)], "a request", $"{r.PathAndQuery}\n{string.Join('\n', r.Headers)}\n{r.BodyText}"));
    }

    [Fact]
    public async Task Redirects_of_bytes_are_followed_without_the_bearer()
    {
        await StartAsync();
        var id = await FinishedAsync(As(Own));
        var clip = await FinishedAsync(Keyed, As(Own));
        Assert.Equal(200, (await App.CallAsync("GET", $"v1/videos/{clip}/content", null, As(Own))).Status);
        var asset = App.Sandbox.Requests.Last(r => r.PathAndQuery.StartsWith("/assets/", StringComparison.Ordinal)).PathAndQuery;
        var (own, foreign) = (App.Sandbox.Address + "openai/again", App.Sandbox.AssetAddress.ToString().TrimEnd('/') + asset);
        _upstream.On("openai", _ => true, (http, next) =>
            Upstream.Answers(302, headers: ("Location", http.Request.Path.Value!.EndsWith("/again", StringComparison.Ordinal) ? foreign : own))(http, next));
        var before = App.Sandbox.Requests.Count;
        Assert.Equal(200, (await App.CallAsync("GET", $"v1/videos/{id}/content", null, As(Own))).Status);

        var seen = App.Sandbox.Requests.Skip(before).ToLookup(r => r.PathAndQuery.EndsWith("/content", StringComparison.Ordinal));
        Assert.All(seen[true], r => Assert.Equal("Bearer " + Own, r.Headers["Authorization"]));
        Assert.Equal(["/openai/again", asset], seen[false].Select(r => r.PathAndQuery));
        Assert.All(seen[false], r => Assert.False(r.Headers.ContainsKey("Authorization")));
    }

    [Fact]
    public async Task Callers_of_an_open_proxy_are_told_apart_by_their_bearers()
    {
        await StartAsync();
        var id = await FinishedAsync(As(Own));
        var keyed = await FinishedAsync(Keyed, As(Own));
        var others = (await App.CreateAsync(Model, "A boat", As(Others))).Id;
        var nobodys = (await App.CreateAsync(Keyed, "A boat")).Id;
        Assert.All(App.Sandbox.Requests.Where(r => r.PathAndQuery.StartsWith("/luma/", StringComparison.Ordinal)),
            r => Assert.Equal("Bearer secret-luma", r.Headers["Authorization"]));
        var before = App.Sandbox.Requests.Count;
        foreach (var headers in new (string, string)[][] { [As(Others)], [] })
        {
            foreach (var video in new[] { id, keyed })
            {
                foreach (var spelt in new[] { video, video.Split(':')[0], video + ":" + video.Split(':')[1] })
                {
                    foreach (var (method, path) in Calls.Select(c => c.Data))
                    {
                        var reply = await App.CallAsync(method, $"v1/videos/{spelt}{path}", path == "/remix" ? new { prompt = "x" } : null, headers);
                        Assert.True(reply.Status is 404 or 400, $"{method} {spelt}{path}: {reply.Status}");
                    }
                }

                Assert.Equal(404, (await App.CallAsync("GET", $"v1/videos?after={video}", null, headers)).Status);
            }
        }

        Assert.Equal(before, App.Sandbox.Requests.Count);
        Assert.Equal([keyed, id], await ListAsync(As(Own)));
        Assert.Equal([others], await ListAsync(As(Others)));
        Assert.Equal([nobodys], await ListAsync());
        Assert.Equal(200, (await App.CallAsync("DELETE", "v1/videos/" + id, null, As(Own))).Status);
    }

    [Fact]
    public async Task Nothing_is_shared_between_bearers()
    {
        await StartAsync();
        (string, string)[] headers = [("Idempotency-Key", "one"), ("x-remix-cache", "semantic")];
        var one = await App.CreateAsync(Model, "A boat", [.. headers, As(Own)]);
        var other = await App.CreateAsync(Model, "A boat", [.. headers, As(Others)]);
        Assert.NotEqual(one.Id, other.Id);
        Assert.True((await App.CreateAsync(Model, "A boat", [.. headers, As(Own)])).IsReplayed);
        Assert.Equal(other.Id, (await App.CreateAsync(Model, "a boat", ("x-remix-cache", "semantic"), As(Others))).Id);
        Assert.Equal(2, App.SubmitsSeen("openai"));
    }

    /// <summary>Without clients an unknown id is asked for with whatever key the caller has; with them the client's own video is.</summary>
    [Theory]
    [MemberData(nameof(Calls))]
    public async Task Without_a_bearer_nothing_is_sent(string method, string path)
    {
        await StartAsync();
        AssertMissing(await App.CallAsync(method, "v1/videos/video_1:openai" + path, Body(path)), method);
        AssertMissing(await App.CallAsync(method, "v1/videos/video_1:openai" + path, Body(path), ("Authorization", "Basic " + Own)), method);
        AssertMissing(await App.CallAsync(method, "v1/videos/video_1:openai" + path, Body(path), ("x-api-key", Own)), method);
        AssertMissing(await App.CreateAsync(Model, "A boat"));
        await App.DisposeAsync();

        await StartAsync(clients: true);
        var id = (await App.CreateAsync(Model, "A boat", Client(AnnsKey), As(Own))).Id;
        if (path is not ("" or "/cancel") || method == "DELETE") await App.FinishAsync(id, Client(AnnsKey), As(Own));
        App.Time.Advance(TimeSpan.FromSeconds(1000));
        var before = Sent.Length;
        foreach (var headers in new (string, string)[][] { [Client(AnnsKey)], [As(AnnsKey)], [As(AnnsKey), Client(AnnsKey)], [("api-key", AnnsKey)] })
        {
            AssertMissing(await App.CallAsync(method, $"v1/videos/{id}{path}", Body(path), headers), method);
            AssertMissing(await App.CreateAsync(Model, "Another boat", headers));
        }

        Assert.Equal(before, Sent.Length);
        // A call that could not be made took nothing from the next one.
        if (path.Length > 0 || method != "GET") return;
        Assert.Equal(200, (await App.CallAsync(method, "v1/videos/" + id, null, Client(AnnsKey), As(Own))).Status);
        Assert.Equal(before + 1, Sent.Length);
    }

    [Fact]
    public async Task With_clients_the_proxys_key_comes_beside_the_bearer()
    {
        await StartAsync(clients: true);
        var id = await FinishedAsync(Model, Client(AnnsKey), As(Own));
        Assert.Equal(200, (await App.CallAsync("GET", $"v1/videos/{id}/content", null, ("api-key", AnnsNextKey), As(Own))).Status);
        Assert.All(Sent, r => Assert.Equal("Bearer " + Own, r.Headers["Authorization"]));

        // The client owns it, whatever its users' bearers.
        var before = Sent.Length;
        Assert.Equal(200, (await App.CallAsync("GET", "v1/videos/" + id, null, Client(AnnsKey), As(Others))).Status);
        Assert.Equal(200, (await App.CallAsync("GET", "v1/videos/" + id, null, Client(AnnsKey))).Status);
        Assert.Equal(200, (await App.CallAsync("GET", "v1/videos/" + id, null, As(AnnsKey))).Status);
        Assert.Equal(200, (await App.CallAsync("GET", $"v1/videos/{id}?client=ann", null, As(RootsKey))).Status);
        (await App.CallAsync("GET", "v1/videos/" + id, null, Client(BensKey), As(Own))).AssertError(404, "video_not_found");
        (await App.CallAsync("GET", "v1/videos/video_1:openai", null, Client(BensKey), As(Own))).AssertError(404, "video_not_found");
        Assert.Equal(before, Sent.Length);
    }

    [Fact]
    public async Task A_bearer_beside_a_clients_key_goes_to_no_other_provider()
    {
        await StartAsync(clients: true);
        var id = await FinishedAsync(Keyed, Client(AnnsKey), As(Own));
        Assert.Equal(200, (await App.CallAsync("GET", $"v1/videos/{id}/content", null, Client(AnnsKey), As(Own))).Status);
        Assert.Equal([id], await ListAsync(As(AnnsKey)));
        Assert.NotEmpty(App.Sandbox.Requests);
        Assert.All(App.Sandbox.Requests, r => Canary.AssertNone([new("the bearer", Own)], "a request", string.Join('\n', r.Headers)));
    }

    [Theory]
    [InlineData("x-api-key", AnnsKey, "Authorization", "Bearer " + BensKey)]
    [InlineData("x-api-key", AnnsKey, "Authorization", "Bearer " + AnnsNextKey)]
    [InlineData("x-api-key", AnnsKey, "api-key", BensKey, "Authorization", "Bearer " + Own)]
    [InlineData("x-api-key", "wrong-key-0123456789", "Authorization", "Bearer " + Own)]
    [InlineData("x-api-key", "wrong-key-0123456789", "Authorization", "Bearer " + AnnsKey)]
    [InlineData("x-api-key", AnnsKey, "Authorization", "Basic " + Own)]
    [InlineData("x-api-key", AnnsKey, "Authorization", "Bearer two words")]
    [InlineData("Authorization", "Bearer " + Own)]
    public async Task A_clients_key_is_never_sent_on_and_no_bearer_stands_for_one(params string[] headers)
    {
        await StartAsync(clients: true);
        var sent = headers.Chunk(2).Select(h => (h[0], h[1])).ToArray();
        (await App.CreateAsync(Model, "A boat", sent)).AssertError(401, "invalid_api_key");
        (await App.CreateAsync(Keyed, "A boat", sent)).AssertError(401, "invalid_api_key");
        (await App.CallAsync("GET", "v1/videos", null, sent)).AssertError(401, "invalid_api_key");
        Assert.Empty(App.Sandbox.Requests);
    }

    [Fact]
    public async Task Two_bearers_in_one_request_are_none()
    {
        await StartAsync();
        AssertMissing(await App.CreateAsync(Model, "A boat", As(Own), As(Others)));
        AssertMissing(await App.CreateAsync(Model, "A boat", As(new string('x', 5000))));
        Assert.Empty(App.Sandbox.Requests);
    }

    [Theory]
    [InlineData(401)]
    [InlineData(402)]
    [InlineData(403)]
    public async Task A_bearer_that_the_provider_refuses_is_its_callers_matter(int status)
    {
        await StartAsync();
        var id = (await App.CreateAsync(Model, "A boat", As(Own))).Id;
        _upstream.On("openai", _ => true, Upstream.Answers(status, """{"error":{"message":"Incorrect API key provided: sk-one***c9/=","code":"x"}}"""));
        App.Time.Advance(TimeSpan.FromMinutes(1));
        using var measured = new Instruments(App);
        foreach (var reply in new[]
        {
            await App.CreateAsync(Model, "Another boat", As(Own)), await App.CallAsync("GET", "v1/videos/" + id, null, As(Own)),
            await App.CallAsync("DELETE", "v1/videos/" + id, null, As(Own)),
        })
        {
            Assert.Contains("openai refused the key that you sent as bearer", reply.Error(401, "invalid_api_key"), StringComparison.Ordinal);
            Assert.Equal("false", reply.Header("x-should-retry"));
            Assert.DoesNotContain("sk-one", reply.Text, StringComparison.Ordinal);
        }

        Assert.Equal(["create openai refused 1", "delete openai refused 1", "retrieve openai refused 1"], measured.Counts("upstream.duration"));
        Assert.DoesNotContain(App.Log, l => l.StartsWith("Warning ", StringComparison.Ordinal) || l.Contains("sk-one", StringComparison.Ordinal));
        _upstream.Heal();
        Assert.Equal(200, (await App.CallAsync("GET", "v1/videos/" + id, null, As(Own))).Status);
    }

    [Fact]
    public async Task No_video_goes_from_or_to_another_provider()
    {
        await StartAsync();
        var id = await FinishedAsync(As(Own));
        var keyed = await FinishedAsync(Keyed, As(Own));
        var before = App.Sandbox.Requests.Count;
        foreach (var (source, target) in new[] { (id, Keyed), (keyed, "openai/sora-2") })
        {
            foreach (var (path, body) in new (string, object)[]
            {
                ($"v1/videos/{source}/remix", new { prompt = "x", model = target }),
                ("v1/videos/edits", new { prompt = "x", model = target, video = new { id = source } }),
                ("v1/videos/extensions", new { prompt = "x", model = target, seconds = "4", video = new { id = source } }),
            })
            {
                var message = (await App.CallAsync("POST", path, body, As(Own))).Error(400, "unsupported_operation", "model");
                Assert.StartsWith("openai is called with its callers' own keys", message, StringComparison.Ordinal);
            }
        }

        Assert.Equal(before, App.Sandbox.Requests.Count);
        Assert.Equal(200, (await App.CallAsync("POST", $"v1/videos/{id}/remix", new { prompt = "x", model = Model }, As(Own))).Status);
    }

    /// <summary>What one key shows of an id that nobody remembers is not told to another caller who asks at the same time.</summary>
    [Fact]
    public async Task Two_bearers_that_ask_for_an_unknown_id_at_once_get_their_own_answers()
    {
        await StartAsync();
        var gate = new Gate();
        _upstream.On("openai", _ => true, async (http, _) =>
        {
            if (http.Request.Headers.Authorization != "Bearer " + Own)
            {
                await Upstream.Answers(404, """{"error":{"message":"No such video."}}""")(http, null!);
                return;
            }

            await gate.HoldAsync(http, h => ScriptedApp.JsonAsync(h, 200, """{"id":"video_7","status":"queued","model":"sora-2"}"""));
        });
        var owners = App.CallAsync("GET", "v1/videos/video_7:openai", null, As(Own));
        await gate.Arrived;
        (await App.CallAsync("GET", "v1/videos/video_7:openai", null, As(Others))).AssertError(404, "video_not_found");
        (await App.CallAsync("DELETE", "v1/videos/video_7:openai", null, As(Others))).AssertError(404, "video_not_found");
        gate.Open();
        Assert.Equal("video_7:openai", (await owners).Id);
        Assert.Equal(["video_7:openai"], await ListAsync(As(Own)));
    }

    [Fact]
    public async Task While_the_store_is_away_only_a_provider_that_knows_callers_by_their_keys_is_asked()
    {
        await StartAsync();
        var (id, keyed) = (await FinishedAsync(As(Own)), await FinishedAsync(Keyed, As(Own)));
        _stores.Away = _ => true;
        var before = App.Sandbox.Requests.Count;
        (await App.CallAsync("GET", "v1/videos/" + keyed, null, As(Others))).AssertError(503, "store_unavailable");
        AssertMissing(await App.CallAsync("GET", "v1/videos/" + id, null));
        Assert.Equal(before, App.Sandbox.Requests.Count);
        Assert.Equal(200, (await App.CallAsync("GET", "v1/videos/" + id, null, As(Own))).Status);
        Assert.Equal("Bearer " + Own, App.Sandbox.Requests[^1].Headers["Authorization"]);
    }

    [Fact]
    public async Task Default_aliases_serve_those_without_a_key_of_their_own()
    {
        await StartAsync("gemini");
        Assert.EndsWith(":luma", (await App.CreateAsync("sora-2", "A boat")).Id, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_alias_may_stand_for_such_a_provider_alone()
    {
        await StartAsync(more: ("RemixProxy:Models:mine", Model));
        Assert.EndsWith(":openai", (await App.CreateAsync("mine", "A boat", As(Own))).Id, StringComparison.Ordinal);
        AssertMissing(await App.CreateAsync("mine", "A boat"));
        Assert.Equal("Bearer " + Own, Assert.Single(Sent).Headers["Authorization"]);
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null) await _app.DisposeAsync();
    }

    private static (string, string) Client(string key) => ("x-api-key", key);

    private static object? Body(string path) => path == "/remix" ? new { prompt = "x" } : null;

    private static void AssertMissing(Reply reply, string method = "POST")
    {
        if (method == "HEAD") Assert.Equal(401, reply.Status);
        else Assert.Contains("send that key as 'Authorization: Bearer …'", reply.Error(401, "invalid_api_key"), StringComparison.Ordinal);
    }

    private async Task<string> FinishedAsync(params (string, string)[] headers) => await FinishedAsync(Model, headers);

    private async Task<string> FinishedAsync(string model, params (string, string)[] headers)
    {
        var id = (await App.CreateAsync(model, "A boat", headers)).Id;
        await App.FinishAsync(id, headers);
        return id;
    }

    private async Task<string[]> ListAsync(params (string, string)[] headers) =>
        [.. (await App.CallAsync("GET", "v1/videos", null, headers)).Ok()["data"]!.AsArray().Select(v => v!["id"]!.GetValue<string>())];

    private async Task StartAsync(string type = "openai", bool clients = false, params (string Key, string Value)[] more)
    {
        var settings = new Dictionary<string, string?>(clients ? Clients : [])
        {
            [$"RemixProxy:Providers:{type}:Passthrough"] = "true", [$"RemixProxy:Providers:{type}:ApiKey"] = null,
            [$"RemixProxy:Providers:{type}:AssetHosts:0"] = "127.0.0.1", ["RemixProxy:Providers:luma:AssetHosts:0"] = "127.0.0.1",
        };
        foreach (var (key, value) in more) settings[key] = value;
        _app = await ProxyApp.StartAsync(new() { Settings = settings, Sandbox = _upstream.Sandbox with { SeparateAssetHost = true }, Proxy = _stores.Install });
    }
}
