namespace RemixProxy.Exchanges;

/// <summary>A provider's answer led to an address that is not followed. The message is for the log: it names the host.</summary>
internal sealed class MisdirectedException(string message) : HttpRequestException(HttpRequestError.ConnectionError, message)
{
    /// <summary>Whether that is why a request failed; the HTTP handler wraps what its connect callback throws.</summary>
    public static bool IsIn(Exception? e) => e is MisdirectedException or { InnerException: MisdirectedException };

    public static MisdirectedException Refused(string host) =>
        new($"The address of {host} is refused: it is neither public nor among the provider's AssetHosts.");
}
