using RemixProxy.Contract;

namespace RemixProxy.Tests.Contract;

/// <summary>How origins and configured hosts are read.</summary>
public class OriginTests
{
    [Theory]
    [InlineData("http://localhost", true)]
    [InlineData("HTTPS://App.Example:8443", true)]
    [InlineData("http://[::1]:3000", true)]
    [InlineData("chrome-extension://abcdef", true)]
    [InlineData("null", false)]
    [InlineData("//\u202e", false)]
    [InlineData("\\\\\u200f", false)]
    [InlineData("", false)]
    [InlineData("localhost", false)]
    [InlineData("http:localhost", false)]
    [InlineData("http:///localhost", false)]
    [InlineData("http://localhost/", false)]
    [InlineData("http://localhost\\", false)]
    [InlineData("http://localhost?x", false)]
    [InlineData("http://localhost#x", false)]
    [InlineData("http://me@localhost", false)]
    [InlineData("http://evil.example@localhost", false)]
    [InlineData(" http://localhost", false)]
    [InlineData("http://localhost https://evil.example", false)]
    [InlineData("http://localhost%2eevil.example", false)]
    public void An_origin_is_scheme_host_and_port(string text, bool expected) => Assert.Equal(expected, Origin.TryRead(text, out _));

    [Theory]
    [InlineData("cdn.corp", "cdn.corp", null)]
    [InlineData("CDN.corp:80", "cdn.corp", 80)]
    [InlineData("gpu_box:9000", "gpu_box", 9000)]
    [InlineData("gpu-box", "gpu-box", null)]
    [InlineData("10.0.0.7:443", "10.0.0.7", 443)]
    [InlineData("::1", "::1", null)]
    [InlineData("[::1]", "::1", null)]
    [InlineData("[fd00::7]:9000", "fd00::7", 9000)]
    [InlineData("bücher.example", "xn--bcher-kva.example", null)]
    [InlineData("xn--bcher-kva.example:8443", "xn--bcher-kva.example", 8443)]
    public void A_host_has_a_port_or_none(string text, string host, int? port)
    {
        Assert.True(Origin.TryReadHost(text, out var read, out var number));
        Assert.Equal((host, port), (read, number));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("*")]
    [InlineData("*.cdn.corp")]
    [InlineData(".cdn.corp")]
    [InlineData("https://cdn.corp")]
    [InlineData("//cdn.corp")]
    [InlineData("cdn.corp/")]
    [InlineData("cdn.corp/videos")]
    [InlineData("cdn.corp?x")]
    [InlineData("me@cdn.corp")]
    [InlineData("cdn.corp:")]
    [InlineData("cdn.corp:0")]
    [InlineData("cdn.corp:70000")]
    [InlineData("cdn.corp:http")]
    [InlineData("cdn.corp, other.corp")]
    [InlineData("10.0.0.0/8")]
    [InlineData(":9000")]
    public void What_is_no_host_is_not_read(string text) => Assert.False(Origin.TryReadHost(text, out _, out _));

    [Theory]
    [InlineData("169.254.169.254", true)]
    [InlineData("169.254.0.1", true)]
    [InlineData("::ffff:169.254.169.254", true)]
    [InlineData("64:ff9b::a9fe:a9fe", true)]
    [InlineData("fe80::1", true)]
    [InlineData("fd00:ec2::254", true)]
    [InlineData("100.100.100.200", true)]
    [InlineData("168.63.129.16", true)]
    [InlineData("metadata.google.internal", true)]
    [InlineData("METADATA.google.internal.", true)]
    [InlineData("metadata", true)]
    [InlineData("127.0.0.1", false)]
    [InlineData("10.0.0.7", false)]
    [InlineData("fd00::7", false)]
    [InlineData("metadata.example", false)]
    [InlineData("api.vendor.example", false)]
    public void No_provider_is_where_only_the_machine_itself_asks(string host, bool expected) => Assert.Equal(expected, MachineAddress.IsHost(host));
}
