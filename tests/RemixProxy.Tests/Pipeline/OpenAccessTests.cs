using System.Net;
using Microsoft.AspNetCore.Http;
using RemixProxy.Pipeline;

namespace RemixProxy.Tests.Pipeline;

/// <summary>Which connections open mode serves; the headers are proved over real sockets elsewhere.</summary>
public class OpenAccessTests
{
    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("127.8.9.10", true)]
    [InlineData("::1", true)]
    [InlineData("::ffff:127.0.0.1", true)]
    [InlineData("10.0.0.7", false)]
    [InlineData("192.168.1.2", false)]
    [InlineData("::ffff:10.0.0.7", false)]
    [InlineData("fe80::1", false)]
    [InlineData("203.0.113.9", false)]
    [InlineData("2001:db8::1", false)]
    [InlineData("0.0.0.0", false)]
    public void Only_this_machine_is_served_unless_anybody_is(string address, bool served)
    {
        Assert.Equal(served, IsServed(address, new()));
        Assert.True(IsServed(address, new() { AllowAnonymous = true }));
    }

    [Fact]
    public void A_name_of_ours_does_not_let_another_machine_in() => Assert.False(IsServed("10.0.0.7", new() { PublicBaseUrl = new("http://localhost/") }));

    [Fact]
    public void Two_origins_are_none_of_ours()
    {
        var context = Context("127.0.0.1");
        context.Request.Headers.Origin = new(["http://localhost", "https://evil.example"]);
        Assert.NotNull(OpenAccess.Check(context, new()));
    }

    [Theory]
    [InlineData(false, "localhost", "10.0.0.7", "localhost", false)]
    [InlineData(false, "localhost", "127.0.0.1", "localhost", false)]
    [InlineData(true, "evil.example", "127.0.0.1", "localhost", false)]
    [InlineData(true, "localhost", "10.0.0.7", "localhost", false)]
    [InlineData(true, "localhost", "127.0.0.1", "evil.example", false)]
    [InlineData(true, "localhost", "127.0.0.1", "localhost", true)]
    public void Neither_what_arrived_nor_what_middleware_made_of_it_may_name_a_stranger(bool isLocal, string host, string address, string hostNow, bool served)
    {
        var context = Context(address);
        context.Request.Host = new(hostNow);
        context.Features.Set(new Arrival(isLocal, host));
        Assert.Equal(served, OpenAccess.Check(context, new()) is null);
        Assert.Null(OpenAccess.Check(context, new() { AllowAnonymous = true }));
    }

    [Theory]
    [InlineData("https://bücher.example", "xn--bcher-kva.example", true)]
    [InlineData("https://xn--bcher-kva.example", "xn--bcher-kva.example:443", true)]
    [InlineData("https://bücher.example", "xn--bcher.example", false)]
    [InlineData("https://bücher.example", "xn--", false)]
    public void A_host_of_other_letters_is_the_one_that_is_sent(string own, string host, bool served)
    {
        var context = Context("127.0.0.1");
        context.Request.Headers.Host = host;
        Assert.Equal(served, OpenAccess.Check(context, new() { PublicBaseUrl = new(own) }) is null);
    }

    private static bool IsServed(string address, RemixProxyOptions options)
    {
        if (OpenAccess.Check(Context(address), options) is not { } error) return true;
        Assert.Equal((403, "not_allowed"), (error.Status, error.Code));
        return false;
    }

    private static DefaultHttpContext Context(string address) => new()
    {
        Connection = { RemoteIpAddress = IPAddress.Parse(address) },
        Request = { Host = new("localhost", 8080) },
    };
}
