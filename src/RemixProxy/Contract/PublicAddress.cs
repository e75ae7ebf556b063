using System.Net;
using System.Net.Sockets;
using System.Text;

namespace RemixProxy.Contract;

/// <summary>Which addresses are public. No answer and no request may direct this proxy to an address that only this machine or its network can reach.</summary>
public static class PublicAddress
{
    private static readonly IPNetwork[] Refused =
    [
        IPNetwork.Parse("0.0.0.0/8"), IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("100.64.0.0/10"), IPNetwork.Parse("127.0.0.0/8"),
        IPNetwork.Parse("169.254.0.0/16"),
        IPNetwork.Parse("172.16.0.0/12"), IPNetwork.Parse("192.0.0.0/24"), IPNetwork.Parse("192.0.2.0/24"), IPNetwork.Parse("192.88.99.0/24"),
        IPNetwork.Parse("192.168.0.0/16"),
        IPNetwork.Parse("198.18.0.0/15"), IPNetwork.Parse("198.51.100.0/24"), IPNetwork.Parse("203.0.113.0/24"), IPNetwork.Parse("224.0.0.0/3"),
        IPNetwork.Parse("2001::/23"), IPNetwork.Parse("2001:db8::/32"), IPNetwork.Parse("2002::/16"), IPNetwork.Parse("3fff::/20"),
    ];

    /// <summary>The part of IPv6 that is handed out as global unicast. Loopback, local, mapped and translated forms lie outside.</summary>
    private static readonly IPNetwork GlobalUnicast = IPNetwork.Parse("2000::/3");

    private static readonly IPNetwork Nat64 = IPNetwork.Parse("64:ff9b::/96");

    /// <summary>Whether an address is globally routable and unicast.</summary>
    internal static bool IsPublic(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        if (Nat64.Contains(address)) address = new(address.GetAddressBytes().AsSpan(12));
        return (address.AddressFamily == AddressFamily.InterNetwork || GlobalUnicast.Contains(address)) && !Array.Exists(Refused, n => n.Contains(address));
    }

    /// <summary>
    /// Whether a URL that was not configured has the form of a public one: https, no user, and a host that is neither a private address nor a local name. The
    /// address that the host resolves to is checked when RemixProxy connects.
    /// </summary>
    public static bool IsUrl(string? url) => Uri.TryCreate(url, UriKind.Absolute, out var address) && LooksPublic(address);

    /// <inheritdoc cref="IsUrl" />
    internal static bool LooksPublic(Uri url)
    {
        if (url.Scheme != "https" || url.UserInfo.Length > 0) return false;
        // A resolver may fold wide digits and letters to others, so names other than ASCII must come as punycode.
        if (!Ascii.IsValid(url.Host)) return false;
        var host = url.IdnHost.TrimEnd('.');
        if (IPAddress.TryParse(host, out var address)) return IsPublic(address);
        return host.Contains('.') && !host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
            && !host.EndsWith(".local", StringComparison.OrdinalIgnoreCase)
            && !host.EndsWith(".internal", StringComparison.OrdinalIgnoreCase);
    }
}
