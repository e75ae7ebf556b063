using System.Globalization;
using System.Net;
using RemixProxy.Contract;

namespace RemixProxy.Configuration;

/// <summary>An entry of <c>NO_PROXY</c>: hosts that are reached without the proxy.</summary>
internal sealed class DirectHost
{
    /// <summary>What an entry may be, for people.</summary>
    public const string Forms = "hosts (their subdomains belong to them), addresses, networks as 10.0.0.0/8, each but a network also with a port, or *";

    private readonly string _text;
    private readonly string _host;
    private readonly int? _port;
    private readonly IPNetwork? _network;

    private DirectHost(string text, string host, int? port, IPNetwork? network) => (_text, _host, _port, _network) = (text, host, port, network);

    /// <summary>Reads an entry; null if it is none.</summary>
    public static DirectHost? Read(string text)
    {
        if (text == "*") return new(text, text, null, null);
        if (text.Contains('/')) return IPNetwork.TryParse(text, out var network) ? new(text, "", null, network) : null;
        var (host, end) = Split(text);
        int? port = null;
        if (end is not null)
        {
            if (!ushort.TryParse(end, NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return null;
            port = number;
        }

        if (IPAddress.TryParse(host, out var address)) return new(text, "", port, new(address, 8 * address.GetAddressBytes().Length));
        host = (host.StartsWith("*.", StringComparison.Ordinal) ? host[2..] : host.TrimStart('.')).TrimEnd('.');
        return Uri.CheckHostName(host) == UriHostNameType.Dns && Origin.TryReadHost(host, out var name, out _)
            ? new(text, name, port, null)
            : null;
    }

    public bool Matches(Uri url)
    {
        if (_port is { } port && url.Port != port) return false;
        if (_host == "*") return true;
        if (Origin.HostOf(url)?.TrimEnd('.') is not { } host) return false;
        if (_network is { } network) return IPAddress.TryParse(host, out var address) && network.Contains(address);
        return host.EndsWith(_host, StringComparison.OrdinalIgnoreCase) && (host.Length == _host.Length || host[^(_host.Length + 1)] == '.');
    }

    public override string ToString() => _text;

    /// <returns>The host, and the port where the text ends in one; IPv6 addresses have a port only behind brackets.</returns>
    private static (string Host, string? Port) Split(string text)
    {
        var colon = text.LastIndexOf(':');
        var isBare = colon < 0 || text.EndsWith(']') || (text[0] != '[' && text.IndexOf(':', StringComparison.Ordinal) != colon);
        return ((isBare ? text : text[..colon]).Trim('[', ']'), isBare ? null : text[(colon + 1)..]);
    }
}
