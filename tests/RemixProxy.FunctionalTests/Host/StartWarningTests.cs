using RemixProxy.FunctionalTests.Kit;

namespace RemixProxy.FunctionalTests.Host;

/// <summary>What the host says of a configuration that would cost a key or money.</summary>
public class StartWarningTests
{
    private const string Key = "key_0f9e8d7c6b5a";

    [Theory]
    [InlineData("Providers__luma__BaseUrl", "http://169.254.169.254/v1", "Providers:luma:BaseUrl must be another host: 169.254.169.254 ")]
    [InlineData("Providers__luma__BaseUrl", "http://2852039166", "Providers:luma:BaseUrl must be another host: 169.254.169.254 ")]
    [InlineData("Providers__luma__BaseUrl", "http://[fe80::1]:80", "Providers:luma:BaseUrl must be another host: fe80::1 ")]
    [InlineData("Providers__luma__BaseUrl", "https://metadata.google.internal", "Providers:luma:BaseUrl must be another host: ")]
    [InlineData("Cache__Embeddings__Endpoint", "http://100.100.100.200/", "Cache:Embeddings:Endpoint must be another host: ")]
    [InlineData("Providers__luma__AssetHosts", "169.254.170.2", "Providers:luma:AssetHosts must be another host: ")]
    [InlineData("Providers__luma__AssetHosts", "https://cdn.example", "Providers:luma:AssetHosts must be host or host:port, ")]
    [InlineData("Providers__luma__AssetHosts__0", "cdn.example/videos", "Providers:luma:AssetHosts:0 must be host or host:port, ")]
    [InlineData("Providers__luma__AssetHosts__7", "*.cdn.example", "Providers:luma:AssetHosts:7 must be host or host:port, ")]
    [InlineData("Providers__luma__AssetHosts__0", "", "Providers:luma:AssetHosts:0 must be host or host:port, ")]
    [InlineData("Providers__luma__AssetHosts__0", " ", "Providers:luma:AssetHosts:0 must be host or host:port, ")]
    [InlineData("Telemetry__TraceContextHosts", "http://collector", "Telemetry:TraceContextHosts must be host or host:port, ")]
    [InlineData("Redis__ConnectionString", "", "Redis:ConnectionString must be given a value, or removed")]
    [InlineData("Redis__ConnectionString", "  ", "Redis:ConnectionString must be given a value, or removed")]
    public async Task What_can_t_be_meant_stops_the_start_in_a_sentence(string key, string value, string sentence)
    {
        var (exitCode, output) = await HostProcess.RunAsync(new() { Environment = { ["LUMA_AGENTS_API_KEY"] = Key, ["RemixProxy__" + key] = value } });
        Assert.NotEqual(0, exitCode);
        Assert.Single(output.Split('\n'), line => line.TrimStart().StartsWith("RemixProxy:" + sentence, StringComparison.Ordinal));
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
        Assert.DoesNotContain(Key, output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://api.vendor.example/v1", true)]
    [InlineData("http://8.8.8.8:8000", true)]
    [InlineData("https://api.vendor.example/v1", false)]
    [InlineData("http://gpu-box:8000/v1", false)]
    [InlineData("http://10.0.0.7:8000/v1", false)]
    [InlineData("http://gpu.namespace.svc.cluster.local/v1", false)]
    [InlineData("http://localhost:8000/v1", false)]
    public async Task A_key_that_would_travel_in_the_clear_is_said(string address, bool warns)
    {
        await using var host = await HostProcess.StartAsync(
            new() { Environment = { ["LUMA_AGENTS_API_KEY"] = Key, ["RemixProxy__Providers__luma__BaseUrl"] = address } });
        Assert.Equal(warns, host.Output.Contains("RemixProxy:Providers:luma:BaseUrl begins with http://", StringComparison.Ordinal));
        Assert.DoesNotContain(Key, host.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://0.0.0.0:0", "true", true)]
    [InlineData("http://*:0", "true", true)]
    [InlineData("http://127.0.0.1:0;http://[::]:0", "true", true)]
    [InlineData("http://127.0.0.1:0", "true", false)]
    [InlineData("http://0.0.0.0:0", "false", false)]
    public async Task Everybody_s_access_is_said_where_everybody_reaches_it(string urls, string allow, bool warns)
    {
        await using var host = await HostProcess.StartAsync(new()
        {
            OnAnyPort = false,
            Environment = { ["ASPNETCORE_URLS"] = urls, ["RemixProxy__Sandbox"] = "true", ["RemixProxy__AllowAnonymous"] = allow },
        });
        using var ready = await host.Http.GetAsync(new Uri($"http://127.0.0.1:{host.Http.BaseAddress!.Port}/healthz/ready"));
        Assert.Equal(warns, host.Output.Contains("RemixProxy:AllowAnonymous is true, and http://", StringComparison.Ordinal));
    }
}
