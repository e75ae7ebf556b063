using System.Net.Http.Json;
using System.Text.Json.Nodes;
using RemixProxy.FunctionalTests.Cache;
using RemixProxy.FunctionalTests.Kit;
using RemixProxy.Sandbox;

namespace RemixProxy.FunctionalTests.Host;

/// <summary>The host's way out through a proxy: from the environment as operators set it, or from the configuration.</summary>
public class HostProxyTests
{
    private const string Password = "s3same";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("HTTPS_PROXY", "http://me:{1}@{0}")]
    [InlineData("https_proxy", "me:{1}@{0}")]
    [InlineData("ALL_PROXY", "http://me:{1}@{0}/")]
    [InlineData("all_proxy", "me:{1}@{0}")]
    [InlineData("RemixProxy__Http__Proxy", "http://me:{1}@{0}")]
    public async Task A_proxy_of_the_environment_is_the_way_to_a_provider_and_is_said_at_the_start_without_its_password(string name, string value)
    {
        await using var providers = await SandboxServer.StartAsync(ct: Ct);
        await using var front = new TlsFront("api.vendor.example") { Server = providers.Address.Authority };
        await using var proxy = new CompanyProxy { Credential = "me:" + Password, Hosts = { ["api.vendor.example:443"] = front.Authority } };
        using var folder = new ConfigFolder();
        await using var host = await HostProcess.StartAsync(new()
        {
            Environment =
            {
                [name] = string.Format(null, value, proxy.Authority, Password),
                ["SSL_CERT_FILE"] = folder.Write("trusted.pem", front.Pem),
                ["RUNWAYML_API_SECRET"] = "key_0f9e8d7c6b5a",
                ["RemixProxy__Providers__runway__BaseUrl"] = "https://api.vendor.example/runway/runway",
            },
        });

        using var answer = await host.Http.PostAsJsonAsync("v1/videos", new { prompt = "A paper boat" }, Ct);

        Assert.True(answer.IsSuccessStatusCode, host.Output);
        Assert.Equal(1, providers.SubmitsOf("runway"));
        Assert.All(proxy.Calls, c => Assert.Equal("CONNECT api.vendor.example:443", $"{c.Method} {c.Target}"));
        Assert.Matches($"(?mi)^  proxy +.*http://{proxy.Authority} from {name.Replace("__", ":", StringComparison.Ordinal)}", host.Output);
        Assert.DoesNotContain(Password, host.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_configuration_wins_over_the_environment_and_a_log_for_machines_says_it_too()
    {
        await using var providers = await SandboxServer.StartAsync(ct: Ct);
        await using var proxy = new CompanyProxy { Hosts = { ["runway.example"] = providers.Address.Authority } };
        await using var other = new CompanyProxy();
        await using var host = await HostProcess.StartAsync(new()
        {
            Environment =
            {
                ["HTTP_PROXY"] = other.Authority, ["HTTPS_PROXY"] = other.Authority, ["NO_PROXY"] = "runway.example",
                ["RemixProxy__Http__Proxy"] = $"http://me:{Password}@{proxy.Authority}",
                ["RemixProxy__Http__NoProxy"] = "elsewhere.example",
                ["Logging__Console__FormatterName"] = "json", ["Logging__LogLevel__Default"] = "Trace", ["Logging__LogLevel__Yarp"] = "Trace",
                ["RUNWAYML_API_SECRET"] = "key_0f9e8d7c6b5a",
                ["RemixProxy__Providers__runway__BaseUrl"] = "http://runway.example/runway/runway",
            },
        });

        using var answer = await host.Http.PostAsJsonAsync("v1/videos", new { prompt = "A paper boat" }, Ct);

        Assert.True(answer.IsSuccessStatusCode, host.Output);
        Assert.Single(proxy.Calls);
        Assert.Empty(other.Calls);
        Assert.Contains($"Requests leave through a proxy: http://{proxy.Authority} from RemixProxy:Http:Proxy; not for elsewhere.example", host.Output,
            StringComparison.Ordinal);
        Assert.DoesNotContain(Password, host.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("bWU6", host.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Simulated_providers_are_reached_past_every_proxy_and_embeddings_through_it()
    {
        await using var embeddings = await EmbeddingServer.StartAsync();
        await using var proxy = new CompanyProxy { Hosts = { ["embeddings.example"] = embeddings.Endpoint.Authority } };
        await using var host = await HostProcess.StartAsync(new()
        {
            Environment =
            {
                ["RemixProxy__Sandbox"] = "true", ["HTTP_PROXY"] = $"me:{Password}@{proxy.Authority}", ["ALL_PROXY"] = $"socks5://{proxy.Authority}",
                ["RemixProxy__Cache__Mode"] = "Semantic", ["RemixProxy__Cache__Embeddings__Endpoint"] = "http://embeddings.example/v1",
                ["RemixProxy__Cache__Embeddings__Model"] = "m", ["RemixProxy__Cache__Embeddings__Timeout"] = "00:00:20",
            },
        });

        using var answer = await host.Http.PostAsJsonAsync("v1/videos", new { prompt = "A paper boat" }, Ct);

        var video = JsonNode.Parse(await answer.Content.ReadAsStringAsync(Ct))!;
        Assert.Equal("m", (string?)video["extra_fields"]!["cache_debug"]!["model_used"]);
        Assert.Single(embeddings.Requests);
        Assert.All(proxy.Calls, c => Assert.Equal("http://embeddings.example/v1/embeddings", c.Target));
    }

    [Theory]
    [InlineData("RemixProxy__Http__Proxy", "RemixProxy:Http:Proxy", "proxy.corp:3128")]
    [InlineData("RemixProxy__Http__Proxy", "RemixProxy:Http:Proxy", "ftp://me:s3same@proxy.corp")]
    [InlineData("RemixProxy__Http__Proxy", "RemixProxy:Http:Proxy", "http://me:s3same@proxy.corp/proxy.pac")]
    [InlineData("RemixProxy__Http__Proxy", "RemixProxy:Http:Proxy", "http://me:s3same#2@proxy.corp:3128")]
    [InlineData("RemixProxy__Http__NoProxy", "RemixProxy:Http:NoProxy", "localhost,10.0.0.0/99")]
    [InlineData("HTTPS_PROXY", "HTTPS_PROXY", "ftp://me:s3same@proxy.corp")]
    [InlineData("http_proxy", "HTTP_PROXY", "http://me:s3s@me@proxy.corp:3128")]
    [InlineData("ALL_PROXY", "ALL_PROXY", "://")]
    public async Task A_wrong_proxy_stops_the_start_with_one_line_that_names_the_key_and_not_the_password(string name, string key, string value)
    {
        var (exitCode, output) = await HostProcess.RunAsync(new() { Environment = { [name] = value } });

        Assert.NotEqual(0, exitCode);
        Assert.Single(output.Split('\n'), line => line.Contains(key, StringComparison.Ordinal));
        Assert.DoesNotContain("s3s", output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }
}
