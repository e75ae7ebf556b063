using System.Net;
using System.Net.Sockets;
using RemixProxy.Contract;
using RemixProxy.Exchanges;

namespace RemixProxy.Tests.Exchanges;

/// <summary>Which addresses count as public, and that the guard stands where connections are made.</summary>
public class AddressGuardTests
{
    [Theory]
    [InlineData("1.1.1.1")]
    [InlineData("11.0.0.1")]
    [InlineData("100.63.255.255")]
    [InlineData("100.128.0.1")]
    [InlineData("169.253.0.1")]
    [InlineData("172.15.0.1")]
    [InlineData("172.32.0.1")]
    [InlineData("192.167.1.1")]
    [InlineData("198.17.0.1")]
    [InlineData("223.255.255.255")]
    [InlineData("2606:4700::1111")]
    [InlineData("2a00:1450:4001::1")]
    [InlineData("::ffff:8.8.8.8")]
    [InlineData("64:ff9b::8.8.8.8")]
    public void Global_unicast_is_public(string address) => Assert.True(PublicAddress.IsPublic(IPAddress.Parse(address)));

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("10.1.2.3")]
    [InlineData("100.64.0.1")]
    [InlineData("127.0.0.1")]
    [InlineData("127.255.255.254")]
    [InlineData("169.254.169.254")]
    [InlineData("172.16.0.1")]
    [InlineData("172.31.255.255")]
    [InlineData("168.63.129.16")]
    [InlineData("192.0.0.192")]
    [InlineData("192.168.1.1")]
    [InlineData("198.18.0.1")]
    [InlineData("224.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("::127.0.0.1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("::ffff:169.254.169.254")]
    [InlineData("::ffff:0:127.0.0.1")]
    [InlineData("64:ff9b::10.0.0.1")]
    [InlineData("64:ff9b:1::1")]
    [InlineData("2001::1")]
    [InlineData("2001:db8::1")]
    [InlineData("2002:7f00:1::1")]
    [InlineData("3fff::1")]
    [InlineData("5f00::1")]
    [InlineData("fc00::1")]
    [InlineData("fd00:ec2::254")]
    [InlineData("fe80::1")]
    [InlineData("fec0::1")]
    [InlineData("ff02::1")]
    public void Local_special_and_embedded_private_addresses_are_not(string address) => Assert.False(PublicAddress.IsPublic(IPAddress.Parse(address)));

    [Theory]
    [InlineData("https://cdn.example.com/clip.mp4")]
    [InlineData("https://cdn.example.com:8443/clip.mp4")]
    [InlineData("https://xn--bcher-kva.example/clip.mp4")]
    [InlineData("https://1.1.1.1/clip.mp4")]
    [InlineData("https://[2606:4700::1111]/clip.mp4")]
    public void Https_to_a_public_host_looks_public(string url) => Assert.True(PublicAddress.LooksPublic(new(url)));

    [Theory]
    [InlineData("http://cdn.example.com/clip.mp4")]
    [InlineData("ftp://cdn.example.com/clip.mp4")]
    [InlineData("file:///etc/passwd")]
    [InlineData("https://user@cdn.example.com/clip.mp4")]
    [InlineData("https://user:word@cdn.example.com/clip.mp4")]
    [InlineData("https://localhost/")]
    [InlineData("https://LOCALHOST./")]
    [InlineData("https://cdn.localhost/")]
    [InlineData("https://printer.local/")]
    [InlineData("https://metadata.google.internal/")]
    [InlineData("https://metadata.google.internal./")]
    [InlineData("https://intranet/")]
    [InlineData("https://127.0.0.1/")]
    [InlineData("https://127.0.0.1./")]
    [InlineData("https://2130706433/")]
    [InlineData("https://0x7f000001/")]
    [InlineData("https://0x7f.1/")]
    [InlineData("https://0177.0.0.1/")]
    [InlineData("https://127.1/")]
    [InlineData("https://169.254.169.254/latest/meta-data")]
    [InlineData("https://[::1]/")]
    [InlineData("https://[::ffff:127.0.0.1]/")]
    [InlineData("https://[fd00:ec2::254]/")]
    [InlineData("https://１２７.0.0.1/")]
    [InlineData("https://ｌｏｃａｌｈｏｓｔ/")]
    public void Other_schemes_users_local_names_and_private_hosts_however_written_do_not(string url) => Assert.False(PublicAddress.LooksPublic(new(url)));

    [Theory]
    [InlineData("localhost")]
    [InlineData("127.0.0.1")]
    public async Task Name_is_resolved_and_refused_before_anything_is_connected_unless_it_is_trusted(string host)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var target = new DnsEndPoint(host, ((IPEndPoint)listener.LocalEndpoint).Port);

        await Assert.ThrowsAsync<MisdirectedException>(async () =>
            await AddressGuard.ConnectAsync(target, trusted: false, Dns.GetHostAddressesAsync, CancellationToken.None));
        Assert.False(listener.Pending());

        await using var stream = await AddressGuard.ConnectAsync(target, trusted: true, Dns.GetHostAddressesAsync, CancellationToken.None);
        Assert.True(stream.CanWrite);
    }

    [Fact]
    public async Task Name_is_looked_up_once_so_that_an_address_that_changes_after_the_check_leads_nowhere()
    {
        using var stop = new CancellationTokenSource();
        var lookUps = 0;

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
            await AddressGuard.ConnectAsync(new("rebind.example", 443), false, Resolve, stop.Token));

        Assert.Equal(1, lookUps);

        // Public at the check, private from then on. The token keeps the test from connecting to the public one.
        async Task<IPAddress[]> Resolve(string host, CancellationToken cancellationToken)
        {
            await stop.CancelAsync();
            return [IPAddress.Parse(lookUps++ == 0 ? "1.1.1.1" : "127.0.0.1")];
        }
    }

    [Fact]
    public async Task Of_a_name_with_several_addresses_only_the_public_ones_are_tried()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var target = new DnsEndPoint("mixed.example", ((IPEndPoint)listener.LocalEndpoint).Port);

        await Assert.ThrowsAsync<MisdirectedException>(async () => await AddressGuard.ConnectAsync(
            target, false, (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Loopback, IPAddress.IPv6Loopback, new([168, 63, 129, 16])]),
                CancellationToken.None));

        Assert.False(listener.Pending());
    }

    [Theory]
    [InlineData(@"https://cdn.example.com\@127.0.0.1/cat.png")]
    [InlineData(@"https:\\127.0.0.1\cat.png")]
    [InlineData("https://cdn.exa\tmple.com/cat.png")]
    [InlineData("https://cdn.example.com/cat\n.png")]
    [InlineData("https://0127.0.0.1/cat.png")]
    [InlineData("https://cdn.example.com/\u202egnp.tac")]
    [InlineData("//\u202e")]
    [InlineData("file:////\u202e")]
    [InlineData("https://134744072/cat.png")]
    [InlineData("https://127。0。0。1/cat.png")]
    [InlineData("https://%31%32%37.0.0.1/cat.png")]
    public void Url_that_parsers_read_in_different_ways_is_not_public(string url) => Assert.False(PublicAddress.IsUrl(url));

    [Theory]
    [InlineData("https://cdn.example.com/my cat.png?sig=a%2Fb#x")]
    [InlineData(" https://cdn.example.com/cat.png\n")]
    [InlineData("https://8.8.8.8:8443/cat.png")]
    [InlineData("HTTPS://CDN.example.com/cat.png")]
    public void Plain_url_is_public(string url) => Assert.True(PublicAddress.IsUrl(url));

    [Theory]
    [InlineData("http://127.0.0.1/")]
    [InlineData("http:127.0.0.1")]
    [InlineData("\u0001 ht\ttp://127.0.0.1/")]
    [InlineData("\ufefffile:///etc/passwd")]
    [InlineData("FILE:/etc/passwd")]
    [InlineData("gopher://127.0.0.1:6379/_FLUSHALL")]
    [InlineData("jar:http://127.0.0.1!/")]
    [InlineData("javascript:alert(1)")]
    [InlineData(@"\\127.0.0.1\share\cat.png")]
    public void Address_is_known_by_its_scheme_however_written(string text) => Assert.True(PublicAddress.IsAddress(text));

    [Theory]
    [InlineData("data:image/png;base64,AAAA")]
    [InlineData("runway://upload-1")]
    [InlineData("gs://bucket/cat.png")]
    [InlineData("openai:file-1")]
    [InlineData("16:9")]
    [InlineData("Style: anime")]
    [InlineData("/9j/4AAQSkZJRg==")]
    [InlineData("//uQxAAAAA==")]
    [InlineData("")]
    public void Other_text_is_no_address(string text) => Assert.False(PublicAddress.IsAddress(text));
}
