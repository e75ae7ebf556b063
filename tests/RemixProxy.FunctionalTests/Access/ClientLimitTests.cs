using System.Net.Http.Headers;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using RemixProxy.FunctionalTests.Kit;
using RemixProxy.Limits;
using RemixProxy.TestKit;
using RemixProxy.TestKit.Redis;
using static RemixProxy.FunctionalTests.Kit.Calls;

namespace RemixProxy.FunctionalTests.Access;

/// <summary>How much a client may do, and how many videos a provider may have under way.</summary>
public class ClientLimitTests
{
    private const string Ann = "key-of-ann-0123456789";
    private const string Ben = "key-of-ben-0123456789";
    private const string Model = "openai/sora-2";

    [Fact]
    public async Task Requests_a_minute_are_counted_told_and_refused()
    {
        await using var app = await StartAsync(("RequestsPerMinute", "3"));
        var left = new List<string?>();
        for (var i = 0; i < 3; i++)
        {
            var reply = await app.CallAsync("GET", i == 0 ? "v1/models" : "v1/videos/x:openai", null, As(Ann));
            Assert.Equal(i == 0 ? 200 : 404, reply.Status);
            Assert.Equal("3", reply.Header("x-ratelimit-limit-requests"));
            left.Add(reply.Header("x-ratelimit-remaining-requests"));
        }

        Assert.Equal(["2", "1", "0"], left);
        var refused = await app.CallAsync("POST", "v1/videos", new { prompt = "A boat" }, As(Ann));
        refused.Error(429, "rate_limit_exceeded");
        Assert.Equal(("20", "0", "1m0s"), (refused.Header("Retry-After"), refused.Header("x-ratelimit-remaining-requests"),
            refused.Header("x-ratelimit-reset-requests")));
        Assert.Null(refused.Header("x-should-retry"));
        Assert.Equal(0, app.SubmitsSeen());
        var other = await app.CallAsync("GET", "v1/videos", null, As(Ben));
        Assert.Equal((200, null), (other.Status, other.Header("x-ratelimit-limit-requests")));
        (await app.CallAsync("GET", "v1/videos", null, As("wrong-key-0123456789"))).AssertError(401, "invalid_api_key");
    }

