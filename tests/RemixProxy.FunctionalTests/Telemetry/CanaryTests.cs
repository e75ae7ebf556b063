using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using RemixProxy.FunctionalTests.Cache;
using RemixProxy.FunctionalTests.Kit;
using RemixProxy.FunctionalTests.Redis;
using StackExchange.Redis;
using static RemixProxy.FunctionalTests.Cache.CacheReplies;

namespace RemixProxy.FunctionalTests.Telemetry;

/// <summary>
/// One walk through everything with canaries for keys, prompts, image addresses and Idempotency-Keys: none of them is in a log line at any level, a metric, a
/// span, an error, the name of a key in Redis, or a request to a host that it wasn't meant for.
/// </summary>
public class CanaryTests
{
    private const string Prompt = "A heron, \"cnry-Prompt\" ü+71c9/=";
    private const string Image = "https://cdn.images.example/cnry-image.png?sig=cnry+Sig%2F88==";

    private static readonly Canary[] Keys = [.. FaultyProviders.Types.Append("embeddings").Select(t => new Canary("the key of " + t, $"cnry+Key/{t}=7f3Q"))];

    private static readonly Canary[] Callers =
    [
        new("the prompt", Prompt), new("the image", "cnry-image"), new("the image's signature", "cnry+Sig%2F88=="),
        new("the Idempotency-Key", "cnry~Idem/key+9="),
        new("the caller's credential", "cnry+Callers/bearer="),
    ];

