using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using RemixProxy.Contract;

namespace RemixProxy.Exchanges;

/// <summary>How the requests of one HTTP handler leave: directly, or through its proxy. It guards both ways.</summary>
/// <param name="proxy">The handler's proxy; null without one.</param>
/// <param name="time">The clock of look-ups.</param>
/// <param name="resolve">This machine's DNS.</param>
internal sealed class WayOut(IWebProxy? proxy, TimeProvider time, Func<string, CancellationToken, Task<IPAddress[]>> resolve)
{
    /// <summary>How long DNS may take for a name that a proxy looks up again. In a closed network it may never answer.</summary>
    private static readonly TimeSpan LookUpTimeout = TimeSpan.FromSeconds(3);

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

    /// <summary>
    /// Refuses a URL before anything is sent there. What only its address tells is refused here if a proxy is asked for it, else when connecting.
    /// </summary>
    /// <param name="url">A URL that is not configured.</param>
    /// <param name="cancellationToken">Cancels the look-up.</param>
    /// <exception cref="MisdirectedException">The URL is not public.</exception>
    public async ValueTask CheckAsync(Uri url, CancellationToken cancellationToken)
    {
        if (!PublicAddress.LooksPublic(url)) throw MisdirectedException.Refused(url.Authority);
        if (ProxyOf(url) is not null && await LeadsInsideAsync(url.IdnHost, cancellationToken)) throw MisdirectedException.Refused(url.Authority);
    }

    /// <summary>Connects to the proxy, which may have any address, or to the host of a URL.</summary>
    /// <param name="connection">What .NET wants to connect to, and for which request.</param>
    /// <param name="trusted">Whether the request's URL is configured.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <exception cref="MisdirectedException">The host has no address that is public, and it isn't trusted.</exception>
    public ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext connection, bool trusted, CancellationToken cancellationToken)
    {
        var (request, host) = (connection.InitialRequestMessage, connection.DnsEndPoint);
        // To open a tunnel .NET makes a request of its own.
        trusted |= request.Method == HttpMethod.Connect
            || (ProxyOf(request.RequestUri!) is { } proxy && proxy.IdnHost == host.Host && proxy.Port == host.Port);
        return AddressGuard.ConnectAsync(host, trusted, resolve, cancellationToken);
    }

    /// <summary>
    /// Whether a name has an address that is not public, as far as this machine knows it: which of them a proxy takes, nobody here can say. A name that is
    /// unknown here is the proxy's.
    /// </summary>
    private async Task<bool> LeadsInsideAsync(string host, CancellationToken cancellationToken)
    {
        try
        {
            var addresses = await resolve(host, cancellationToken).WaitAsync(LookUpTimeout, time, cancellationToken);
            return !Array.TrueForAll(addresses, PublicAddress.IsPublic);
        }
        catch (Exception e) when (e is SocketException or TimeoutException)
        {
            return false;
        }
    }

    private Uri? ProxyOf(Uri url) => proxy is null || proxy.IsBypassed(url) ? null : proxy.GetProxy(url);
}
