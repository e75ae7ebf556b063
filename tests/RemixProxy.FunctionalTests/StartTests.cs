using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;

namespace RemixProxy.FunctionalTests;

/// <summary>What must not start, and says why.</summary>
public class StartTests
{
    [Theory]
    [InlineData("HashCookie")]
    [InlineData("")]
    [InlineData(null)]
    public async Task Hash_cookie_affinity_on_a_provider_is_refused_by_name(string? policy)
    {
        SkipWhereHashingIsThere();
        var error = await Assert.ThrowsAnyAsync<Exception>(() => ProxyApp.StartAsync(new() { Proxy = proxy => AddAffinity(proxy, policy) }));
        Assert.Contains("'remixproxy-runway'", error.ToString(), StringComparison.Ordinal);
        Assert.Contains("HashCookie", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Hash_cookie_affinity_on_a_cluster_of_the_application_is_refused_by_name()
    {
        SkipWhereHashingIsThere();
        var error = await Assert.ThrowsAnyAsync<Exception>(() => ProxyApp.StartAsync(new()
        {
            Settings = new()
            {
                ["ReverseProxy:Clusters:shop:Destinations:one:Address"] = "http://127.0.0.1:9/",
                ["ReverseProxy:Clusters:shop:SessionAffinity:Enabled"] = "true",
                ["ReverseProxy:Clusters:shop:SessionAffinity:AffinityKeyName"] = "shop",
            },
        }));
        Assert.Contains("'shop'", error.ToString(), StringComparison.Ordinal);
        Assert.Contains("HashCookie", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Other_affinity_starts_and_serves()
    {
        await using var app = await ProxyApp.StartAsync(new() { Proxy = proxy => AddAffinity(proxy, "ArrCookie") });
        await app.PostAsync("v1/videos", new { model = "runway/gen4.5", prompt = "A boat" });
    }

    [Fact]
    public async Task Configure_http_client_after_the_plugin_is_refused_by_name()
    {
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => ProxyApp.StartAsync(new() { Proxy = proxy => proxy.ConfigureHttpClient((_, _) => { }) }));
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
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => ProxyApp.StartAsync(new() { Proxy = proxy => proxy.Services.AddSingleton<IForwarderHttpClientFactory, ForeignFactory>() }));
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
        var settings = new Dictionary<string, string?>(wrong) { ["RemixProxy:Providers:gateway:Type"] = "openai", ["RemixProxy:Providers:gateway:ApiKey"] = "k", ["RemixProxy:Providers:Big_Name:Type"] = "luma" };

        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => ProxyApp.StartAsync(new() { Settings = settings }));

        Assert.All(wrong.Keys.Append("RemixProxy:Providers:gateway:BaseUrl").Append("RemixProxy:Providers:Big_Name"), key => Assert.Contains(key, error.Message, StringComparison.Ordinal));
        Assert.DoesNotContain("secret", error.Message, StringComparison.Ordinal);
    }

    private static void AddAffinity(IReverseProxyBuilder proxy, string? policy) => proxy.Services.AddSingleton<IProxyConfigFilter>(
        new ClusterFilter("remixproxy-runway", c => c with { SessionAffinity = new() { Enabled = true, Policy = policy, AffinityKeyName = "door" } }));

    private static void SkipWhereHashingIsThere() =>
        Assert.SkipWhen(Type.GetType("System.IO.Hashing.XxHash64, System.IO.Hashing") is not null, "This package set has System.IO.Hashing, so HashCookie works.");

    private sealed class ForeignFactory : IForwarderHttpClientFactory
    {
        public HttpMessageInvoker CreateClient(ForwarderHttpClientContext context) => new(new SocketsHttpHandler());
    }
}
