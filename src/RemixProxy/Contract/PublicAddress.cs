using System.Buffers;
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
        // Azure's host agent. The address is registered as public, but leads to the machine's own host.
        IPNetwork.Parse("168.63.129.16/32"),
        IPNetwork.Parse("172.16.0.0/12"), IPNetwork.Parse("192.0.0.0/24"), IPNetwork.Parse("192.0.2.0/24"), IPNetwork.Parse("192.88.99.0/24"),
        IPNetwork.Parse("192.168.0.0/16"),
        IPNetwork.Parse("198.18.0.0/15"), IPNetwork.Parse("198.51.100.0/24"), IPNetwork.Parse("203.0.113.0/24"), IPNetwork.Parse("224.0.0.0/3"),
        IPNetwork.Parse("2001::/23"), IPNetwork.Parse("2001:db8::/32"), IPNetwork.Parse("2002::/16"), IPNetwork.Parse("3fff::/20"),
    ];

    /// <summary>The part of IPv6 that is handed out as global unicast. Loopback, local, mapped and translated forms lie outside.</summary>
    private static readonly IPNetwork GlobalUnicast = IPNetwork.Parse("2000::/3");

    private const int LongestScheme = 32;
    private const char ByteOrderMark = '\ufeff';

    private static readonly string[] Harmless = ["data", "runway", "gs", "s3"];

    /// <summary>These need no slash behind their colon.</summary>
    private static readonly string[] Fetched = ["http", "https", "file", "ftp", "jar", "javascript", "vbscript"];

    private static readonly SearchValues<char> OfSchemes = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+.-");

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
    /// address that the host resolves to is checked when RemixProxy connects. A URL that parsers read in different ways is not public either.
    /// </summary>
    public static bool IsUrl(string? url) => WebAddress.TryRead(url, out var address) && LooksPublic(address) && IsReadAlike(url, address);

    /// <summary>
    /// Whether a text is an address that somebody would fetch or open, as the most lenient parsers see it. A <c>data:</c> URL is none, nor is the name of
    /// something in a vendor's own storage.
    /// </summary>
    internal static bool IsAddress(string text)
    {
        // Parsers of web addresses skip control characters everywhere, and spaces in front.
        var start = new string([.. text.Where(c => !char.IsWhiteSpace(c) && !char.IsControl(c) && c != ByteOrderMark).Take(LongestScheme + 1)]);
        if (start.StartsWith(@"\\", StringComparison.Ordinal)) return true;
        var end = start.IndexOf(':', StringComparison.Ordinal);
        if (end < 1 || !char.IsAsciiLetter(start[0]) || start.AsSpan(0, end).ContainsAnyExcept(OfSchemes)) return false;
        var scheme = start[..end].ToLowerInvariant();
        return !Harmless.Contains(scheme) && (Fetched.Contains(scheme) || start.AsSpan(end + 1) is ['/' or '\\', ..]);
    }

    /// <summary>
    /// Whether every parser finds the same host. Whoever fetches the URL may take a backslash for another character than this process does, skip a line break,
    /// or read <c>0127.0.0.1</c> as 127.0.0.1.
    /// </summary>
    private static bool IsReadAlike(string url, Uri address) =>
        !url.AsSpan().Trim().ContainsAnyInRange('\0', '\u001f') && !url.Contains('\\', StringComparison.Ordinal)
        && (address.HostNameType != UriHostNameType.IPv4 || url.Contains("//" + address.Host, StringComparison.Ordinal));

    /// <summary>Whether a parsed URL has the form of a public one.</summary>
    internal static bool LooksPublic(Uri url)
    {
        if (url.Scheme != "https" || url.UserInfo.Length > 0) return false;
        // A resolver may fold wide digits and letters to others, so names other than ASCII must come as punycode.
        if (!Ascii.IsValid(url.Host)) return false;
        if (Origin.HostOf(url)?.TrimEnd('.') is not { } host) return false;
        if (IPAddress.TryParse(host, out var address)) return IsPublic(address);
        return host.Contains('.') && !host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
            && !host.EndsWith(".local", StringComparison.OrdinalIgnoreCase)
            && !host.EndsWith(".internal", StringComparison.OrdinalIgnoreCase);
    }
}
