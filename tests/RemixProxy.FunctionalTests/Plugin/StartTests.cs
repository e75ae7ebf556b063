using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using RemixProxy.FunctionalTests.Exchanges;
using RemixProxy.FunctionalTests.Kit;
using RemixProxy.Sandbox;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;

namespace RemixProxy.FunctionalTests.Plugin;

/// <summary>What must not start, and says why.</summary>
public class StartTests
{
    [Theory]
    [InlineData("HashCookie")]
    [InlineData("ArrCookie")]
    [InlineData("")]
    [InlineData(null)]
    public async Task Affinity_by_any_policy_on_a_provider_starts_and_serves(string? policy)
    {
        await using var app = await ProxyApp.StartAsync(new()
        {
            Proxy = proxy => proxy.Services.AddSingleton<IProxyConfigFilter>(
                new ClusterFilter("remixproxy-runway", c => c with { SessionAffinity = new() { Enabled = true, Policy = policy, AffinityKeyName = "door" } })),
        });
        await app.PostAsync("v1/videos", new { model = "runway/gen4.5", prompt = "A boat" });
    }

    [Fact]
    public async Task Hash_cookie_affinity_on_a_cluster_of_the_application_keeps_a_client_at_its_destination()
    {
        await using var backend = await SandboxServer.StartAsync(
            new() { Intercept = (http, _) => http.Response.WriteAsync(http.Request.Host.Host) }, TestContext.Current.CancellationToken);
        var port = backend.Address.Port;
        await using var app = await ProxyApp.StartAsync(new()
        {
            Settings = new()
            {
                ["ReverseProxy:Routes:shop:ClusterId"] = "shop",
                ["ReverseProxy:Routes:shop:Match:Path"] = "/shop",
                ["ReverseProxy:Clusters:shop:LoadBalancingPolicy"] = "RoundRobin",
                ["ReverseProxy:Clusters:shop:Destinations:one:Address"] = $"http://127.0.0.1:{port}/",
                ["ReverseProxy:Clusters:shop:Destinations:two:Address"] = $"http://localhost:{port}/",
                ["ReverseProxy:Clusters:shop:SessionAffinity:Enabled"] = "true",
                ["ReverseProxy:Clusters:shop:SessionAffinity:AffinityKeyName"] = "shop",
            },
        });
        using var http = new HttpClient(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = app.Http.BaseAddress };

        var (first, cookie) = await AskAsync(null);
        Assert.StartsWith("shop=", cookie, StringComparison.Ordinal);
        for (var i = 0; i < 3; i++) Assert.Equal(first, (await AskAsync(cookie!.Split(';')[0])).Destination);
        Assert.NotEqual((await AskAsync(null)).Destination, (await AskAsync(null)).Destination);

        async Task<(string Destination, string? Cookie)> AskAsync(string? cookie)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "shop");
            if (cookie is not null) request.Headers.Add("Cookie", cookie);
            using var response = await http.SendAsync(request);
            return (await response.Content.ReadAsStringAsync(), response.Headers.TryGetValues("Set-Cookie", out var set) ? set.Single() : null);
        }
    }

    [Fact]
    public async Task A_filter_that_takes_what_ties_a_cluster_to_its_provider_is_refused_by_name()
    {
        var error = await Assert.ThrowsAnyAsync<Exception>(() => ProxyApp.StartAsync(new()
        {
            Proxy = proxy => proxy.Services.AddSingleton<IProxyConfigFilter>(new ClusterFilter("remixproxy-runway", c => c with { Metadata = null })),
        }));
        Assert.Contains("'remixproxy-runway'", error.ToString(), StringComparison.Ordinal);
        Assert.Contains("metadata RemixProxy.BaseUrl", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cluster_of_the_application_with_our_prefix_is_refused_by_name()
    {
        var error = await Assert.ThrowsAnyAsync<Exception>(() => ProxyApp.StartAsync(new()
        {
            Settings = new() { ["ReverseProxy:Clusters:remixproxy-mine:Destinations:one:Address"] = "http://127.0.0.1:9/" },
        }));
        Assert.Contains("'remixproxy-mine'", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Added_and_used_twice_it_serves_as_if_once()
    {
        await using var app = await ProxyApp.StartAsync(new() { Proxy = proxy => proxy.AddRemixProxy(new ConfigurationBuilder().Build()), UsedTwice = true });
        using var starts = new ForwarderStarts(app.Sandbox.Address);
        var source = (await app.CreateFinishedAsync("runway/gen4.5"))["id"]!.GetValue<string>();
        Assert.True(starts.New() > 0);
        await app.PostAsync($"v1/videos/{source}/remix", new { prompt = "make it snow" });
        Assert.Equal(1, starts.New());
        Assert.NotEmpty(await app.BytesAsync($"v1/videos/{source}/content"));
        Assert.Equal(2, app.Sandbox.SubmitsOf("runway"));
        Assert.All(app.Sandbox.Requests.Where(r => r.PathAndQuery.StartsWith("/runway/", StringComparison.Ordinal)),
            r => Assert.Equal("Bearer secret-runway", r.Headers["Authorization"]));
    }

    [Fact]
    public async Task Configure_http_client_after_the_plugin_is_refused_by_name()
    {
        var error = await Assert.ThrowsAsync<InvalidOperationException>(
            () => ProxyApp.StartAsync(new() { Proxy = proxy => proxy.ConfigureHttpClient((_, _) => { }) }));
        Assert.Contains("ConfigureHttpClient", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Configure_http_client_before_the_plugin_is_refused_by_name()
    {
        var proxy = new ServiceCollection().AddReverseProxy().ConfigureHttpClient((_, _) => { });
        var error = Assert.Throws<InvalidOperationException>(() => proxy.AddRemixProxy(new ConfigurationBuilder().Build()));
        Assert.Contains("ConfigureHttpClient", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_foreign_client_factory_is_refused_by_name()
    {
        var error = await Assert.ThrowsAsync<InvalidOperationException>(
            () => ProxyApp.StartAsync(new() { Proxy = proxy => proxy.Services.AddSingleton<IForwarderHttpClientFactory, ForeignFactory>() }));
        Assert.Contains(nameof(ForeignFactory), error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_message_names_every_wrong_key()
    {
        var wrong = new Dictionary<string, string?>
        {
            ["RemixProxy:Colour"] = "blue",
            ["RemixProxy:Jobs:Retention"] = "soon",
            ["RemixProxy:AllowRaw"] = "yes",
            ["RemixProxy:Limits:MaxRequestBytes"] = "-1",
            ["RemixProxy:PublicBaseUrl"] = "videos.example.org",
            ["RemixProxy:Providers:luma:PolInterval"] = "00:00:04",
            ["RemixProxy:Providers:runway:PollInterval"] = "6",
            ["RemixProxy:Providers:strange:Type"] = "sora",
            ["RemixProxy:Models:fast"] = "nowhere/quick-1",
            ["RemixProxy:DefaultModel"] = "no-such-model",
        };
        var settings = new Dictionary<string,
            string?>(wrong)
        {
            ["RemixProxy:Providers:gateway:Type"] = "openai", ["RemixProxy:Providers:gateway:ApiKey"] = "k",
            ["RemixProxy:Providers:Big_Name:Type"] = "luma"
        };

        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => ProxyApp.StartAsync(new() { Settings = settings }));

        Assert.All(wrong.Keys.Append("RemixProxy:Providers:gateway:BaseUrl").Append("RemixProxy:Providers:Big_Name"),
            key => Assert.Contains(key, error.Message, StringComparison.Ordinal));
        Assert.DoesNotContain("secret", error.Message, StringComparison.Ordinal);
    }

    private sealed class ForeignFactory : IForwarderHttpClientFactory
    {
        public HttpMessageInvoker CreateClient(ForwarderHttpClientContext context) => new(new SocketsHttpHandler());
    }

    [Theory]
    [InlineData("openai", "200", "300 to 599")]
    [InlineData("openai", "502,408", "can't name 408 or 504")]
    [InlineData("openai", "504", "can't name 408 or 504")]
    [InlineData("openai", "soon", "300 to 599")]
    [InlineData("luma", "502", "luma is none")]
    public async Task Statuses_that_create_nothing_are_the_operators_word_for_servers_of_his_own_only(string provider, string statuses, string reason)
    {
        var key = $"RemixProxy:Providers:{provider}:NothingCreatedOn";
        var error = await Assert.ThrowsAsync<OptionsValidationException>(
            () => ProxyApp.StartAsync(new() { Settings = new(StringComparer.Ordinal) { [key] = statuses } }));
        Assert.Contains(error.Failures, f => f.Contains(key, StringComparison.Ordinal) && f.Contains(reason, StringComparison.Ordinal));
    }
}
