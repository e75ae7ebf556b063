using System.Net;
using Microsoft.Extensions.Configuration;
using RemixProxy.Configuration;

namespace RemixProxy.Tests.Configuration;

/// <summary>Which proxy a URL's requests take, and which hosts are reached without it.</summary>
public class OutboundProxyTests
{
    [Theory]
    [InlineData("https://a.example/", "http://two:2/")]
    [InlineData("http://a.example/", "http://one:1/")]
    [InlineData("ws://a.example/", null)]
    public void Each_scheme_has_its_proxy(string url, string? proxy) =>
        AssertProxy(proxy, url, ("HTTP_PROXY", "one:1"), ("HTTPS_PROXY", "http://two:2"), ("ALL_PROXY", "http://three:3"));

    [Theory]
    [InlineData("three:3", "http://three:3/")]
    [InlineData("https://three", "https://three/")]
    [InlineData(" http://three:3/ ", "http://three:3/")]
    [InlineData("socks5://three", "socks5://three:1080/")]
    [InlineData("socks5h://three:3", "socks5://three:3/")]
    [InlineData("SOCKS4a://me@three:3", "socks4a://three:3/")]
    [InlineData("http://[::1]:3", "http://[::1]:3/")]
    [InlineData("", null)]
    [InlineData("  ", null)]
    public void All_proxy_stands_for_both_where_they_are_unset_or_empty(string value, string? proxy)
    {
        AssertProxy(proxy, "https://a.example/", ("ALL_PROXY", value), ("HTTPS_PROXY", " "));
        AssertProxy(proxy, "http://a.example/", ("all_proxy", value));
    }

    [Fact]
    public void A_variable_of_one_scheme_is_not_the_others() => AssertProxy(null, "https://a.example/", ("HTTP_PROXY", "http://one:1"));

    [Fact]
    public void The_configuration_wins()
    {
        var options = new HttpOptions { Proxy = "http://mine:9", NoProxy = ["b.example"] };
        var proxy = Read(options, ("HTTPS_PROXY", "http://two:2"), ("NO_PROXY", "a.example"));
        Assert.Equal("http://mine:9/", proxy.GetProxy(new("https://a.example/"))?.AbsoluteUri);
        Assert.Null(proxy.GetProxy(new("https://b.example/")));
    }

    [Theory]
    [InlineData("a.example", "https://a.example/ https://A.EXAMPLE./ https://b.a.example/", "https://ba.example/ https://example/")]
    [InlineData(".a.example", "https://a.example/ https://b.a.example/", "https://ba.example/")]
    [InlineData("*.a.example", "https://a.example/ https://b.a.example/", "https://ba.example/")]
    [InlineData("a.example:8443", "https://a.example:8443/ https://b.a.example:8443/", "https://a.example/")]
    [InlineData("bücher.example", "https://bücher.example/ https://xn--bcher-kva.example/", "https://bucher.example/")]
    [InlineData("x, y;z  w", "http://x/ http://y/ http://z/ http://w/", "http://v/")]
    [InlineData("*", "http://x/ https://10.0.0.1/ http://[::1]/", "")]
    [InlineData("10.1.2.3", "http://10.1.2.3/ http://10.1.2.3:99/", "http://10.1.2.30/ http://110.1.2.3/")]
    [InlineData("10.1.2.3:80", "http://10.1.2.3/", "https://10.1.2.3/")]
    [InlineData("10.0.0.0/8,192.168.1.1/24", "http://10.200.1.1/ http://192.168.1.77/", "http://11.0.0.1/ http://192.168.2.1/ http://ten.example/")]
    [InlineData("::1", "http://[::1]/ http://[0:0::1]:8/", "http://[::2]/")]
    [InlineData("[::1]", "http://[::1]/", "http://[::2]/")]
    [InlineData("[::1]:8", "http://[::1]:8/", "http://[::1]/")]
    [InlineData("fd00::/8", "http://[fd12::1]/", "http://[fe80::1]/ http://fd.example/")]
    [InlineData("<local>, a b:c, 10.0.0.0/99, http://x/, .", "http://a/", "http://x/ http://b/ http://10.0.0.1/")]
    public void Hosts_of_the_list_are_reached_without_a_proxy(string list, string direct, string proxied)
    {
        var proxy = Read(new(), ("ALL_PROXY", "http://three:3"), ("no_proxy", list));
        Assert.All(direct.Split(' '), url => Assert.True(proxy.IsBypassed(new(url)) && proxy.GetProxy(new(url)) is null, url));
        Assert.All(proxied.Split(' ', StringSplitOptions.RemoveEmptyEntries), url => Assert.False(proxy.IsBypassed(new(url)), url));
    }

    [Fact]
    public void A_credential_is_for_its_proxy_only_and_is_never_described()
    {
        var proxy = Read(new(), ("HTTPS_PROXY", "http://corp%5Cme:p%40ss%3A%2Fw@two:2"), ("HTTP_PROXY", "one:1"), ("NO_PROXY", "a,10.0.0.0/8"));
        var address = proxy.GetProxy(new("https://x.example/"))!;
        Assert.Equal("http://two:2/", address.AbsoluteUri);
        var credential = ((IWebProxy)proxy).Credentials!.GetCredential(address, "Basic")!;
        Assert.Equal((@"corp\me", "p@ss:/w"), (credential.UserName, credential.Password));
        Assert.All(["http://one:1/", "https://x.example/", "http://two:3/"], other => Assert.Null(proxy.GetCredential(new(other), "Basic")));
        Assert.Equal("https by http://two:2 from HTTPS_PROXY; http by http://one:1 from HTTP_PROXY; not for a, 10.0.0.0/8", proxy.Describe());
    }

    [Fact]
    public void One_proxy_for_both_is_described_once_and_one_variable_s_credential_is_enough()
    {
        Assert.Equal("http://one:1 from ALL_PROXY", Read(new(), ("ALL_PROXY", "me:word@one:1")).Describe());
        var proxy = Read(new(), ("HTTPS_PROXY", "me:word@one:1"), ("HTTP_PROXY", "one:1"));
        Assert.Equal("word", proxy.GetCredential(new("http://one:1"), "Basic")?.Password);
    }

    [Fact]
    public void Without_a_proxy_there_is_nothing_to_describe() => Assert.Null(Read(new(), ("NO_PROXY", "a")).Describe());

    private static void AssertProxy(string? expected, string url, params (string, string)[] variables) =>
        Assert.Equal(expected, Read(new(), variables).GetProxy(new(url))?.AbsoluteUri);

    private static OutboundProxy Read(HttpOptions options, params (string Name, string Value)[] variables)
    {
        var errors = new List<string>();
        var environment = new ConfigurationBuilder().AddInMemoryCollection(variables.Select(v => KeyValuePair.Create(v.Name, (string?)v.Value))).Build();
        var proxy = OutboundProxy.Read(options, environment, errors);
        Assert.Empty(errors);
        return proxy;
    }
}
