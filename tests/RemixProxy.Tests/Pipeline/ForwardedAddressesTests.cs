using Microsoft.AspNetCore.Http;
using RemixProxy.Pipeline;

namespace RemixProxy.Tests.Pipeline;

/// <summary>What the headers of proxies and tunnels say of the caller: only what is plainly this machine is.</summary>
public class ForwardedAddressesTests
{
    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("127.8.9.10", true)]
    [InlineData("127.0.0.1:8080", true)]
    [InlineData("::1", true)]
    [InlineData("0:0:0:0:0:0:0:1", true)]
    [InlineData("[::1]", true)]
    [InlineData("[::1]:8080", true)]
    [InlineData("\"[::1]:8080\"", true)]
    [InlineData("::ffff:127.0.0.1", true)]
    [InlineData("127.0.0.1, ::1,127.0.0.2 ", true)]
    [InlineData("203.0.113.9", false)]
    [InlineData("10.0.0.7", false)]
    [InlineData("::ffff:10.0.0.7", false)]
    [InlineData("2001:db8::1", false)]
    [InlineData("[2001:db8::1]:443", false)]
    [InlineData("0.0.0.0", false)]
    [InlineData("::", false)]
    [InlineData("127.0.0.1, 203.0.113.9", false)]
    [InlineData("203.0.113.9, 127.0.0.1", false)]
    [InlineData("127.0.0.1 203.0.113.9", false)]
    [InlineData("127.0.0.1;203.0.113.9", false)]
    [InlineData("\"127.0.0.1, 203.0.113.9\"", false)]
    [InlineData("127.0.0.1,", false)]
    [InlineData(" ", false)]
    [InlineData("unknown", false)]
    [InlineData("_hidden", false)]
    [InlineData("localhost", false)]
    [InlineData("null", false)]
    [InlineData("127.0.0.1.evil.example", false)]
    [InlineData("127.0.0.1:99999", false)]
    [InlineData("127.0.0.1:", false)]
    [InlineData("127.0.0.1:_port", false)]
    [InlineData("127.0.0.1/8", false)]
    [InlineData("127.1", false)]
    [InlineData("2130706433", false)]
    [InlineData("0177.0.0.1", false)]
    [InlineData("0x7f.0.0.1", false)]
    [InlineData("127.0.0.01", false)]
    [InlineData("::ffff:0177.0.0.1", false)]
    [InlineData("[::1", false)]
    [InlineData("::1]", false)]
    [InlineData("[127.0.0.1]", false)]
    [InlineData("[::1]:0x50", false)]
    [InlineData("[::1]x", false)]
    [InlineData("::1%eth0", false)]
    [InlineData("::1/64", false)]
    [InlineData("\"127.0.0.1", false)]
    [InlineData("for=127.0.0.1", false)]
    public void A_list_of_addresses(string value, bool isLoopback)
    {
        foreach (var name in new[] { "X-Forwarded-For", "x-real-ip", "CF-Connecting-IP" }) Assert.Equal(isLoopback, AreLoopback((name, value)));
    }

    [Theory]
    [InlineData("for=127.0.0.1", true)]
    [InlineData("For=\"127.0.0.1:8080\"", true)]
    [InlineData("for=\"[::1]:80\"", true)]
    [InlineData("for=\"[::1]\"", true)]
    [InlineData("for=127.0.0.1;proto=http;by=127.0.0.1;host=\"localhost:80\"", true)]
    [InlineData("proto=http; FOR=127.0.0.1, for=\"[::1]\"", true)]
    [InlineData("for=203.0.113.9", false)]
    [InlineData("for=\"[2001:db8::1]:80\"", false)]
    [InlineData("for=127.0.0.1, for=203.0.113.9", false)]
    [InlineData("for=203.0.113.9, for=127.0.0.1", false)]
    [InlineData("for=127.0.0.1;for=203.0.113.9", false)]
    [InlineData("for=127.0.0.1;by=203.0.113.9", false)]
    [InlineData("for=unknown", false)]
    [InlineData("for=_hidden", false)]
    [InlineData("for=\"_gazonk\"", false)]
    [InlineData("for=127.0.0.1;by=_edge", false)]
    [InlineData("for=", false)]
    [InlineData("for", false)]
    [InlineData("for=127.0.0.1;", false)]
    [InlineData("for=127.0.0.1,", false)]
    [InlineData("proto=https;host=videos.example", false)]
    [InlineData("127.0.0.1", false)]
    [InlineData("for=\"127.0.0.1, for=203.0.113.9", false)]
    [InlineData("for=127.0.0.1;host=\"a;for=127.0.0.1", false)]
    [InlineData("host=\"x;for=127.0.0.1;y\"", false)]
    [InlineData("host=\"x\\\";for=127.0.0.1;y=\\\"\"", false)]
    [InlineData("for=\"127.0.0.1\"\"", false)]
    [InlineData("for=127.0.0.1 for=203.0.113.9", false)]
    public void Forwarded(string value, bool isLoopback) => Assert.Equal(isLoopback, AreLoopback(("Forwarded", value)));

    [Fact]
    public void No_header_says_nothing_and_all_of_several_are_read()
    {
        Assert.True(AreLoopback());
        Assert.True(AreLoopback(("X-Real-IP", "::1"), ("X-Forwarded-For", "127.0.0.1"), ("Forwarded", "for=127.0.0.1")));
        Assert.False(AreLoopback(("X-Forwarded-For", "127.0.0.1"), ("X-Real-IP", "203.0.113.9")));
        var twice = new HeaderDictionary { ["X-Forwarded-For"] = new(["127.0.0.1", "203.0.113.9"]) };
        Assert.False(ForwardedAddresses.AreLoopback(twice));
    }

    private static bool AreLoopback(params (string Name, string Value)[] headers)
    {
        var dictionary = new HeaderDictionary();
        foreach (var (name, value) in headers) dictionary.Append(name, value);
        return ForwardedAddresses.AreLoopback(dictionary);
    }
}