    [Fact]
    public async Task Submits_beyond_a_clients_places_are_refused_unread()
    {
        var (upstream, gate) = (new Upstream(), new Gate());
        upstream.OnSubmit("openai", gate.HoldAsync);
        await using var app = await StartAsync(upstream, ("ConcurrentSubmits", "1"));
        var first = app.CreateAsync(Model, "A boat", As(Ann));
        await gate.Arrived;
        // Its body never comes: a submit without a place is not read.
        var body = new NeverContent();
        using var request = new HttpRequestMessage(HttpMethod.Post, "v1/videos") { Content = body, Headers = { ExpectContinue = true } };
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + Ann);
        var refused = await app.SendAsync(request);
        Assert.Equal("1", refused.Header("Retry-After"));
        refused.Error(429, "rate_limit_exceeded");
        upstream.Heal();
        Assert.Equal(200, (await app.CreateAsync(Model, "A boat", As(Ben))).Status);
        gate.Open();
        Assert.Equal(200, (await first).Status);
        Assert.Equal(200, (await app.CreateAsync(Model, "Another boat", As(Ann))).Status);
    }

    [Fact]
    public async Task Submits_wait_in_line_for_ten_seconds_where_the_client_may()
    {
        var (upstream, gate) = (new Upstream(), new Gate());
        upstream.OnSubmit("openai", gate.HoldAsync);
        await using var app = await StartAsync(upstream, ("ConcurrentSubmits", "1"), ("QueueSubmits", "1"));
        var first = app.CreateAsync(Model, "A boat", As(Ann));
        await gate.Arrived;
        var second = app.CreateAsync(Model, "Another boat", As(Ann));
        var store = app.Services.GetRequiredService<ILimitStore>();
        // The line is full when the second one stands in it.
        while (await store.EnterAsync("ann", "zzz", 1, 1, CancellationToken.None) != PlaceTurn.Full)
        {
            await store.LeaveAsync("ann", "zzz");
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }

        (await app.CreateAsync(Model, "A third boat", As(Ann))).Error(429, "rate_limit_exceeded");
        await RunAsync(app, second, TimeSpan.FromSeconds(11));
        (await second).Error(429, "rate_limit_exceeded");
        var third = app.CreateAsync(Model, "A fourth boat", As(Ann));
        gate.Open();
        Assert.Equal(200, (await first).Status);
        await RunAsync(app, third, TimeSpan.FromSeconds(9));
        Assert.Equal(200, (await third).Status);
    }

    [Fact]
    public async Task Unfinished_videos_of_a_client_are_bounded()
    {
        await using var app = await StartAsync(("ConcurrentJobs", "2"));
        var ids = new[] { (await app.CreateAsync(Model, "One", As(Ann))).Id, (await app.CreateAsync(Model, "FAIL", As(Ann))).Id };
        var full = await app.CreateAsync(Model, "Three", As(Ann));
        full.Error(429, "rate_limit_exceeded");
        Assert.Equal(200, (await app.CreateAsync(Model, "Three", As(Ben))).Status);
        foreach (var id in ids) await app.FinishAsync(id, As(Ann));
        var third = (await app.CreateAsync(Model, "Three", As(Ann))).Id;
        (await app.CreateAsync(Model, "REFUSE", As(Ann))).AssertError(400, "content_policy_violation");
        Assert.Equal(200, (await app.CreateAsync(Model, "Four", As(Ann))).Status);
        (await app.CreateAsync(Model, "Five", As(Ann))).AssertError(429, "rate_limit_exceeded");
        Assert.Equal(200, (await app.CallAsync("DELETE", "v1/videos/" + third, null, As(Ann))).Status);
        Assert.Equal(200, (await app.CreateAsync(Model, "Five", As(Ann))).Status);
        // Where nobody looks, a video counts until its time is over.
        app.Time.Advance(TimeSpan.FromHours(1.1));
        Assert.Equal(200, (await app.CreateAsync(Model, "Six", As(Ann))).Status);
    }

    [Fact]
    public async Task Beyond_a_providers_unfinished_videos_an_alias_goes_on_and_a_single_target_is_429()
    {
        await using var app = await ProxyApp.StartAsync(new()
        {
            Settings = new()
            {
                ["RemixProxy:Providers:openai:ConcurrentJobs"] = "1", ["RemixProxy:Models:film:0"] = Model, ["RemixProxy:Models:film:1"] = "luma/ray-3.2",
            },
        });
        var id = (await app.CreateAsync("film", "A boat")).Id;
        Assert.EndsWith(":openai", id, StringComparison.Ordinal);
        Assert.EndsWith(":luma", (await app.CreateAsync("film", "Another boat")).Id, StringComparison.Ordinal);
        (await app.CreateAsync(Model, "A third boat")).Error(429, "rate_limit_exceeded");
        await app.FinishAsync(id);
        Assert.EndsWith(":openai", (await app.CreateAsync("film", "A fourth boat")).Id, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Seconds_of_a_day_are_reserved_settled_and_given_back()
    {
        await using var app = await StartAsync(("SecondsPerDay", "12"));
        var one = (await CreateAsync(app, "A boat", 4)).Id;
        var failing = (await CreateAsync(app, "FAIL", 8)).Id;
        var refused = await CreateAsync(app, "More", 4);
        refused.Error(429, "insufficient_quota");
        Assert.Equal("false", refused.Header("x-should-retry"));
        Assert.Equal(200, (await CreateAsync(app, "More", 4, Ben)).Status);
        await app.FinishAsync(failing, As(Ann));
        // 4 are used.
        (await CreateAsync(app, "More", 12)).AssertError(429, "insufficient_quota");
        (await CreateAsync(app, "REFUSE", 8)).AssertError(400, "content_policy_violation");
        var two = (await CreateAsync(app, "Much more", 8)).Id;
        // A finished video stays used, also when it is deleted.
        await app.FinishAsync(one, As(Ann));
        await app.CallAsync("DELETE", "v1/videos/" + one, null, As(Ann));
        await app.CallAsync("DELETE", "v1/videos/" + two, null, As(Ann));
        (await CreateAsync(app, "More", 4)).AssertError(429, "insufficient_quota");
        app.Time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(200, (await CreateAsync(app, "More", 12)).Status);
    }

    [Fact]
    public async Task Seconds_whose_end_nobody_knows_are_used()
    {
        var upstream = new Upstream();
        await using var app = await StartAsync(upstream, ("SecondsPerDay", "12"));
        upstream.OnSubmit("openai", Upstream.LosesItsAnswer);
        (await CreateAsync(app, "A boat", 4)).AssertError(424, "submission_unknown");
        upstream.Heal();
        var slow = (await CreateAsync(app, "SLOW", 8)).Id;
        upstream.On("openai", r => r.Method == "GET", Upstream.Answers(404, """{"error":{"message":"Not found"}}"""));
        app.Time.Advance(TimeSpan.FromHours(1.1));
        Assert.Equal("failed", (await app.CallAsync("GET", "v1/videos/" + slow, null, As(Ann))).Ok()["status"]!.GetValue<string>());
        (await CreateAsync(app, "More", 4)).AssertError(429, "insufficient_quota");
    }

    [Fact]
    public async Task Hits_joins_and_replays_use_nothing()
    {
        await using var app = await StartAsync(("SecondsPerDay", "8"));
        (string, string)[] headers = [("x-remix-cache", "exact"), ("Idempotency-Key", "one")];
        var id = (await CreateAsync(app, "A boat", 8, Ann, headers)).Id;
        Assert.Equal(id, (await CreateAsync(app, "A boat", 8, Ann, headers)).Id);
        Assert.Equal(id, (await CreateAsync(app, "A boat", 8, Ann, headers[..1])).Id);
        (await CreateAsync(app, "Another boat", 4)).AssertError(429, "insufficient_quota");
    }

    [Fact]
    public async Task A_remix_counts_its_source_and_an_extension_what_it_adds()
    {
        await using var app = await StartAsync(("SecondsPerDay", "24"));
        var id = (await CreateAsync(app, "A boat", 12)).Id;
        await app.FinishAsync(id, As(Ann));
        var longer = await app.CallAsync("POST", "v1/videos/extensions", new { prompt = "On", seconds = "4", video = new { id } }, As(Ann));
        await app.FinishAsync(longer.Id, As(Ann));
        (await app.CallAsync("POST", $"v1/videos/{id}/remix", new { prompt = "In snow" }, As(Ann))).AssertError(429, "insufficient_quota");
        Assert.Equal(200, (await CreateAsync(app, "A boat", 8)).Status);
    }

    [Fact]
    public async Task Two_replicas_share_every_limit()
    {
        await using var redis = await RedisServer.StartAsync(RedisVersion.Eight);
        var time = new ManualTimeProvider();
        var (upstream, gate) = (new Upstream(), new Gate());
        var settings = Settings(("RequestsPerMinute", "100"), ("ConcurrentSubmits", "3"), ("SecondsPerDay", "40")).ToDictionary();
        (settings["RemixProxy:Redis:ConnectionString"], settings["RemixProxy:Redis:Timeout"]) = (redis.ConnectionString, "00:00:05");
        await using var one = await ProxyApp.StartAsync(new() { Settings = settings, Time = time, Sandbox = upstream.Sandbox });
        settings["RemixProxy:Providers:openai:BaseUrl"] = one.Sandbox.BaseUrl("openai", "openai");
        await using var two = await ProxyApp.StartAsync(new() { Settings = settings, Time = time });
        upstream.OnSubmit("openai", gate.HoldAsync);
        var submits = Enumerable.Range(0, 20).Select(i => CreateAsync(i % 2 == 0 ? one : two, "Boat " + i, 4)).ToArray();
        await Task.WhenAll(submits.Select(s => Task.WhenAny(s, gate.Arrived)));
        while (submits.Count(s => s.IsCompleted) < 17) await Task.Delay(20, TestContext.Current.CancellationToken);
        gate.Open();
        Assert.Equal((3, 17), Count(await Task.WhenAll(submits), "rate_limit_exceeded"));
        upstream.Heal();

        var made = new List<Reply>();
        foreach (var i in Enumerable.Range(0, 12)) made.Add(await CreateAsync(i % 2 == 0 ? one : two, "Ship " + i, 4));
        Assert.Equal((7, 5), Count(made, "insufficient_quota"));
        Assert.Equal("68", made[^1].Header("x-ratelimit-remaining-requests"));
        Assert.Equal(10, one.SubmitsSeen());

        static (int, int) Count(IReadOnlyCollection<Reply> replies, string code) => (replies.Count(r => r.Status == 200), replies.Count(r => r.Code == code));
    }

    [Fact]
    public async Task While_Redis_is_away_nobody_with_a_limit_of_seconds_spends()
    {
        await using var redis = await RedisServer.StartAsync(RedisVersion.Eight);
        var settings = Settings(("SecondsPerDay", "40"), ("RequestsPerMinute", "100"), ("ConcurrentSubmits", "3"), ("ConcurrentJobs", "9"))
            .Append(new("RemixProxy:Redis:ConnectionString", redis.ConnectionString)).ToDictionary();
        await using var app = await ProxyApp.StartAsync(new() { Settings = settings });
        Assert.Equal(200, (await CreateAsync(app, "A boat", 4)).Status);
        await redis.KillAsync();
        (await CreateAsync(app, "Another boat", 4)).AssertError(503, "store_unavailable");
        Assert.Equal(1, app.SubmitsSeen());
        // Who has no such limit goes on.
        Assert.Equal(200, (await CreateAsync(app, "Another boat", 4, Ben)).Status);
    }

    private static Task<Reply> CreateAsync(ProxyApp app, string prompt, int seconds, string key = Ann, params (string, string)[] headers) =>
        app.CallAsync("POST", "v1/videos", new { model = Model, prompt, seconds }, [As(key), .. headers]);

    private static async Task RunAsync(ProxyApp app, Task happening, TimeSpan atMost)
    {
        for (var passed = TimeSpan.Zero; passed < atMost && !happening.IsCompleted; passed += TimeSpan.FromMilliseconds(100))
        {
            app.Time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.WhenAny(happening, Task.Delay(10, TestContext.Current.CancellationToken));
        }
    }

    private static IEnumerable<KeyValuePair<string, string?>> Settings(params (string Key, string Value)[] anns) =>
    [
        new("RemixProxy:Clients:0:Name", "ann"), new("RemixProxy:Clients:0:Keys:0", Ann), new("RemixProxy:Clients:1:Name", "ben"),
        new("RemixProxy:Clients:1:Keys:0", Ben), .. anns.Select(a => new KeyValuePair<string, string?>("RemixProxy:Clients:0:" + a.Key, a.Value)),
    ];

    private static Task<ProxyApp> StartAsync(params (string Key, string Value)[] anns) => StartAsync(new Upstream(), anns);

    private static Task<ProxyApp> StartAsync(Upstream upstream, params (string Key, string Value)[] anns) =>
        ProxyApp.StartAsync(new() { Settings = Settings(anns).ToDictionary(), Sandbox = upstream.Sandbox });

    /// <summary>A body that nobody sends.</summary>
    private sealed class NeverContent : HttpContent
    {
        public NeverContent() => Headers.ContentType = new MediaTypeHeaderValue("application/json");

        protected override Task SerializeToStreamAsync(Stream stream, System.Net.TransportContext? context) =>
            throw new InvalidOperationException("The body was asked for.");

        protected override bool TryComputeLength(out long length)
        {
            // A smaller one is sent all the same.
            length = 100_000;
            return true;
        }
    }
}
