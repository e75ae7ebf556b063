using System.Net;
using System.Net.Sockets;
using RemixProxy.Contract;

namespace RemixProxy.Exchanges;

/// <summary>Blocks connections to private addresses, because a provider's answer or a caller may choose the URL (SSRF).</summary>
internal static class AddressGuard
{
    /// <summary>How long a name may take to be resolved that a proxy resolves again. Where names outside are unknown, a resolver may not answer at all.</summary>
    private static readonly TimeSpan LookUpTimeout = TimeSpan.FromSeconds(3);

    /// <summary>Refuses a name that leads to an address which is not public, as far as this machine knows the name.</summary>
    /// <exception cref="MisdirectedException">One of its addresses is not public. Which one a proxy would take is not known.</exception>
    public static async Task CheckNameAsync(Uri url, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            var addresses = await Dns.GetHostAddressesAsync(url.IdnHost, cancellationToken).WaitAsync(LookUpTimeout, time, cancellationToken);
            if (!Array.TrueForAll(addresses, PublicAddress.IsPublic)) throw MisdirectedException.Refused(url.Authority);
        }
        catch (Exception e) when (e is SocketException or TimeoutException)
        {
            // The name is known to the proxy, or to nobody.
        }
    }

    /// <summary>Connects to a host. Unless the host is trusted, only its public addresses count.</summary>
    /// <exception cref="MisdirectedException">The host has no address that counts.</exception>
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
