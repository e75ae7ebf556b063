namespace RemixProxy.Exchanges;

/// <summary>
/// A URL or a redirect led to an address that the proxy does not contact, or redirects did not end. The message names the host, so it is only for the log.
/// </summary>
internal sealed class MisdirectedException(string message) : HttpRequestException(HttpRequestError.ConnectionError, message)
{
    /// <summary>Whether a request failed for this reason. The HTTP handler wraps the exceptions of its connect callback.</summary>
    public static bool IsIn(Exception? e) => In(e) is not null;

    /// <summary>That exception.</summary>
    public static MisdirectedException? In(Exception? e) => e as MisdirectedException ?? e?.InnerException as MisdirectedException;

    public static MisdirectedException Refused(string host) =>
        new($"The address of {host} is refused: it is neither public nor among the provider's AssetHosts.");
}
