using System.Buffers.Text;
using System.Text;
using RemixProxy.Contract;
using RemixProxy.FunctionalTests.Cache;
using RemixProxy.FunctionalTests.Kit;
using RemixProxy.FunctionalTests.Redis;
using RemixProxy.TestKit.Redis;
using static RemixProxy.FunctionalTests.Access.ClientTests;
using static RemixProxy.FunctionalTests.Kit.Calls;

namespace RemixProxy.FunctionalTests.Access;

/// <summary>
/// Two clients, every operation, every way to spell an id, under every base URL: a video of the one is for the other as if it did not exist. The answer is the
/// same, the stores are asked the same, and no provider is.
/// </summary>
public sealed class OwnershipTests
{
    private const string Model = "openai/sora-2";

    private static readonly string[] Roots = ["v1/", "openai/v1/", "openai/"];

    /// <summary>Method, path below the base URL, and body; <c>{0}</c> is the id, in the body without its percent-encoding.</summary>
    private static readonly (string Method, string Path, object? Body)[] Calls =
    [
        ("GET", "videos/{0}", null), ("HEAD", "videos/{0}", null), ("GET", "videos/{0}?include=base64", null),
        ("GET", "videos/{0}/content", null), ("HEAD", "videos/{0}/content", null), ("GET", "videos/{0}/content?index=1", null),
        ("DELETE", "videos/{0}", null), ("POST", "videos/{0}/cancel", null),
        ("POST", "videos/{0}/remix", new { prompt = "x" }), ("POST", "videos/{0}/remix", new { prompt = "x", model = "luma/ray-3.2" }),
        ("POST", "videos/{0}/remix", new (string, object)[] { ("prompt", "x") }),
        ("POST", "videos/edits", new { prompt = "x", video = new { id = "{0}" } }),
        ("POST", "videos/edits", new { prompt = "x", model = "runway/aleph2", video = new { id = "{0}" } }),
        ("POST", "videos/edits", new (string, object)[] { ("prompt", "x"), ("video[id]", "{0}") }),
        ("POST", "videos/extensions", new { prompt = "x", seconds = "4", video = new { id = "{0}" } }),
        ("POST", "videos/extensions", new (string, object)[] { ("prompt", "x"), ("seconds", "4"), ("video[id]", "{0}") }),
        ("GET", "videos?after={0}", null), ("GET", "videos?after={0}&order=asc&limit=1", null),
    ];

    /// <summary>From a native id at the provider <c>openai</c> to an id in a path.</summary>
    private static readonly (string Name, Func<string, string> Spell)[] Spellings =
    [
        ("as emitted", n => new VideoId(n, "openai").ToString()), ("encoded", n => new VideoId(n, "openai").ToString().Replace(":", "%3A")),
        ("encoded in small letters", n => new VideoId(n, "openai").ToString().Replace(":", "%3a")),
        ("doubled", n => new VideoId(n, "openai") + ":openai"), ("in base64", n => Base64(n) + ":openai"), ("in base64 alone", Base64),
        ("raw", n => Uri.EscapeDataString(n) + ":openai"), ("raw and doubled", n => Uri.EscapeDataString(n) + ":openai:openai"),
        ("raw in small letters", n => Uri.EscapeDataString(n).Replace("%2F", "%2f") + ":openai"), ("native", Uri.EscapeDataString),
        ("native and unreserved", n => string.Concat(Encoding.UTF8.GetBytes(n).Select(b => $"%{b:X2}")) + ":openai"),
        ("in capitals", n => Uri.EscapeDataString(n.ToUpperInvariant()) + ":openai"), ("the provider in capitals", n => Uri.EscapeDataString(n) + ":OPENAI"),
        ("elsewhere", n => Uri.EscapeDataString(n) + ":luma"), ("nowhere", n => Uri.EscapeDataString(n) + ":nowhere"),
    ];

    // Not every spelling fits every id; these fit each that needs no escape.
    private static readonly string[] Fitting =
        ["as emitted", "encoded", "encoded in small letters", "doubled", "raw", "raw and doubled", "raw in small letters", "native and unreserved"];

