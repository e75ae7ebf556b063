namespace RemixProxy.Resilience;

/// <summary>
/// Why a call to a server failed, in words that are fit for the log: no prompt, key or host. It has no inner exception, whose text could contain one of these.
/// </summary>
/// <param name="reason">The words.</param>
/// <param name="byRequest">Whether the server answered, and this one request is at fault.</param>
internal sealed class DependencyFaultException(string reason, bool byRequest = false) : Exception(reason)
{
    public bool ByRequest { get; } = byRequest;
}
