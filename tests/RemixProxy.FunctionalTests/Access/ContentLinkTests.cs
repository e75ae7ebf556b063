using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using RemixProxy.FunctionalTests.Kit;
using RemixProxy.FunctionalTests.Redis;
using RemixProxy.FunctionalTests.Telemetry;
using RemixProxy.TestKit;
using static RemixProxy.FunctionalTests.Kit.Calls;

namespace RemixProxy.FunctionalTests.Access;

/// <summary>Content URLs where clients are configured: whoever has one reads this output of this video for an hour, and nothing else.</summary>
public class ContentLinkTests
{
    private const string AnnsKey = "key-of-ann-0123456789";
    private const string BensKey = "key-of-ben-0123456789";
    private const string RootsKey = "key-of-root-0123456789";
    private const string FirstKey = "the-first-key-for-links-0123456789";
    private const string Model = "openai/sora-2";

    /// <summary>What a browser sends for the source of a video element on another site's page.</summary>
    private static readonly (string Name, string Value)[] FromAPage =
    [
        ("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Dest", "video"), ("Sec-Fetch-Mode", "no-cors"), ("Referer", "https://app.example/"),
        ("Range", "bytes=0-"),
    ];

    [Fact]
    public async Task A_page_plays_the_url_of_an_answer()
    {
        await using var app = await ProxyApp.StartAsync(new() { Settings = Settings(), Proxy = p => p.AddRemixProxyBaseUrls() });
        var (id, link) = await FinishedAsync(app, AnnsKey);
        Assert.StartsWith($"/v1/videos/{id}/content?exp=", link, StringComparison.Ordinal);
        var bytes = (await app.CallAsync("GET", $"v1/videos/{id}/content", null, As(AnnsKey))).Bytes;

        foreach (var prefix in new[] { "/v1", "/openai", "/openai/v1", "//v1" })
        {
            var path = app.Http.BaseAddress!.ToString().TrimEnd('/') + prefix + link["/v1".Length..];
            var played = await app.CallAsync("GET", path, null, FromAPage);
            Assert.Equal((206, $"bytes 0-{bytes.Length - 1}/{bytes.Length}"), (played.Status, played.Header("Content-Range")));
            Assert.Equal(bytes, played.Bytes);
        }

        var head = await app.CallAsync("HEAD", link);
        Assert.Equal((200, bytes.Length.ToString(CultureInfo.InvariantCulture), "video/mp4"),
            (head.Status, head.Header("Content-Length"), head.Header("Content-Type")));
        var range = await app.CallAsync("GET", link, null, ("Range", "bytes=4-7"));
        Assert.Equal((206, "ftyp"), (range.Status, range.Text));
        Assert.Equal(416, (await app.CallAsync("GET", link, null, ("Range", $"bytes={bytes.Length}-"))).Status);
        Assert.Equal("private", head.Header("Cache-Control"));
    }

    [Fact]
    public async Task A_page_may_read_it_where_the_operator_says_so()
    {
        await using var app = await StartAsync(("Cors:Origins:0", "https://app.example"));
        var (_, link) = await FinishedAsync(app, AnnsKey);
        Assert.Equal("https://app.example", (await app.CallAsync("GET", link, null, ("Origin", "https://app.example"))).Header("Access-Control-Allow-Origin"));
        var other = await app.CallAsync("GET", link, null, ("Origin", "https://other.example"));
        Assert.Equal((200, null), (other.Status, other.Header("Access-Control-Allow-Origin")));
    }

    [Fact]
    public async Task Every_answer_that_shows_the_video_has_the_same_link_for_five_minutes()
    {
        await using var app = await StartAsync();
        var (id, link) = await FinishedAsync(app, AnnsKey);
        // On a step of five minutes, so that the next is five minutes away.
        app.Time.Advance(TimeSpan.FromSeconds(300 - (app.Time.GetUtcNow().ToUnixTimeSeconds() % 300)));
        var first = LinkOf((await app.CallAsync("GET", "v1/videos/" + id, null, As(AnnsKey))).Ok());
        Assert.NotEqual(link, first);
        Assert.Equal(app.Time.GetUtcNow().AddHours(1).ToUnixTimeSeconds(), ExpiryOf(first));
        app.Time.Advance(TimeSpan.FromSeconds(299));
        Assert.Equal(first, LinkOf((await app.CallAsync("GET", "v1/videos", null, As(AnnsKey))).Ok()["data"]![0]!.AsObject()));
        Assert.Equal(first, LinkOf((await app.CallAsync("POST", $"v1/videos/{id}/cancel", null, As(AnnsKey))).Ok()));
        Assert.Equal(first, LinkOf((await app.CallAsync("POST", "v1/videos", new { model = Model, prompt = "A boat" }, As(AnnsKey), Retry)).Ok()));
        app.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(ExpiryOf(first) + 300, ExpiryOf(LinkOf((await app.CallAsync("GET", "v1/videos/" + id, null, As(AnnsKey))).Ok())));
    }