    [Theory]
    [InlineData(null)]
    [InlineData(RedisVersion.Seven)]
    [InlineData(RedisVersion.Eight)]
    public async Task Another_clients_video_is_like_one_that_does_not_exist(RedisVersion? version)
    {
        await using var stored = await StoredApp.StartAsync(version, Settings());
        var app = stored.App;
        var plain = (await app.CreateAsync(Model, "A boat", As(AnnsKey))).Id;
        await app.FinishAsync(plain, As(AnnsKey));
        stored.Upstream.OnSubmit("openai", Upstream.Answers(200, """{"id":"tasks/7fQ3+a","status":"queued"}"""));
        var odd = (await app.CreateAsync(Model, "Another boat", As(AnnsKey))).Id;
        Assert.StartsWith("~", odd, StringComparison.Ordinal);
        stored.Upstream.Heal();
        var native = plain.Split(':')[0];
        var before = app.Sandbox.Requests.Count;
        var count = 0;
        foreach (var (id, none, other) in new[] { (native, Turned(native, 1), Turned(native, 2)), ("tasks/7fQ3+a", "tasks/8fQ4+a", "tasks/9fQ5+a") })
        {
            for (var i = 0; i < Spellings.Length * Calls.Length; i++)
            {
                // Each spelling meets each operation, and both of them each base URL.
                var ((name, spell), call) = (Spellings[i / Calls.Length], Calls[i % Calls.Length]);
                var root = Roots[(i + (i / Calls.Length)) % Roots.Length];
                // Scripts are known from here on.
                if (i < Calls.Length) await AskAsync(stored, root, call, spell(other));
                var (unknown, ofUnknown) = await AskAsync(stored, root, call, spell(none));
                var (foreign, ofForeign) = await AskAsync(stored, root, call, spell(id));
                var which = $"{name}: {call.Method} {root}{call.Path} of {spell(id)}: {foreign.Status} {foreign.Text}";
                Assert.True(foreign.Status is 404 or 400, which);
                Assert.True(foreign.Status == 404 || id != native || !Fitting.Contains(name), which);
                Assert.True((foreign.Status, foreign.Text) == (unknown.Status, unknown.Text), $"{which}, but {unknown.Text}");
                Assert.Equal(HeadersOf(unknown), HeadersOf(foreign));
                Assert.True(ofForeign.SequenceEqual(ofUnknown), $"{which}: {string.Join(' ', ofForeign)}, but {string.Join(' ', ofUnknown)}");
                count += ofForeign.Count;
            }
        }

        Assert.True(count > 400, $"Only {count} questions to the stores were seen.");
        Assert.Equal(before, app.Sandbox.Requests.Count);
        Assert.Empty((await app.CallAsync("GET", "v1/videos", null, As(BensKey))).Ok()["data"]!.AsArray());
        // The owner gets in, however the id is spelt.
        foreach (var (name, spell) in Spellings.Where(s => s.Name == "native" || Fitting.Contains(s.Name)))
        {
            Assert.True(
                (await app.CallAsync("GET", $"openai/videos/{spell(native)}/content", null, As(AnnsKey))).Status == 200, $"{name}: {spell(native)}");
            Assert.True((await app.CallAsync("GET", "v1/videos?after=" + spell(native), null, As(AnnsKey))).Status is 200 or 400, name);
        }

        Assert.Equal(2, (await app.CallAsync("GET", "v1/videos", null, As(AnnsKey))).Ok()["data"]!.AsArray().Count);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(RedisVersion.Seven)]
    [InlineData(RedisVersion.Eight)]
    public async Task Nothing_is_shared_between_clients(RedisVersion? version)
    {
        await using var stored = await StoredApp.StartAsync(version, Settings());
        var app = stored.App;
        (string, string)[] headers = [("Idempotency-Key", "one"), ("x-remix-cache", "semantic")];
        var anns = await app.CreateAsync(Model, "A boat", [.. headers, As(AnnsKey)]);
        var bens = await app.CreateAsync(Model, "A boat", [.. headers, As(BensKey)]);
        Assert.NotEqual(anns.Id, bens.Id);
        Assert.False(bens.IsReplayed);
        var again = await app.CreateAsync(Model, "a boat", ("x-remix-cache", "semantic"), As(BensKey));
        Assert.Equal(bens.Id, again.Id);
        var retried = await app.CreateAsync(Model, "A boat", ("X-Stainless-Retry-Count", "1"), As(BensKey));
        Assert.Equal(bens.Id, retried.Id);
        Assert.Equal(2, app.SubmitsSeen());

        // Neither does a key of the one stand in the way of the other's request, nor a retry of the one find the other's submit.
        Assert.Equal(200, (await app.CreateAsync(Model, "A ship", ("Idempotency-Key", "anns"), As(AnnsKey))).Status);
        Assert.False((await app.CreateAsync(Model, "A raft", ("Idempotency-Key", "anns"), As(BensKey))).IsReplayed);
        Assert.False((await app.CreateAsync(Model, "A ship", ("X-Stainless-Retry-Count", "1"), As(BensKey))).IsReplayed);
        Assert.Equal(5, app.SubmitsSeen());

        // While a submit is under way, the other's same wish is one of its own.
        var gate = new Gate();
        stored.Upstream.OnSubmit("openai", gate.HoldAsync);
        var first = app.CreateAsync(Model, "A canoe", CacheReplies.Exact, ("Idempotency-Key", "two"), As(AnnsKey));
        await gate.Arrived;
        var second = new Gate();
        stored.Upstream.OnSubmit("openai", second.HoldAsync);
        var others = app.CreateAsync(Model, "A canoe", CacheReplies.Exact, ("Idempotency-Key", "two"), As(BensKey));
        await second.Arrived;
        second.Open();
        var own = await others;
        gate.Open();
        Assert.NotEqual((await first).Id, own.Id);
        Assert.False(own.Debug()["cache_hit"]!.GetValue<bool>());
        Assert.Equal(7, app.SubmitsSeen());
    }

