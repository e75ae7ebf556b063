using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

namespace RemixProxy.Pipeline;

/// <summary>Where a request comes from, and for whom it asks.</summary>
/// <param name="IsLocal">Whether a program on this machine sent it, and nobody sent it through that program.</param>
/// <param name="Host">The <c>Host</c> header.</param>
internal sealed record Arrival(bool IsLocal, string Host)
{
    /// <summary>Reads a request as it is now. Middleware may have replaced the peer's address and the host by what a header says of them.</summary>
    public static Arrival Of(HttpContext context) =>
        new(IsPeerLocal(context) && ForwardedAddresses.AreLoopback(context.Request.Headers), context.Request.Headers.Host.ToString());

    // A connection without an address is no network connection (a Unix socket, a test server).
    private static bool IsPeerLocal(HttpContext context)
    {
        if (context.Connection.RemoteIpAddress is { } address && !ForwardedAddresses.IsLoopback(address)) return false;
        try
        {
            // Connection middleware may have replaced the address too, by what the PROXY protocol says. The socket's own stays.
            var socket = context.Features.Get<IConnectionSocketFeature>()?.Socket;
            return socket?.RemoteEndPoint is not IPEndPoint peer || ForwardedAddresses.IsLoopback(peer.Address);
        }
        catch (Exception e) when (e is ObjectDisposedException or SocketException)
        {
            // The peer is gone.
            return false;
        }
    }
}