    [Fact]
    public async Task Nothing_that_leaves_the_process_holds_a_canary_but_what_is_meant_for_its_receiver()
    {
        await using var redis = await SharedRedis.FindAsync();
        await using var embeddings = await EmbeddingServer.StartAsync();
        var upstream = new Upstream();
        var prefix = "canary-" + Guid.NewGuid().ToString("N");
        var settings = new Dictionary<string, string?>
        {
            ["RemixProxy:AllowRaw"] = "true",
            ["RemixProxy:Redis:ConnectionString"] = redis.ConnectionString, ["RemixProxy:Redis:KeyPrefix"] = prefix, ["RemixProxy:Redis:Timeout"] = "00:00:05",
            ["RemixProxy:Cache:Embeddings:Endpoint"] = embeddings.Endpoint.AbsoluteUri, ["RemixProxy:Cache:Embeddings:Model"] = "m",
            ["RemixProxy:Cache:Embeddings:ApiKey"] = KeyOf("embeddings"),
            ["RemixProxy:Providers:luma:AssetHosts:0"] = "127.0.0.1", ["RemixProxy:Providers:runway:AssetHosts:0"] = "127.0.0.1",
        };
        foreach (var type in FaultyProviders.Types) settings[$"RemixProxy:Providers:{type}:ApiKey"] = KeyOf(type);
        await using var app = await ProxyApp.StartAsync(new()
        {
            Settings = settings,
            Sandbox = upstream.Sandbox with { SeparateAssetHost = true },
            Proxy = proxy => proxy.Services.AddLogging(l => l.SetMinimumLevel(LogLevel.Trace)),
        });
        app.Http.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", "Bearer cnry+Callers/bearer=");
        using var labels = new LabelsOfAll();
        using var spans = new Spans(app);
        var replies = new List<Reply>();

        // Everything goes well, once.
        foreach (var type in FaultyProviders.Types)
        {
            var model = FaultyProviders.ModelOf(type);
            replies.Add(await app.CreateAsync(model, Prompt, Semantic, ("Idempotency-Key", $"cnry~Idem/key+9={type}"), ("x-remix-raw", "true")));
            replies.Add(await app.CallAsync("POST", "v1/videos", new { model, prompt = Prompt, input_reference = new { image_url = Image } }));
            var id = (await app.CreateFinishedAsync(model, Prompt))["id"]!.GetValue<string>();
            foreach (var path in new[] { "", "/content", "?include=base64" }) replies.Add(await app.CallAsync("GET", $"v1/videos/{id}{path}", null,
                ("x-remix-raw", "true")));
            replies.Add(await app.CallAsync("POST", $"v1/videos/{id}/remix", new { prompt = Prompt }));
            replies.Add(await app.CallAsync("POST", $"v1/videos/{id}/remix",
                new { prompt = Prompt, model = FaultyProviders.ModelOf(FaultyProviders.NextOf(type)) }));
            replies.Add(await app.CallAsync("GET", "v1/videos"));

            // The provider repeats all that it was sent, in every encoding, and says where it was.
            var host = app.Sandbox.Address;
            var key = Keys.Single(k => k.Text == KeyOf(type));
            var hosts = $"at {host.Authority}, {host.Host}, {Image}, "
                + "gpu-7.cnry-host.internal, cnry-host-7:8443, api.cnry-host.com:8443/v1, 10.7.7.7, [fd00::77]:80";
            foreach (var text in Chunks([.. key.Forms, .. key.Forms.Select(f => f.ToUpperInvariant())]).Append(hosts))
            {
                Func<HttpContext, RequestDelegate, Task>[] faults =
                [
                    .. new[] { 302, 400, 401, 404, 409, 422, 429, 500 }.Select(s =>
                    Upstream.Answers(
                        s, FaultyProviders.Refused(type, text), headers: ("Location", Image.Replace("cnry-image", "elsewhere", StringComparison.Ordinal)))),
                    Upstream.Answers(400, text, "text/plain"), Upstream.Answers(200, FaultyProviders.Failed(type, text)), Upstream.Drops, Upstream.BreaksOff,
                ];
                foreach (var fault in faults)
                {
                    upstream.On(type, _ => true, fault);
                    app.Time.Advance(TimeSpan.FromMinutes(1));
                    replies.Add(await app.CreateAsync(model, $"{Prompt} {replies.Count}", Semantic, ("Idempotency-Key", $"cnry~Idem/key+9={replies.Count}"),
                        ("x-remix-raw", "true")));
                    replies.Add(await app.CallAsync("GET", $"v1/videos/nobody{replies.Count}:{type}", null, ("x-remix-raw", "true")));
                    replies.Add(await app.CallAsync("GET", $"v1/videos/{id}/content"));
                    replies.Add(await app.CallAsync("POST", $"v1/videos/{id}/remix", new { prompt = Prompt + replies.Count }));
                    replies.Add(await app.CallAsync("DELETE", $"v1/videos/nobody{replies.Count}:{type}"));
                }
            }

            upstream.Heal();
            replies.Add(await app.CallAsync("DELETE", "v1/videos/" + id));
        }

        embeddings.Answer = EmbeddingServer.Text($"{Prompt} {KeyOf("embeddings")}", 500);
        replies.Add(await app.CreateAsync("luma/ray-3.2", Prompt + " once more", Semantic));

        Assert.InRange(replies.Count(r => r.Status != 200), 200, replies.Count);
        Assert.All(replies, reply =>
        {
            var whole = reply.Text + string.Join('\n', reply.Headers.Select(h => $"{h.Key}: {h.Value}"));
            Canary.AssertNone(Keys, "an answer", whole);
            if (reply.Status != 200) Canary.AssertNone([new("a host", "cnry-host"), new("an image", "cnry-image"), new("an address", "10.7.7.7"),
                new("IPv6", "fd00::77")], "an error", whole);
        });
        Assert.Contains(app.Log, line => line.StartsWith("Trace ", StringComparison.Ordinal) || line.StartsWith("Debug ", StringComparison.Ordinal));
        Assert.Contains(app.Log, line => line.Contains("Proxying to", StringComparison.Ordinal));
        Assert.All(app.Log, line => Canary.AssertNone([.. Keys, .. Callers], "the log", line));
        Canary.AssertNone([.. Keys, .. Callers], "a span", spans.Text());
        Canary.AssertNone([.. Keys, .. Callers], "a metric", labels.Text);
        Canary.AssertNone([.. Keys, .. Callers], "the name of a key in Redis", await NamesAsync(redis.ConnectionString, prefix));

        // A signed address is as good as a key.
        var signatures = app.Sandbox.Requests.Where(r => r.PathAndQuery.StartsWith("/assets/", StringComparison.Ordinal)
            && r.PathAndQuery.Contains('?', StringComparison.Ordinal))
            .Select(r => r.PathAndQuery.Split('?')[1].Split('=')[1]).Distinct(StringComparer.Ordinal).ToArray();
        Assert.NotEmpty(signatures);
        Assert.All(signatures, s => Assert.DoesNotContain(app.Log, line => line.Contains(s, StringComparison.Ordinal)));

        Assert.All(app.Sandbox.Requests, request =>
        {
            var sent = $"{request.PathAndQuery}\n{string.Join('\n', request.Headers)}\n{request.BodyText}";
            var isForeign = request.Headers["Host"] == app.Sandbox.AssetAddress.Authority;
            Canary.AssertNone(Keys.Where(k => isForeign || !request.PathAndQuery.StartsWith($"/{k.Text.Split('/', '=')[1]}/", StringComparison.Ordinal)),
                "a request", sent);
            Canary.AssertNone(isForeign ? Callers : Callers[3..], "a request", sent);
        });
        Assert.All(embeddings.Requests, r => Canary.AssertNone([.. Keys[..^1], .. Callers[1..]], "a request for embeddings",
            $"{string.Join('\n', r.Headers)}\n{r.Body}"));
    }

