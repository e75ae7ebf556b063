using System.Net;
using System.Net.Sockets;
using RemixProxy.Exchanges;
using RemixProxy.TestKit;

namespace RemixProxy.Tests.Exchanges;

/// <summary>Which names a proxy is asked for: what this machine's DNS knows of them decides, as far as it answers.</summary>
public class WayOutTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly List<string> _lookedUp = [];

    [Theory]
    [InlineData("1.1.1.1", false)]
    [InlineData("1.1.1.1 2606:4700::1111", false)]
    [InlineData("10.0.0.1", true)]
    [InlineData("1.1.1.1 169.254.169.254", true)]
    [InlineData("::1", true)]
    [InlineData("", false)]
    public async Task A_name_with_any_private_address_is_refused(string addresses, bool isRefused)
    {
        IPAddress[] known = [.. addresses.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(IPAddress.Parse)];
        var check = CheckAsync("https://cdn.example/", _ => Task.FromResult(known));

        if (isRefused) await Assert.ThrowsAsync<MisdirectedException>(() => check);
        else await check;
        Assert.Equal(["cdn.example"], _lookedUp);
    }

    [Theory]
    [InlineData(SocketError.HostNotFound)]
    [InlineData(SocketError.TryAgain)]
    public Task A_name_that_DNS_does_not_know_is_the_proxys(SocketError error) =>
        CheckAsync("https://cdn.example/", _ => Task.FromException<IPAddress[]>(new SocketException((int)error)));

    [Fact]
    public async Task DNS_that_does_not_answer_is_waited_for_three_seconds()
    {
        var check = CheckAsync("https://cdn.example/", _ => new TaskCompletionSource<IPAddress[]>().Task);
        _time.Advance(TimeSpan.FromSeconds(2.9));
        Assert.False(check.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(0.2));
        await check;
    }

    [Theory]
    [InlineData("https://10.0.0.1/")]
    [InlineData("https://localhost/")]
    [InlineData("http://cdn.example/")]
    public async Task What_its_text_refuses_is_not_looked_up(string url)
    {
        await Assert.ThrowsAsync<MisdirectedException>(() => CheckAsync(url, _ => throw new NotSupportedException()));
        Assert.Empty(_lookedUp);
    }

    [Fact]
    public async Task Without_a_proxy_the_address_is_checked_when_connecting()
    {
        await CheckAsync("https://cdn.example/", _ => throw new NotSupportedException(), new WebProxy());
        Assert.Empty(_lookedUp);
    }

    private Task CheckAsync(string url, Func<string, Task<IPAddress[]>> resolve, IWebProxy? proxy = null)
    {
        var way = new WayOut(proxy ?? new WebProxy("http://10.0.0.1:3128"), _time, (host, _) =>
        {
            _lookedUp.Add(host);
            return resolve(host);
        });
        return way.CheckAsync(new(url), CancellationToken.None).AsTask();
    }
}
