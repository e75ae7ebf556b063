using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;

namespace RemixProxy.FunctionalTests.Kit;

/// <summary>A SOCKS 5 proxy (RFC 1928, 1929) that wants a password and leads every name to one server.</summary>
internal sealed class SocksProxy(string user, string password) : LoopbackServer
{
    private readonly byte[] _credential =
        [1, (byte)user.Length, .. Encoding.ASCII.GetBytes(user), (byte)password.Length, .. Encoding.ASCII.GetBytes(password)];

    /// <summary>Where all names lead, as <c>address:port</c>.</summary>
    public string Server { get; set; } = "";

    /// <summary>The names that were asked for.</summary>
    public ConcurrentQueue<string> Names { get; } = new();

    protected override async Task ServeAsync(NetworkStream client)
    {
        var methods = await ReadAsync(client, 2);
        Assert.Contains((byte)2, await ReadAsync(client, methods[1]));
        await client.WriteAsync(new byte[] { 5, 2 }, Stopping);
        Assert.Equal(_credential, await ReadAsync(client, _credential.Length));
        await client.WriteAsync(new byte[] { 1, 0 }, Stopping);
        // Connect, by name; then the length of the name, the name, and the port.
        var request = await ReadAsync(client, 5);
        Assert.Equal<byte>([5, 1, 0, 3], request[..4]);
        Names.Enqueue(Encoding.ASCII.GetString(await ReadAsync(client, request[4])));
        await ReadAsync(client, 2);
        await using var server = await ConnectAsync(Server);
        await client.WriteAsync(new byte[] { 5, 0, 0, 1, 0, 0, 0, 0, 0, 0 }, Stopping);
        await TunnelAsync(client, server);
    }

    private async Task<byte[]> ReadAsync(NetworkStream stream, int count)
    {
        var bytes = new byte[count];
        await stream.ReadExactlyAsync(bytes, Stopping);
        return bytes;
    }
}