    /// <summary>A caller's own key, at the provider that it is for: nothing is kept of it, not in any value in Redis either.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Nothing_is_kept_of_a_callers_own_key(bool hasClients)
    {
        const string Own = "cnry+Own/bearer=7f3Q";
        Canary[] own = [new("the caller's own key", Own)];
        await using var redis = await SharedRedis.FindAsync();
        var upstream = new Upstream();
        var prefix = "canary-" + Guid.NewGuid().ToString("N");
        var settings = new Dictionary<string, string?>
        {
            ["RemixProxy:AllowRaw"] = "true",
            ["RemixProxy:Redis:ConnectionString"] = redis.ConnectionString, ["RemixProxy:Redis:KeyPrefix"] = prefix, ["RemixProxy:Redis:Timeout"] = "00:00:05",
        };
        foreach (var type in FaultyProviders.Types)
        {
            settings[$"RemixProxy:Providers:{type}:ApiKey"] = null;
            settings[$"RemixProxy:Providers:{type}:Passthrough"] = "true";
            settings[$"RemixProxy:Providers:{type}:AssetHosts:0"] = "127.0.0.1";
        }

        if (hasClients) (settings["RemixProxy:Clients:0:Name"], settings["RemixProxy:Clients:0:Keys:0"]) = ("ann", "key-of-ann-0123456789");
        await using var app = await ProxyApp.StartAsync(new()
        {
            Settings = settings,
            Sandbox = upstream.Sandbox with { SeparateAssetHost = true },
            Proxy = proxy => proxy.Services.AddLogging(l => l.SetMinimumLevel(LogLevel.Trace)),
        });
        app.Http.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", "Bearer " + Own);
        if (hasClients) app.Http.DefaultRequestHeaders.Add("x-api-key", "key-of-ann-0123456789");
        using var labels = new LabelsOfAll();
        using var spans = new Spans(app);
        var (replies, failures) = (new List<Reply>(), 0);
        foreach (var type in FaultyProviders.Types)
        {
            upstream.Heal();
            await CalmAsync(app);
            var model = FaultyProviders.ModelOf(type);
            replies.Add(await app.CreateAsync(model, "A boat", Semantic, ("Idempotency-Key", type), ("x-remix-raw", "true")));
            replies.Add(await app.CreateAsync(model, "a boat", Semantic, ("x-remix-raw", "true")));
            var id = (await app.CreateFinishedAsync(model))["id"]!.GetValue<string>();
            foreach (var path in new[] { "", "/content", "?include=base64" })
                replies.Add(await app.CallAsync("GET", $"v1/videos/{id}{path}", null, ("x-remix-raw", "true")));
            Assert.All(replies, r => Assert.Equal(200, r.Status));
            foreach (var text in Chunks([.. own[0].Forms]))
            {
                foreach (var fault in new[] { 302, 400, 401, 404, 409, 429, 500 }.Select(s => Upstream.Answers(s, FaultyProviders.Refused(type, text)))
                    .Concat([Upstream.Answers(400, text, "text/plain"), Upstream.Answers(200, FaultyProviders.Failed(type, text)), Upstream.Drops]))
                {
                    upstream.On(type, _ => true, fault);
                    app.Time.Advance(TimeSpan.FromMinutes(1));
                    var failed = new[]
                    {
                        await app.CreateAsync(model, $"A boat {Guid.NewGuid()}", ("Idempotency-Key", Guid.NewGuid().ToString()), ("x-remix-raw", "true")),
                        await app.CallAsync("GET", $"v1/videos/nobody{Guid.NewGuid():N}:{type}", null, ("x-remix-raw", "true")),
                        await app.CallAsync("GET", $"v1/videos/{id}/content"), await app.CallAsync("POST", $"v1/videos/{id}/remix", new { prompt = "x" }),
                    };
                    failures += failed.Count(r => r.Status != 200);
                    Assert.All(failed, r => Canary.AssertNone(own, "an answer", r.Text + string.Join('\n', r.Headers)));
                }
            }
        }

        Assert.InRange(failures, 50, int.MaxValue);
        Assert.All(replies, r => Canary.AssertNone(own, "an answer", r.Text + string.Join('\n', r.Headers)));
        Assert.Contains(app.Sandbox.Requests, r => r.Headers.Values.Contains("Bearer " + Own));
        Assert.All(app.Log, line => Canary.AssertNone(own, "the log", line));
        Canary.AssertNone(own, "a span", spans.Text());
        Canary.AssertNone(own, "a metric", labels.Text);
        var kept = await StoredText.InRedisAsync(redis.ConnectionString, prefix);
        Assert.Contains("A boat", kept, StringComparison.Ordinal);
        Assert.Contains(hasClients ? "\"ann\"" : "bearer:", kept, StringComparison.Ordinal);
        Canary.AssertNone(own, "Redis", kept);
    }

