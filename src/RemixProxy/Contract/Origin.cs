namespace RemixProxy.Contract;

/// <summary>Whether two addresses are of one server.</summary>
internal static class Origin
{
    /// <summary>The same scheme, host and port.</summary>
    public static bool IsSame(Uri a, Uri b) => Uri.Compare(a, b, UriComponents.SchemeAndServer, UriFormat.UriEscaped, StringComparison.OrdinalIgnoreCase) == 0;

    /// <summary>Whether <paramref name="host"/>, a configured <c>host</c> or <c>host:port</c>, is that of a URL.</summary>
    public static bool IsHost(string host, Uri url) =>
        host.Equals(url.IdnHost, StringComparison.OrdinalIgnoreCase) || host.Equals(Invariant($"{url.Host}:{url.Port}"), StringComparison.OrdinalIgnoreCase);
}
