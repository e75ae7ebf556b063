using RemixProxy.Providers;

namespace RemixProxy.Tests.Providers;

/// <summary>Which addresses <c>AssetHosts</c> opens.</summary>
public class AssetHostsTests
{
    [Theory]
    [InlineData("cdn.corp", "https://cdn.corp/x", true)]
    [InlineData("cdn.corp", "http://CDN.corp:9000/x", true)]
    [InlineData("cdn.corp:443", "https://cdn.corp/x", true)]
    [InlineData("cdn.corp:80", "http://cdn.corp/x", true)]
    [InlineData("cdn.corp:9000", "http://cdn.corp:9000/x", true)]
    [InlineData("cdn.corp:9000", "https://cdn.corp/x", false)]
    [InlineData("[::1]:9000", "http://[::1]:9000/x", true)]
    [InlineData("[::1]", "http://[::1]:9000/x", true)]
    [InlineData("::1", "http://[::1]:9000/x", true)]
    [InlineData("bücher.example", "https://xn--bcher-kva.example/x", true)]
    [InlineData("xn--bcher-kva.example:443", "https://bücher.example/x", true)]
    [InlineData("cdn.corp", "https://evil.cdn.corp/x", false)]
    [InlineData("cdn.corp", "https://cdn.corp.evil.example/x", false)]
    [InlineData("cdn.corp", "https://cdn.corp@evil.example/x", false)]
    [InlineData("cdn.corp", "ftp://cdn.corp/x", false)]
    public void Host_opens_its_ports_and_host_with_port_that_one_by_the_web_only(string entry, string url, bool expected)
    {
        var provider = new Provider
        {
            Name = "luma",
            Adapter = BuiltInAdapters.All.Single(p => p.Profile.Type == "luma"),
            BaseUrl = new("https://agents.example/v1/"),
            Credential = new() { Provider = "luma" },
            KeySource = null,
            Options = new() { AssetHosts = [entry] },
        };

        Assert.Equal(expected, provider.IsTrusted(new(url)));
    }
}