    /// <summary>The same for the keys of clients: right, wrong, too short and two at a time, in every header that may have one.</summary>
    [Fact]
    public async Task Nothing_that_leaves_the_process_holds_a_key_of_a_client()
    {
        const string Right = "cnry+Client/right=7f3Q9z", Hashed = "cnry+Client/hashed=7f3Q9z", Wrong = "cnry+Client/wrong=7f3Q9z", Short = "cnry+Client/7f";
        Canary[] keys =
        [
            .. new[] { Right, Hashed, Wrong, Short }.Select(k => new Canary("a client's key", k)),
            .. new[] { Right, Hashed, Wrong }.Select(k => new Canary("a hash of a key", Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(k))))),
        ];
        await using var redis = await SharedRedis.FindAsync();
        await using var embeddings = await EmbeddingServer.StartAsync();
        var (upstream, changeable) = (new Upstream(), new ChangeableSettings());
        var prefix = "canary-" + Guid.NewGuid().ToString("N");
        Dictionary<string, string?> settings = new()
        {
            ["RemixProxy:AllowRaw"] = "true", ["RemixProxy:Clients:0:Name"] = "ann", ["RemixProxy:Clients:0:Keys:0"] = Right,
            ["RemixProxy:Clients:1:Name"] = "ben", ["RemixProxy:Clients:1:KeysSha256:0"] = keys[5].Text,
            ["RemixProxy:Redis:ConnectionString"] = redis.ConnectionString, ["RemixProxy:Redis:KeyPrefix"] = prefix, ["RemixProxy:Redis:Timeout"] = "00:00:05",
            ["RemixProxy:Cache:Embeddings:Endpoint"] = embeddings.Endpoint.AbsoluteUri, ["RemixProxy:Cache:Embeddings:Model"] = "m",
        };
        await using var app = await ProxyApp.StartAsync(new()
        {
            Settings = settings, Changeable = changeable, Sandbox = upstream.Sandbox with { SeparateAssetHost = true },
            Proxy = proxy => proxy.Services.AddLogging(l => l.SetMinimumLevel(LogLevel.Trace)),
        });
        using var labels = new LabelsOfAll();
        using var spans = new Spans(app);
        var replies = new List<Reply>();
        (string, string)[][] ways =
        [
            [("Authorization", "Bearer " + Right)], [("x-api-key", Right)], [("api-key", Hashed)], [("Authorization", "Bearer " + Hashed)],
            [("Authorization", "Bearer " + Wrong)], [("x-api-key", Wrong)], [("api-key", Wrong)], [("Authorization", "Basic " + Right)],
            [("Authorization", "Bearer " + Right), ("x-api-key", Hashed)], [("Authorization", "Bearer " + Wrong), ("api-key", Right)],
            [("Authorization", "Bearer " + Right), ("x-api-key", Right)], [("Authorization", "Bearer " + Right + ", Bearer " + Wrong)],
            [("Authorization", Right)], [("x-api-key", Right + "," + Wrong)],
        ];
        foreach (var way in ways)
        {
            (string, string)[] headers = [.. way, ("x-remix-raw", "true")];
            foreach (var type in FaultyProviders.Types)
            {
                var made = await app.CreateAsync(FaultyProviders.ModelOf(type), Prompt, [.. headers, Semantic, ("Idempotency-Key", "k" + replies.Count)]);
                var id = made.Status == 200 ? made.Id : "unknown:" + type;
                if (made.Status == 200) await app.FinishAsync(id, headers);
                replies.Add(made);
                foreach (var (method, path) in new[]
                {
                    ("GET", $"v1/videos/{id}"), ("GET", $"v1/videos/{id}/content"), ("GET", "v1/videos"), ("GET", "v1/models"), ("PUT", "v1/videos"),
                    ("GET", "v1/videos?client=ben"), ("POST", $"v1/videos/{id}/cancel"), ("POST", $"v1/videos/{id}/remix"),
                })
                    replies.Add(await app.CallAsync(method, path, method == "POST" ? new { prompt = Prompt } : null, headers));
                foreach (var fault in new[] { Upstream.Answers(401, "{}"), Upstream.Answers(500, "{}"), Upstream.Drops })
                {
                    upstream.On(type, _ => true, fault);
                    app.Time.Advance(TimeSpan.FromMinutes(1));
                    replies.Add(await app.CreateAsync(FaultyProviders.ModelOf(type), $"{Prompt} {replies.Count}", headers));
                    replies.Add(await app.CallAsync("GET", $"v1/videos/{id}/content", null, headers));
                }

                upstream.Heal();
                await CalmAsync(app);
                replies.Add(await app.CallAsync("DELETE", "v1/videos/" + id, null, headers));
            }
        }

        // Wrong settings name keys by their place.
        changeable.Replace(("Clients:0:Keys:0", Short), ("Clients:1:Keys:0", Right), ("Clients:1:KeysSha256:0", Wrong));
        Assert.Equal(200, (await app.CallAsync("GET", "v1/videos", null, ("x-api-key", Right))).Status);
        settings["RemixProxy:Clients:0:Keys:0"] = Short;
        settings["RemixProxy:Clients:1:Keys:0"] = Right;
        settings["RemixProxy:Clients:0:Keys:1"] = Right;
        var refusal = (await Assert.ThrowsAnyAsync<Exception>(() => ProxyApp.StartAsync(new() { Settings = settings }))).ToString();
        Assert.Contains("Clients:0:Keys", refusal, StringComparison.Ordinal);
        Canary.AssertNone(keys, "the refusal of a start", refusal);

        Assert.Contains(replies, r => r.Status == 200);
        Assert.Contains(replies, r => r.Status == 401);
        Assert.All(replies, r => Canary.AssertNone(keys, "an answer", r.Text + string.Join('\n', r.Headers.Select(h => $"{h.Key}: {h.Value}"))));
        Assert.All(app.Log, line => Canary.AssertNone(keys, "the log", line));
        Canary.AssertNone(keys, "a span", spans.Text());
        Canary.AssertNone(keys, "a metric", labels.Text);
        Canary.AssertNone(keys, "Redis", await StoredText.InRedisAsync(redis.ConnectionString, prefix));
        Canary.AssertNone(keys, "a store", StoredText.InProcess(app));
        Assert.All(app.Sandbox.Requests, r => Canary.AssertNone(keys, "a request", $"{r.PathAndQuery}\n{string.Join('\n', r.Headers)}\n{r.BodyText}"));
        Assert.All(embeddings.Requests, r => Canary.AssertNone(keys, "a request for embeddings", $"{string.Join('\n', r.Headers)}\n{r.Body}"));
    }

    // The clock may have run away from what Redis was asked meanwhile.
    private static async Task CalmAsync(ProxyApp app)
    {
        while (app.Services.GetRequiredService<RemixProxy.Redis.RedisDatabase>().Dependency.IsInDoubt)
        {
            app.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    private static string KeyOf(string type) => $"cnry+Key/{type}=7f3Q";

    // A message is cut, so a long one would hide its end.
    private static IEnumerable<string> Chunks(string[] words) => words.Chunk(6).Select(c => string.Join(' ', c));

    private static async Task<string> NamesAsync(string connectionString, string prefix)
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync(connectionString);
        var names = new StringBuilder();
        await foreach (var key in connection.GetServers()[0].KeysAsync(pattern: prefix + "*")) names.AppendLine(key.ToString());
        Assert.Contains(":key:", names.ToString(), StringComparison.Ordinal);
        return names.ToString();
    }

    /// <summary>All names and values in Redis, but for vectors.</summary>
    /// <summary>What all meters of this process say from here on, the libraries' too.</summary>
    private sealed class LabelsOfAll : IDisposable
    {
        private readonly ConcurrentDictionary<string, bool> _seen = new(StringComparer.Ordinal);
        private readonly MeterListener _listener = new() { InstrumentPublished = (instrument, listener) => listener.EnableMeasurementEvents(instrument) };

        public LabelsOfAll()
        {
            _listener.SetMeasurementEventCallback<int>((i, _, labels, _) => Add(i, labels));
            _listener.SetMeasurementEventCallback<long>((i, _, labels, _) => Add(i, labels));
            _listener.SetMeasurementEventCallback<double>((i, _, labels, _) => Add(i, labels));
            _listener.Start();
        }

        public string Text => string.Join('\n', _seen.Keys);

        public void Dispose() => _listener.Dispose();

        private void Add(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> labels) =>
            _seen.TryAdd($"{instrument.Name} {string.Join(' ', labels.ToArray())}", true);
    }
}
