using System.Net;
using System.Net.Http.Headers;
using System.Text;
using RemixProxy.Contract;

namespace RemixProxy.Exchanges;

/// <summary>How requests to one provider leave: directly, or through the proxy that the provider's HTTP handler has. It guards both ways.</summary>
/// <param name="proxy">The handler's proxy; null without one.</param>
/// <param name="time">The clock of look-ups.</param>
internal sealed class WayOut(IWebProxy? proxy, TimeProvider time)
{
    /// <summary>
    /// Whether a proxy reads the request itself: plain http through an HTTP proxy. All else goes through a tunnel, of which a proxy knows host and port.
    /// </summary>
    public bool IsReadByProxy(Uri url) => url.Scheme == "http" && ProxyOf(url)?.Scheme is "http" or "https";

    /// <summary>
    /// The credential for a proxy that reads the request; null where it needs none. It goes with the first attempt, so that no body is sent twice. .NET
    /// gives it to the proxy of a tunnel by itself, when that asks for it.
    /// </summary>
    public AuthenticationHeaderValue? CredentialFor(Uri url) =>
        proxy?.Credentials?.GetCredential(ProxyOf(url)!, "Basic") is { UserName.Length: > 0 } credential
            ? new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{credential.UserName}:{credential.Password}")))
            : null;

    /// <summary>Refuses a URL before anything is sent there. What can be told only by its address is refused here for a proxy, else when connecting.</summary>
    /// <exception cref="MisdirectedException">The URL is neither trusted nor public.</exception>
    public async ValueTask CheckAsync(OutboundExchange exchange, Uri url, CancellationToken cancellationToken)
    {
        if (exchange.IsTrusted(url)) return;
        if (!PublicAddress.LooksPublic(url)) throw MisdirectedException.Refused(url.Authority);
        if (ProxyOf(url) is not null) await AddressGuard.CheckNameAsync(url, time, cancellationToken);
    }

    /// <summary>Connects to the proxy, which may have any address, or to the host of a URL.</summary>
    /// <exception cref="MisdirectedException">The host has no address that is public, and it isn't trusted.</exception>
    public ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext connection, CancellationToken cancellationToken)
    {
        // A request that is no exchange goes to what is configured: .NET's own CONNECT, a health probe, an application's own route to the cluster.
        var request = connection.InitialRequestMessage;
        var trusted = !request.Options.TryGetValue(OutboundExchange.Key, out var exchange) || ProxyOf(request.RequestUri!) is not null
            || exchange.IsTrusted(request.RequestUri!);
        return AddressGuard.ConnectAsync(connection.DnsEndPoint, trusted, cancellationToken);
    }

    private Uri? ProxyOf(Uri url) => proxy is null || proxy.IsBypassed(url) ? null : proxy.GetProxy(url);
}