    [Fact]
    public async Task It_ends_with_its_hour()
    {
        await using var app = await StartAsync();
        var (_, link) = await FinishedAsync(app, AnnsKey);
        app.Time.Advance(DateTimeOffset.FromUnixTimeSeconds(ExpiryOf(link)) - app.Time.GetUtcNow() - TimeSpan.FromSeconds(1));
        Assert.Equal(200, (await app.CallAsync("GET", link)).Status);
        app.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Contains("retrieve the video again", (await app.CallAsync("GET", link)).Error(401, "invalid_api_key"), StringComparison.Ordinal);
        Assert.Equal(401, (await app.CallAsync("HEAD", link)).Status);
    }

    /// <summary>One thing about a good link is changed. The answer is the same for an id that nobody knows.</summary>
    [Theory]
    [InlineData("exp=", "exp=1")]
    [InlineData("exp=", "exp=0")]
    [InlineData("exp=", "exp=+")]
    [InlineData("exp=", "exp=9")]
    [InlineData("exp=", "exp=-")]
    [InlineData("exp=", "was=")]
    [InlineData("sig=", "was=")]
    [InlineData("sig=", "sig=A")]
    [InlineData("sig=", "sig=&was=")]
    [InlineData("exp=", "exp=&was=")]
    [InlineData("exp=", "exp=1&exp=")]
    [InlineData("exp=", "exp=&exp=")]
    [InlineData("sig=", "sig=&sig=")]
    [InlineData("sig=", "sig=1&sig=")]
    [InlineData("exp=", "index=1&exp=")]
    [InlineData("exp=", "index=-1&exp=")]
    [InlineData("exp=", "index=0&index=0&exp=")]
    [InlineData("exp=", "index=x&exp=")]
    [InlineData("exp=", "variant=thumbnail&exp=")]
    [InlineData("exp=", "variant=spritesheet&exp=")]
    [InlineData(":openai", ":luma")]
    [InlineData(":openai", "")]
    [InlineData(":openai", "x:openai")]
    [InlineData("A", "B")]
    public async Task Altered_it_is_nothing(string before, string after)
    {
        await using var app = await StartAsync();
        var (id, link) = await FinishedAsync(app, AnnsKey);
        var altered = before == "A" ? link[..^1] + (char)(link[^1] ^ 1) : link.Replace(before, after, StringComparison.Ordinal);
        Assert.NotEqual(link, altered);
        var sent = app.Sandbox.Requests.Count;
        foreach (var method in new[] { "GET", "HEAD" })
        {
            var one = await app.CallAsync(method, altered);
            var two = await app.CallAsync(method, altered.Replace(id.Split(':')[0], "video_7777", StringComparison.Ordinal));
            Assert.Equal((401, two.Text), (one.Status, one.Text));
            Assert.Equal(401, two.Status);
            if (method == "GET") Assert.Contains("retrieve the video again", one.Error(401, "invalid_api_key"), StringComparison.Ordinal);
        }

        Assert.Equal(sent, app.Sandbox.Requests.Count);
    }

    [Fact]
    public async Task It_opens_nothing_else()
    {
        await using var app = await StartAsync();
        var (id, link) = await FinishedAsync(app, AnnsKey);
        var (other, otherLink) = await FinishedAsync(app, BensKey);
        var (sent, query) = (app.Sandbox.Requests.Count, link[link.IndexOf('?', StringComparison.Ordinal)..]);
        foreach (var (method, path) in new[]
        {
            ("GET", $"v1/videos/{id}"), ("GET", "v1/videos"), ("DELETE", $"v1/videos/{id}"), ("POST", $"v1/videos/{id}/cancel"),
            ("POST", $"v1/videos/{id}/remix"), ("POST", "v1/videos"), ("POST", "v1/videos/edits"), ("GET", "v1/models"), ("POST", $"v1/videos/{id}/content"),
            ("DELETE", $"v1/videos/{id}/content"), ("GET", $"v1/videos/{other}/content"),
        })
            (await app.CallAsync(method, path + query, method == "POST" ? new { prompt = "x" } : null)).AssertError(401, "invalid_api_key");
        Assert.Equal(401, (await app.CallAsync("GET", link.Replace(query, otherLink[otherLink.IndexOf('?', StringComparison.Ordinal)..]))).Status);
        Assert.Equal(sent, app.Sandbox.Requests.Count);
        Assert.Equal(200, (await app.CallAsync("GET", link)).Status);
        // Whoever has it may not choose for whom it reads.
        Assert.Equal(200, (await app.CallAsync("GET", link + "&client=ben")).Status);
    }

