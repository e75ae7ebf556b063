using System.Net;
using RemixProxy.FunctionalTests.Kit;
using RemixProxy.Sandbox;

namespace RemixProxy.FunctionalTests.Exchanges;

/// <summary>The way out through a company's proxy, which is a real one on loopback: what goes there, what doesn't, and what its faults mean.</summary>
public class OutboundProxyTests
{
    private const string Password = "open-sesame:7";

    [Theory]
    [InlineData("https")]
    [InlineData("http")]
    public async Task A_submit_its_polls_and_its_video_go_through_the_proxy_which_alone_gets_its_credential(string scheme)
    {
        await using var world = await World.StartAsync(scheme, credential: "me:" + Password);
        var video = await world.App.CreateFinishedAsync("luma/ray-3.2");
        Assert.Equal("ftyp"u8.ToArray(), (await world.App.BytesAsync($"v1/videos/{video["id"]}/content"))[4..8]);

        Assert.Equal(1, world.App.SubmitsSeen("luma"));
        Assert.All(world.App.Sandbox.Requests, r =>
        {
            Assert.DoesNotContain(r.Headers.Keys, name => name.StartsWith("Proxy-", StringComparison.OrdinalIgnoreCase));
            Assert.DoesNotContain(r.Headers.Values, value => value.Contains(Password, StringComparison.Ordinal));
        });
        Assert.Contains(world.App.Sandbox.Requests, r => r.Headers.TryGetValue("Authorization", out var key) && key == "Bearer secret-luma");
        Assert.DoesNotContain(world.App.Log, line => line.Contains(Password, StringComparison.Ordinal) || line.Contains("me:", StringComparison.Ordinal));
        var calls = world.Proxy.Calls.Where(c => c.Target.Contains("luma.example", StringComparison.Ordinal)).ToArray();
        if (scheme == "https")
        {
            // .NET tells a proxy nothing before it is asked.
            Assert.Equal(["CONNECT luma.example:443 ", "CONNECT luma.example:443 Basic bWU6b3Blbi1zZXNhbWU6Nw=="],
                calls.Select(c => $"{c.Method} {c.Target} {c.Authorization}").Distinct());
            Assert.DoesNotContain("secret-luma", world.Proxy.Read, StringComparison.Ordinal);
        }
        else
        {
            // A body never goes twice, not even to the proxy.
            Assert.All(calls, c => Assert.Equal("Basic bWU6b3Blbi1zZXNhbWU6Nw==", c.Authorization));
            Assert.Single(calls, c => c.Method == "POST");
        }
    }

    public static TheoryData<string, string, int, string> NothingSent => new()
    {
        { "https", "dead", 503, "provider_unavailable" },
        { "http", "dead", 503, "provider_unavailable" },
        { "https", "silent", 504, "provider_timeout" },
        { "https", "wrong credential", 503, "provider_unavailable" },
        { "http", "wrong credential", 503, "provider_unavailable" },
        { "https", "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", 503, "provider_unavailable" },
        { "https", "HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n", 503, "provider_unavailable" },
        { "https", "HTTP/1.1 407 No\r\nProxy-Authenticate: Negotiate\r\nContent-Length: 0\r\n\r\n", 503, "provider_unavailable" },
        { "http", "HTTP/1.1 407 No\r\nContent-Length: 3\r\nConnection: close\r\n\r\nno!", 503, "provider_unavailable" },
        { "https", "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 3\r\n\r\nno!", 503, "provider_unavailable" },
        { "https", "HTTP/1.1 504 Gateway Time-out\r\nContent-Length: 0\r\n\r\n", 503, "provider_unavailable" },
        { "https", "HTTP/1.1 302 Found\r\nLocation: http://login.corp/\r\nContent-Length: 0\r\n\r\n", 503, "provider_unavailable" },
        { "https", "HTTP/1.1 200 Connection established\r\n\r\n", 503, "provider_unavailable" },
        { "https", "HTTP/1.1 200 Connection established\r\n\r\nThis is no TLS.", 503, "provider_unavailable" },
        { "https", "SSH-2.0-OpenSSH_9.9\r\n", 503, "provider_unavailable" },
        { "https", "", 503, "provider_unavailable" },
        { "https", "foreign certificate", 503, "provider_unavailable" },
    };