    [Fact]
    public async Task While_Redis_is_away_nobody_is_served_and_nothing_is_told()
    {
        await using var replicas = await TwoReplicas.StartWithAsync(Settings());
        var id = (await replicas.CreateAsync("A boat", As(AnnsKey))).Id;
        await replicas.Redis.KillAsync();
        var sent = replicas.First.Sandbox.Requests.Count;
        foreach (var (method, path, body) in Calls.Where(c => c.Body is not (string, object)[]))
        {
            // The owner's, another's, and one that nobody has.
            foreach (var (key, which) in new[] { (AnnsKey, id), (BensKey, id), (BensKey, "video_0:openai") })
            {
                var json = body is null ? null : System.Text.Json.JsonSerializer.Serialize(body).Replace("{0}", which);
                var reply = await replicas.RunAsync(replicas.First.CallAsync(method, "v1/" + path.Replace("{0}", which), json, As(key)));
                Assert.True(reply.Status == 503, $"{method} {path}: {reply.Status} {reply.Text}");
                if (method != "HEAD") reply.AssertError(503, "store_unavailable");
            }
        }

        Assert.Equal(sent, replicas.First.Sandbox.Requests.Count);
    }

    private static async Task<(Reply Reply, List<string> Asked)> AskAsync(
        StoredApp stored, string root, (string Method, string Path, object? Body) call, string id)
    {
        var before = stored.Asked.Count;
        var (path, inBody) = (root + call.Path.Replace("{0}", id), Uri.UnescapeDataString(id));
        var reply = call.Body is (string Name, object Value)[] parts
            ? await stored.App.FormAsync(path, [.. parts.Select(p => (p.Name, (object)((string)p.Value).Replace("{0}", inBody)))], As(BensKey))
            : await stored.App.CallAsync(
                call.Method, path, call.Body is null ? null : System.Text.Json.JsonSerializer.Serialize(call.Body).Replace("{0}", inBody), As(BensKey));
        return (reply, [.. stored.Asked.Skip(before)]);
    }

    private static string[] HeadersOf(Reply reply) =>
    [
        .. reply.Headers.Where(h => h.Key.ToLowerInvariant() is not ("x-request-id" or "date" or "connection"))
            .Select(h => $"{h.Key}: {h.Value}").Order(StringComparer.Ordinal),
    ];

    private static string Base64(string native) => "~" + Base64Url.EncodeToString(Encoding.UTF8.GetBytes(native));

    // Each digit by that much further on: as long, and of the same characters.
    private static string Turned(string native, int by) => new([.. native.Select(c => char.IsAsciiDigit(c) ? (char)('0' + ((c - '0' + by) % 10)) : c)]);
}
