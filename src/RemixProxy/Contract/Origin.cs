namespace RemixProxy.Contract;

/// <summary>Compares the servers of addresses.</summary>
internal static class Origin
{
    /// <summary>Whether two URLs have the same scheme, host and port.</summary>
    public static bool IsSame(Uri a, Uri b) => a.Scheme == b.Scheme && a.Port == b.Port && a.IdnHost.Equals(b.IdnHost, StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether a URL's host is <paramref name="host"/>, a configured <c>host</c> or <c>host:port</c>.</summary>
    public static bool IsHost(string host, Uri url) =>
        host.Equals(url.IdnHost, StringComparison.OrdinalIgnoreCase) || host.Equals(Invariant($"{url.Host}:{url.Port}"), StringComparison.OrdinalIgnoreCase);
}
