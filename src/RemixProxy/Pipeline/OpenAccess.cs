using System.Net;
using Microsoft.AspNetCore.Http;
using RemixProxy.Contract;

namespace RemixProxy.Pipeline;

/// <summary>Decides who may call: programs on this machine, or any with AllowAnonymous, but never a web page of another site.</summary>
internal static class OpenAccess
{
    /// <returns>403 if the caller may not call, else null.</returns>
    public static ApiError? Check(HttpContext context, RemixProxyOptions options)
    {
        var request = context.Request;
        if (request.Headers.Origin is { Count: > 0 } origin)
        {
            if (!IsOwnOrigin(origin.ToString(), options) && !IsListed(origin.ToString(), options))
                return Refused("Requests of other web sites are refused: the operator may name this one in Cors:Origins, or its own address in PublicBaseUrl.");
        }
        else if (request.Headers["Sec-Fetch-Site"] == "cross-site")
        {
            return Refused("Requests of other web sites are refused.");
        }

        if (options.AllowAnonymous) return null;
        // A connection without an address is no network connection (a Unix socket, a test server).
        if (context.Connection.RemoteIpAddress is { } address && !IPAddress.IsLoopback(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address))
            return Refused("Without AllowAnonymous only connections from this machine are served.");
        return IsOwnHost(request.Host.Host, options) ? null : Refused("This Host is not served: use localhost or PublicBaseUrl's.");
    }

    /// <summary>Whether the operator lets pages of this origin call.</summary>
    public static bool IsListed(string origin, RemixProxyOptions options) =>
        options.Cors.Origins.Count > 0 && Uri.TryCreate(origin, UriKind.Absolute, out var url)
            && options.Cors.Origins.Any(listed => Origin.IsSame(url, new(listed)));

    private static bool IsOwnOrigin(string origin, RemixProxyOptions options) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var url)
        && (IsLoopback(url.IdnHost)
            || (options.PublicBaseUrl is { } own && Origin.IsSame(url, own)));

    private static bool IsOwnHost(string host, RemixProxyOptions options) =>
        IsLoopback(host.Trim('[', ']')) || host.Equals(options.PublicBaseUrl?.Host, StringComparison.OrdinalIgnoreCase);

    private static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    private static ApiError Refused(string message) => new(403, "not_allowed", message);
}
