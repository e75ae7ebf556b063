using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;

namespace RemixProxy.Contract;

/// <summary>Reads and compares the servers of addresses.</summary>
internal static class Origin
{
    private static readonly SearchValues<char> NoHost = SearchValues.Create("/\\?#@%* \t\r\n");

    /// <summary>Reads an origin as browsers send it: <c>scheme://host</c> or <c>scheme://host:port</c>.</summary>
    public static bool TryRead(string text, [NotNullWhen(true)] out Uri? origin) =>
        WebAddress.TryRead(text, out origin) && origin.Host.Length > 0 && HostOf(origin) is not null
        && text.StartsWith(origin.Scheme + "://", StringComparison.OrdinalIgnoreCase) && !text.AsSpan(origin.Scheme.Length + "://".Length).ContainsAny(NoHost);

    /// <summary>Reads a <c>host</c> or <c>host:port</c>. An IPv6 address needs brackets only before a port.</summary>
    /// <param name="text">The text.</param>
    /// <param name="host">The host as <see cref="Uri.IdnHost"/> has it.</param>
    /// <param name="port">The port; null where the text has none.</param>
    public static bool TryReadHost(string text, [NotNullWhen(true)] out string? host, out int? port)
    {
        (host, port) = (null, null);
        if (IPAddress.TryParse(text, out var address) && address.AddressFamily == AddressFamily.InterNetworkV6 && text[0] != '[') text = $"[{text}]";
        if (text.EndsWith(':') || !TryRead("http://" + text, out var url) || url.Port == 0) return false;
        if (url.HostNameType is not (UriHostNameType.Dns or UriHostNameType.IPv4 or UriHostNameType.IPv6)) return false;
        host = HostOf(url)!;
        if (text.LastIndexOf(':') > text.LastIndexOf(']')) port = url.Port;
        return true;
    }

    /// <summary>
    /// A URL's host in ASCII, as <see cref="Uri.IdnHost"/> has it; null where its letters stand for no name. .NET parses such a URL and
    /// throws later.
    /// </summary>
    public static string? HostOf(Uri url)
    {
        try
        {
            return url.IdnHost;
        }
        catch (Exception e) when (e is UriFormatException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>Whether two URLs have the same scheme, host and port.</summary>
    public static bool IsSame(Uri a, Uri b) =>
        a.Scheme == b.Scheme && a.Port == b.Port && HostOf(a) is { } host && host.Equals(HostOf(b), StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether a URL's host is a configured <c>host</c> or <c>host:port</c>.</summary>
    public static bool IsHost(string configured, Uri url) =>
        TryReadHost(configured, out var host, out var port) && host.Equals(HostOf(url), StringComparison.OrdinalIgnoreCase) && (port ?? url.Port) == url.Port;
}
