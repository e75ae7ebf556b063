using System.Buffers;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace RemixProxy.Pipeline;

/// <summary>
/// Reads the headers by which proxies, tunnels and meshes say who called them. They are believed only where they name a stranger, because anybody can write
/// them.
/// </summary>
internal static class ForwardedAddresses
{
    private static readonly SearchValues<char> OfAddresses = SearchValues.Create("0123456789abcdefABCDEF.:[]");

    /// <summary>
    /// Whether these headers are absent or name nothing but loopback addresses. A text that is not plainly such an address may stand for any other.
    /// </summary>
    public static bool AreLoopback(IHeaderDictionary headers) =>
        AreAll(headers["X-Forwarded-For"], IsLoopbackNode) && AreAll(headers["X-Real-IP"], IsLoopbackNode)
        && AreAll(headers["CF-Connecting-IP"], IsLoopbackNode) && AreAll(headers["Forwarded"], IsLoopbackHop);

    /// <summary>Whether an address is this machine's own, also where it is written as IPv6.</summary>
    public static bool IsLoopback(IPAddress address) => IPAddress.IsLoopback(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address);

    // A comma within quotes is no part of a loopback address, so cutting there only leaves what is none.
    private static bool AreAll(StringValues lists, Func<string, bool> test) =>
        lists.Count == 0 || lists.SelectMany(list => (list ?? "").Split(',')).All(test);

    /// <summary>Whether a hop of <c>Forwarded</c> (RFC 7239) names its caller, and nobody but this machine.</summary>
    private static bool IsLoopbackHop(string hop)
    {
        var hasCaller = false;
        foreach (var pair in hop.Split(';'))
        {
            if (pair.Split('=', 2, StringSplitOptions.TrimEntries) is not [var name, var value]) return false;
            var isQuoted = value is ['"', .., '"'];
            if ((isQuoted ? value[1..^1] : value).Contains('"')) return false;
            var isCaller = name.Equals("for", StringComparison.OrdinalIgnoreCase);
            if ((isCaller || name.Equals("by", StringComparison.OrdinalIgnoreCase)) && !IsLoopbackNode(value)) return false;
            hasCaller |= isCaller;
        }

        return hasCaller;
    }

    /// <summary>Whether a text is a loopback address, with a port or without, in quotes or not.</summary>
    private static bool IsLoopbackNode(string text)
    {
        text = text.Trim();
        if (text is ['"', .., '"']) text = text[1..^1];
        if (text.AsSpan().ContainsAnyExcept(OfAddresses) || !IPEndPoint.TryParse(text, out var node) || !IsLoopback(node.Address)) return false;
        // Other readers take other addresses from 0177.0.0.1 or 127.1.
        return node.AddressFamily == AddressFamily.InterNetworkV6 || text == node.Address.ToString() || text == node.ToString();
    }
}
