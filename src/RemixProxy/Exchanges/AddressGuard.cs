using System.Net;
using System.Net.Sockets;
using RemixProxy.Contract;

namespace RemixProxy.Exchanges;

/// <summary>Blocks connections to private addresses, because a provider's answer or a caller may choose the URL (SSRF).</summary>
internal static class AddressGuard
{
    /// <summary>Connects to a host. Unless the host is trusted, only its public addresses count.</summary>
    /// <remarks>The name is looked up once, and only what was checked is connected to, so a name whose address changes in between leads nowhere.</remarks>
    /// <exception cref="MisdirectedException">The host has no address that counts.</exception>
    public static async ValueTask<Stream> ConnectAsync(
        DnsEndPoint host, bool trusted, Func<string, CancellationToken, Task<IPAddress[]>> resolve, CancellationToken cancellationToken)
    {
        var addresses = await resolve(host.Host, cancellationToken);
        if (!trusted) addresses = Array.FindAll(addresses, PublicAddress.IsPublic);
        if (addresses.Length == 0) throw MisdirectedException.Refused(Invariant($"{host.Host}:{host.Port}"));
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, host.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