    [Theory]
    [MemberData(nameof(NothingSent))]
    public async Task Where_the_proxy_opens_no_way_nothing_was_sent_and_the_next_target_is_tried(string scheme, string fault, int status, string code)
    {
        using var dead = new ClosedPort();
        await using var silent = new RawServer(answer: null);
        await using var world = await World.StartAsync(scheme, credential: fault == "wrong credential" ? "me:other" : null, proxy: fault switch
        {
            "dead" => dead.Authority,
            "silent" => silent.Authority,
            _ => null,
        }, configure: handler =>
        {
            if (fault == "silent") handler.ConnectTimeout = TimeSpan.FromMilliseconds(100);
            if (fault == "foreign certificate") handler.SslOptions.CertificateChainPolicy = null;
        });
        if (fault is "" || fault.Contains('\n', StringComparison.Ordinal)) world.Proxy.Answer = _ => fault;

        var alone = await world.App.CreateAsync("luma/ray-3.2", "alone");
        alone.AssertError(status, code);
        Assert.DoesNotContain("127.0.0.1", alone.Text, StringComparison.Ordinal);
        Assert.EndsWith(":openai", (await world.App.CreateAsync("list", "listed")).Id, StringComparison.Ordinal);
        Assert.Equal((0, 1), (world.App.SubmitsSeen("luma"), world.App.SubmitsSeen("openai")));
        // The operator reads why.
        if (fault.StartsWith("HTTP/1.1 4", StringComparison.Ordinal) || fault == "wrong credential")
            Assert.Contains(world.App.Log, line => line.Contains("proxy", StringComparison.OrdinalIgnoreCase) && line.Contains("40", StringComparison.Ordinal));
        (await world.App.CallAsync("GET", "v1/videos/unknown:luma")).AssertError(status, code);
        Assert.DoesNotContain(world.App.Log, line => line.Contains(Password, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("HTTP/1.1 504 Gateway Time-out\r\nVia: 1.1 corp\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n{\"id\"")]
    [InlineData("")]
    public async Task A_proxy_that_has_read_a_plain_submit_and_fails_may_have_passed_it_on(string answer)
    {
        await using var world = await World.StartAsync("http");
        world.Proxy.Answer = _ => answer;

        (await world.App.CreateAsync("list", "x")).AssertError(424, "submission_unknown");
        Assert.Single(world.Proxy.Calls, c => c.Method == "POST");
        Assert.Equal(0, world.App.SubmitsSeen());
    }

    [Fact]
    public async Task Files_are_fetched_through_a_socks_proxy_too()
    {
        await using var files = await SandboxServer.StartAsync(
            new() { Intercept = (context, _) => OneVideoApp.Bytes([1, 2, 3])(context) }, TestContext.Current.CancellationToken);
        await using var front = new TlsFront("cdn.example") { Server = files.Address.Authority };
        await using var socks = new SocksProxy("me", Password) { Server = front.Authority };
        await using var one = await OneVideoApp.StartAsync(
            new() { ["HTTPS_PROXY"] = $"socks5://me:{Uri.EscapeDataString(Password)}@{socks.Authority}" }, configure: front.TrustIn);
        one.Url = _ => "https://cdn.example/clip";
        Assert.Equal([1, 2, 3], await one.Http.GetByteArrayAsync(OneVideoApp.Content, TestContext.Current.CancellationToken));
        Assert.Equal(["cdn.example"], socks.Names);
    }

    [Theory]
    [InlineData("https")]
    [InlineData("http")]
    public async Task A_socks_proxy_makes_a_tunnel_for_either_scheme_and_resolves_names_itself(string scheme)
    {
        await using var socks = new SocksProxy("me", Password);
        await using var world = await World.StartAsync(scheme, proxy: $"socks5h://me:{Password}@{socks.Authority}");
        socks.Server = scheme == "https" ? world.Front.Authority : world.App.Sandbox.Address.Authority;
        Assert.EndsWith(":luma", (await world.App.CreateAsync("luma/ray-3.2", "x")).Id, StringComparison.Ordinal);
        Assert.Equal(["luma.example"], socks.Names.Distinct());
    }

    [Fact]
    public async Task A_407_inside_a_tunnel_is_the_providers()
    {
        var upstream = new Upstream();
        upstream.OnSubmit("luma", Upstream.Answers(407, headers: ("Proxy-Authenticate", "Basic realm=\"x\"")));
        await using var world = await World.StartAsync("https", credential: "me:" + Password, sandbox: upstream.Sandbox);
        (await world.App.CreateAsync("list", "x")).AssertError(502, "provider_error");
        Assert.Equal((1, 0), (world.App.SubmitsSeen("luma"), world.App.SubmitsSeen("openai")));
    }

    [Theory]
    [InlineData("NO_PROXY", "corp, 127.0.0.0/8")]
    [InlineData("RemixProxy:Http:NoProxy", "127.0.0.1")]
    [InlineData("RemixProxy:Http:NoProxy:1", "*")]
    public async Task Hosts_of_NO_PROXY_are_reached_directly_and_the_guard_stands_there(string key, string value)
    {
        await using var proxy = new CompanyProxy();
        await using var one = await OneVideoApp.StartAsync(new() { ["HTTP_PROXY"] = proxy.Authority, ["HTTPS_PROXY"] = proxy.Authority, [key] = value });
        one.Source = OneVideoApp.Bytes([1, 2, 3]);
        Assert.Equal([1, 2, 3], await one.Http.GetByteArrayAsync(OneVideoApp.Content, TestContext.Current.CancellationToken));
        one.Url = _ => "https://127.0.0.1:1/clip";
        one.App.Time.Advance(TimeSpan.FromHours(1));
        await one.Http.GetErrorAsync(OneVideoApp.Content, HttpStatusCode.BadGateway, "provider_invalid_response");
        Assert.Empty(proxy.Calls);
    }

    [Theory]
    [MemberData(nameof(AddressRefusalTests.PrivateAddresses), MemberType = typeof(AddressRefusalTests))]
    public async Task An_address_that_is_not_public_is_not_asked_of_the_proxy_either(string address)
    {
        await using var proxy = new CompanyProxy { Answer = _ => "HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\nContent-Length: 1\r\n\r\nx" };
        await using var one = await OneVideoApp.StartAsync(new() { ["ALL_PROXY"] = proxy.Authority, ["NO_PROXY"] = "127.0.0.1" });
        var url = string.Format(null, address, 9);

        // NO_PROXY would let 127.0.0.1 through directly; all others would go to the proxy.
        one.Url = _ => url;
        await one.Http.GetErrorAsync(OneVideoApp.Content, HttpStatusCode.BadGateway, "provider_invalid_response");
        one.Url = _ => $"{one.App.Sandbox.Address}source";
        one.Source = context =>
        {
            context.Response.Redirect(url);
            return Task.CompletedTask;
        };
        one.App.Time.Advance(TimeSpan.FromHours(1));
        await one.Http.GetErrorAsync(OneVideoApp.Content, HttpStatusCode.BadGateway, "provider_invalid_response");

        Assert.Empty(proxy.Calls);
        Assert.Contains(one.App.Log, line => line.Contains("AssetHosts", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Files_of_a_host_that_only_the_proxy_knows_are_fetched_through_it_and_their_redirects_are_checked()
    {
        await using var files = await SandboxServer.StartAsync(new()
        {
            Intercept = (context, _) =>
            {
                if (context.Request.Path == "/clip") return OneVideoApp.Bytes([1, 2, 3])(context);
                context.Response.Redirect(context.Request.Query["to"].ToString());
                return Task.CompletedTask;
            },
        }, TestContext.Current.CancellationToken);
        await using var front = new TlsFront("cdn.example", "cdn2.example") { Server = files.Address.Authority };
        await using var proxy = new CompanyProxy { Hosts = { ["cdn.example:443"] = front.Authority, ["cdn2.example:8443"] = front.Authority } };
        await using var one = await OneVideoApp.StartAsync(
            new() { ["HTTPS_PROXY"] = "http://" + proxy.Authority }, configure: front.TrustIn);

        foreach (var (path, status) in new[] { ("clip", 200), ("hop?to=https://cdn2.example:8443/clip", 200), ("hop?to=https://10.0.0.1/clip", 502),
            ("hop?to=http://cdn2.example/clip", 502), ("hop?to=https://localhost/clip", 502) })
        {
            one.Url = _ => "https://cdn.example/" + path;
            one.App.Time.Advance(TimeSpan.FromHours(1));
            using var response = await one.Http.GetAsync(OneVideoApp.Content, TestContext.Current.CancellationToken);
            Assert.True(status == (int)response.StatusCode, path);
        }

        Assert.Equal(["cdn.example:443", "cdn2.example:8443"], proxy.Calls.Select(c => c.Target).Distinct());
        Assert.All(files.Requests, r => Assert.DoesNotContain("Authorization", r.Headers.Keys));
    }

    [Fact]
    public async Task A_change_of_the_proxy_needs_a_restart_and_the_log_says_so()
    {
        var settings = new ChangeableSettings();
        await using var app = await ProxyApp.StartAsync(new() { Changeable = settings });
        settings.Replace(("Http:Proxy", "http://user:hush@127.0.0.1:1"));
        Assert.Contains(app.Log, line => line.Contains("RemixProxy:Http needs a restart", StringComparison.Ordinal));
        await app.PostAsync("v1/videos", new { model = "luma/ray-3.2", prompt = "A boat" });
        Assert.DoesNotContain(app.Log, line => line.Contains("hush", StringComparison.Ordinal));
    }

    /// <summary>A provider luma that only the proxy knows, and openai beside it, which is reached directly.</summary>
    private sealed class World(ProxyApp app, CompanyProxy proxy, TlsFront front) : IAsyncDisposable
    {
        public ProxyApp App => app;

        public CompanyProxy Proxy => proxy;

        public TlsFront Front => front;

        /// <param name="scheme">How luma is reached.</param>
        /// <param name="credential">What the proxy is told; it wants <see cref="Password"/>.</param>
        /// <param name="proxy">Another address of the proxy.</param>
        /// <param name="sandbox">How the simulators behave.</param>
        /// <param name="configure">More settings of the HTTP handlers.</param>
        public static async Task<World> StartAsync(
            string scheme, string? credential = null, string? proxy = null, SandboxOptions? sandbox = null, Action<SocketsHttpHandler>? configure = null)
        {
            var company = new CompanyProxy { Credential = credential is null ? null : "me:" + Password };
            var front = new TlsFront("luma.example");
            var app = await ProxyApp.StartAsync(new()
            {
                Sandbox = sandbox ?? new(),
                Settings = new(StringComparer.Ordinal)
                {
                    ["RemixProxy:Providers:luma:BaseUrl"] = $"{scheme}://luma.example/luma/luma",
                    ["RemixProxy:Providers:luma:AssetHosts"] = "127.0.0.1",
                    ["RemixProxy:Http:Proxy"] = proxy?.Contains('@', StringComparison.Ordinal) == true
                        ? proxy
                        : $"http://{(credential is null ? "" : credential + "@")}{proxy ?? company.Authority}",
                    ["RemixProxy:Models:list:0"] = "luma/ray-3.2",
                    ["RemixProxy:Models:list:1"] = "openai/sora-2",
                },
                ConfigureHttpClient = (cluster, handler) =>
                {
                    if (cluster.ClusterId == "remixproxy-openai") (handler.Proxy, handler.UseProxy) = (new WebProxy(), true);
                    front.TrustIn(handler);
                    configure?.Invoke(handler);
                },
            });
            front.Server = app.Sandbox.Address.Authority;
            company.Hosts["luma.example:443"] = front.Authority;
            company.Hosts["luma.example"] = app.Sandbox.Address.Authority;
            company.Hosts[app.Sandbox.Address.Authority] = app.Sandbox.Address.Authority;
            return new(app, company, front);
        }

        public async ValueTask DisposeAsync()
        {
            await app.DisposeAsync();
            await proxy.DisposeAsync();
            await front.DisposeAsync();
        }
    }
}
