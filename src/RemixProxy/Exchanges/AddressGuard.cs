using System.Net;
using System.Net.Sockets;
using RemixProxy.Contract;

namespace RemixProxy.Exchanges;

/// <summary>Keeps requests that a provider's answer or a caller directs away from addresses that only this machine or its network can reach.</summary>
internal static class AddressGuard
{
    /// <summary>Connects to a host, to its public addresses only unless the host is trusted.</summary>
    public static async ValueTask<Stream> ConnectAsync(DnsEndPoint host, bool trusted, CancellationToken cancellationToken)
    {
        var addresses = await Dns.GetHostAddressesAsync(host.Host, cancellationToken);
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
