using System.Globalization;
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
        var headers = context.Request.Headers;
        if (headers.Origin.Count > 0)
        {
            if (headers.Origin is not [{ } origin] || !(IsOwnOrigin(origin, options) || IsListed(origin, options)))
            {
                return ApiError.NotAllowed(
                    "Requests of other web sites are refused: the operator may name this one in Cors:Origins, or its own address in PublicBaseUrl.");
            }
        }
        else if (!headers["Sec-Fetch-Site"].All(site => site is "same-origin" or "same-site" or "none"))
        {
            return ApiError.NotAllowed("Requests of other web sites are refused.");
        }

        if (options.AllowAnonymous) return null;
        // Neither what arrived nor what the application's middleware made of it may name a stranger.
        var (arrived, now) = (context.Features.Get<Arrival>(), Arrival.Of(context));
        if (arrived is { IsLocal: false } || !now.IsLocal)
            return ApiError.NotAllowed("Without AllowAnonymous only programs on this machine are served, and nobody through a proxy or a tunnel.");
        return IsOwnHost(now.Host, options) && (arrived is null || arrived.Host == now.Host || IsOwnHost(arrived.Host, options))
            ? null
            : ApiError.NotAllowed("This Host is not served: use localhost or PublicBaseUrl's.");
    }

    /// <summary>Whether the operator lets pages of this origin call.</summary>
    public static bool IsListed(string origin, RemixProxyOptions options) =>
        options.Cors.Origins.Count > 0 && Origin.TryRead(origin, out var url)
            && options.Cors.Origins.Any(listed => listed == "*" || Origin.IsSame(url, new(listed)));

    /// <summary>Whether only this machine reaches an address that a server listens on.</summary>
    public static bool IsLoopback(BindingAddress address) => address.IsUnixPipe || address.IsNamedPipe || IsLoopback(address.Host.Trim('[', ']'));

    private static bool IsOwnOrigin(string origin, RemixProxyOptions options) =>
        Origin.TryRead(origin, out var url)
        && ((url.Scheme is "http" or "https" && IsLoopback(url.IdnHost)) || (options.PublicBaseUrl is { } own && Origin.IsSame(url, own)));

    // Any port, because who forwards a port may choose another.
    private static bool IsOwnHost(string header, RemixProxyOptions options) =>
        IsUsual(header)
        || (Origin.TryReadHost(header, out var host, out _)
            && (IsLoopback(host) || host.Equals(options.PublicBaseUrl?.IdnHost, StringComparison.OrdinalIgnoreCase)));

    // Most requests name one of these, and an address is dear to parse.
    private static bool IsUsual(ReadOnlySpan<char> header)
    {
        var colon = header.IndexOf(':');
        return (colon < 0 ? header : header[..colon]) is "localhost" or "127.0.0.1"
            && (colon < 0 || (ushort.TryParse(header[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port > 0));
    }

    private static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host, out var address) && ForwardedAddresses.IsLoopback(address));
}