    [Fact]
    public async Task Beside_a_key_a_good_link_wins_and_of_another_the_key_decides()
    {
        await using var app = await StartAsync();
        var (_, link) = await FinishedAsync(app, AnnsKey);
        var broken = link + "A";
        Assert.Equal(200, (await app.CallAsync("GET", link, null, As(BensKey))).Status);
        Assert.Equal(200, (await app.CallAsync("GET", link, null, ("Authorization", "Basic b3BlbjpzZXNhbWU="))).Status);
        Assert.Equal(200, (await app.CallAsync("GET", broken, null, As(AnnsKey))).Status);
        (await app.CallAsync("GET", broken, null, As(BensKey))).AssertError(404, "video_not_found");
        Assert.Contains("no key of this proxy", (await app.CallAsync("GET", broken, null, As("nobodys-key-0123456789"))).Error(401, "invalid_api_key"),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_delete_ends_it()
    {
        await using var app = await StartAsync();
        var (id, link) = await FinishedAsync(app, AnnsKey);
        Assert.Equal(200, (await app.CallAsync("DELETE", "v1/videos/" + id, null, As(AnnsKey))).Status);
        (await app.CallAsync("GET", link)).AssertError(404, "video_not_found");
    }

    [Fact]
    public async Task An_admins_answer_has_the_owners_link_and_after_the_owner_is_gone_one_that_needs_the_admins_key()
    {
        var settings = new ChangeableSettings();
        await using var app = await ProxyApp.StartAsync(new() { Settings = Settings(), Changeable = settings });
        var (id, link) = await FinishedAsync(app, BensKey);
        async Task<string> SeenAsync() => LinkOf((await app.CallAsync("GET", $"v1/videos/{id}?client=ben", null, As(RootsKey))).Ok());
        Assert.Equal(link, await SeenAsync());
        Assert.Equal(200, (await app.CallAsync("GET", link)).Status);

        settings.Replace(("Clients:1:Name", "carl"));
        (await app.CallAsync("GET", link)).AssertError(401, "invalid_api_key");
        var seen = await SeenAsync();
        Assert.Equal($"/v1/videos/{id}/content?client=ben", seen);
        Assert.Equal(200, (await app.CallAsync("GET", seen, null, As(RootsKey))).Status);
        (await app.CallAsync("GET", seen)).AssertError(401, "invalid_api_key");
    }

    [Fact]
    public async Task A_configured_key_signs_for_all_who_have_it_and_a_new_one_ends_its_links()
    {
        var settings = new ChangeableSettings();
        settings.Replace(("ContentUrls:Key", FirstKey));
        await using var app = await ProxyApp.StartAsync(new() { Settings = Settings(), Changeable = settings });
        var (id, link) = await FinishedAsync(app, AnnsKey);
        settings.Replace(("ContentUrls:Key", "another-key-for-links-0123456789012"));
        (await app.CallAsync("GET", link)).AssertError(401, "invalid_api_key");
        var second = LinkOf((await app.CallAsync("GET", "v1/videos/" + id, null, As(AnnsKey))).Ok());
        Assert.Equal(200, (await app.CallAsync("GET", second)).Status);
        settings.Replace();
        var made = LinkOf((await app.CallAsync("GET", "v1/videos/" + id, null, As(AnnsKey))).Ok());
        Assert.Equal(200, (await app.CallAsync("GET", made)).Status);
        settings.Replace(("ContentUrls:Key", FirstKey));
        Assert.Equal(200, (await app.CallAsync("GET", link)).Status);
        foreach (var old in new[] { second, made }) Assert.Equal(401, (await app.CallAsync("GET", old)).Status);

        // Another process without a store has no such video, but knows whose link it is.
        await using var beside = await StartAsync(("ContentUrls:Key", FirstKey));
        (await beside.CallAsync("GET", link)).AssertError(404, "video_not_found");
        await using var stranger = await StartAsync();
        (await stranger.CallAsync("GET", link)).AssertError(401, "invalid_api_key");
    }

    [Fact]
    public async Task Replicas_take_each_others_links()
    {
        await using var redis = await SharedRedis.FindAsync();
        var (time, prefix) = (new ManualTimeProvider(), "links-" + Guid.NewGuid().ToString("N"));
        Dictionary<string, string?> Shared(params (string, string)[] more) =>
            Settings([("Redis:ConnectionString", redis.ConnectionString), ("Redis:KeyPrefix", prefix), ("Redis:Timeout", "00:00:05"), .. more]);
        await using var first = await ProxyApp.StartAsync(new() { Settings = Shared(), Time = time });
        var provider = first.Sandbox.BaseUrl("openai", "openai");
        await using var second = await ProxyApp.StartAsync(new() { Settings = Shared(("Providers:openai:BaseUrl", provider)), Time = time });
        var (id, link) = await FinishedAsync(first, AnnsKey);
        Assert.Equal(200, (await second.CallAsync("GET", link)).Status);
        Assert.Equal(link, LinkOf((await second.CallAsync("GET", "v1/videos/" + id, null, As(AnnsKey))).Ok()));
    }

    [Fact]
    public async Task While_the_store_has_not_told_the_key_no_link_is_judged()
    {
        using var closed = new ClosedPort();
        await using var app = await StartAsync(("Redis:ConnectionString", closed.Authority));
        (await app.CallAsync("GET", "v1/videos/x:openai/content?exp=1&sig=x")).AssertError(503, "store_unavailable");
        Assert.Empty(app.Sandbox.Requests);
    }

    [Fact]
    public async Task Each_output_has_a_link_of_its_own()
    {
        var clips = new[] { "first", "second" };
        ProxyApp app = null!;
        async Task TwoAsync(HttpContext http, RequestDelegate next)
        {
            var path = http.Request.Path.Value!;
            if (clips.FirstOrDefault(c => path.EndsWith("/clip/" + c, StringComparison.Ordinal)) is { } clip)
            {
                http.Response.ContentType = "video/mp4";
                await http.Response.WriteAsync(clip);
                return;
            }

            if (http.Request.Method != "GET" || !path.Contains("/v1/tasks/", StringComparison.Ordinal))
            {
                await next(http);
                return;
            }

            var outputs = new JsonArray([.. clips.Select(c => (JsonNode)$"{app.Sandbox.Address}clip/{c}")]);
            await ScriptedApp.JsonAsync(
                http, 200, new JsonObject { ["id"] = path.Split('/')[^1], ["status"] = "SUCCEEDED", ["output"] = outputs }.ToJsonString());
        }

        await using var started = app = await ProxyApp.StartAsync(new() { Settings = Settings(), Sandbox = new() { Intercept = TwoAsync } });
        var id = (await app.CreateAsync("runway/gen4.5", "A boat", As(AnnsKey))).Id;
        await app.FinishAsync(id, As(AnnsKey));
        // The provider's own addresses have died. The list doesn't ask for new ones.
        app.Time.Advance(TimeSpan.FromHours(25));
        var videos = (await app.CallAsync("GET", "v1/videos", null, As(AnnsKey))).Ok()["data"]![0]!["videos"]!.AsArray();
        string[] links = [.. videos.Select(v => new Uri(v!["url"]!.GetValue<string>()).PathAndQuery)];
        Assert.StartsWith($"/v1/videos/{id}/content?index=1&exp=", links[1], StringComparison.Ordinal);
        for (var i = 0; i < clips.Length; i++) Assert.Equal((200, clips[i]), await StatusAsync(links[i]));
        Assert.Equal(401, (await StatusAsync(links[1].Replace("index=1", "index=0", StringComparison.Ordinal))).Status);
        Assert.Equal(401, (await StatusAsync(links[0] + "&index=1")).Status);
        Assert.Equal((200, clips[0]), await StatusAsync(links[0] + "&index=0&variant=video"));

        async Task<(int Status, string Text)> StatusAsync(string link) => await app.CallAsync("GET", link) is var reply ? (reply.Status, reply.Text) : default;
    }

    [Fact]
    public async Task Without_clients_the_url_is_plain_and_a_signature_means_nothing()
    {
        await using var app = await ProxyApp.StartAsync();
        var video = await app.CreateFinishedAsync(Model);
        Assert.Equal($"/v1/videos/{video["id"]}/content", LinkOf(video));
        Assert.Equal(200, (await app.CallAsync("GET", LinkOf(video) + "?exp=1&sig=x")).Status);
    }

    [Fact]
    public async Task A_signature_is_in_no_span_no_metric_no_request_to_a_provider_and_no_line_of_ours()
    {
        await using var app = await StartAsync();
        var (_, link) = await FinishedAsync(app, AnnsKey);
        using var measured = new Instruments(app);
        using var spans = new Spans(app);
        Assert.Equal(200, (await app.CallAsync("GET", link, null, FromAPage[..^1])).Status);
        Assert.Equal(401, (await app.CallAsync("GET", link.Replace(":openai", ":luma", StringComparison.Ordinal))).Status);
        await measured.AnsweredAsync(2);
        var signature = link[(link.IndexOf("sig=", StringComparison.Ordinal) + 4)..];
        Assert.Contains("Microsoft.AspNetCore", spans.Text(), StringComparison.Ordinal);
        Assert.DoesNotContain(signature, spans.Text(), StringComparison.Ordinal);
        Assert.All(measured.Series, s => Assert.DoesNotContain(signature, s, StringComparison.Ordinal));
        Assert.All(app.Sandbox.Requests, r => Assert.DoesNotContain(signature, r.PathAndQuery + string.Join('\n', r.Headers), StringComparison.Ordinal));
        // ASP.NET's own line of a request has its whole address, and is off in the host.
        var others = app.Log.Where(l => !l.Contains(" Microsoft.AspNetCore.Hosting.Diagnostics[", StringComparison.Ordinal));
        Assert.All(others, line => Assert.DoesNotContain(signature, line, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Information")]
    [InlineData("Trace")]
    public async Task A_signature_is_in_no_line_of_the_host(string level)
    {
        await using var host = await HostProcess.StartAsync(new()
        {
            Environment =
            {
                ["RemixProxy__Sandbox"] = "true", ["Logging__LogLevel__Default"] = level, ["RemixProxy__Clients__0__Name"] = "ann",
                ["RemixProxy__Clients__0__Keys__0"] = AnnsKey, ["RemixProxy__ContentUrls__Key"] = FirstKey,
            },
        });
        using var answer = await host.Http.GetAsync("v1/videos/x:openai/content?exp=1795343000&sig=cnry-signature", TestContext.Current.CancellationToken);
        Assert.Equal(401, (int)answer.StatusCode);
        await host.TerminateAsync();
        await host.ExitAsync();
        Assert.DoesNotContain("cnry-signature", host.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(FirstKey, host.Output, StringComparison.Ordinal);
    }

    private static (string Name, string Value) Retry => ("X-Stainless-Retry-Count", "1");

    /// <summary>Path and query of the first content URL.</summary>
    private static string LinkOf(JsonObject video) => new Uri(video["videos"]![0]!["url"]!.GetValue<string>()).PathAndQuery;

    private static long ExpiryOf(string link) => long.Parse(link.Split("exp=")[1].Split('&')[0], CultureInfo.InvariantCulture);

    private static async Task<(string Id, string Link)> FinishedAsync(ProxyApp app, string key)
    {
        var id = (await app.CreateAsync(Model, "A boat", As(key))).Id;
        return (id, LinkOf(await app.FinishAsync(id, As(key))));
    }

    private static Dictionary<string, string?> Settings(params (string Key, string Value)[] more)
    {
        var settings = new Dictionary<string, string?>
        {
            ["RemixProxy:Clients:0:Name"] = "ann", ["RemixProxy:Clients:0:Keys:0"] = AnnsKey, ["RemixProxy:Clients:1:Name"] = "ben",
            ["RemixProxy:Clients:1:Keys:0"] = BensKey, ["RemixProxy:Clients:2:Name"] = "root", ["RemixProxy:Clients:2:Keys:0"] = RootsKey,
            ["RemixProxy:Clients:2:Admin"] = "true",
        };
        foreach (var (key, value) in more) settings["RemixProxy:" + key] = value;
        return settings;
    }

    private static Task<ProxyApp> StartAsync(params (string Key, string Value)[] more) => ProxyApp.StartAsync(new() { Settings = Settings(more) });
}
