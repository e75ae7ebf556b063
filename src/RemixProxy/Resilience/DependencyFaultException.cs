namespace RemixProxy.Resilience;

/// <summary>
/// Why a dependency's call failed, in words that are fit for the log: no prompt, key or host. There is no inner exception, because its text could hold one.
/// </summary>
/// <param name="reason">The words.</param>
/// <param name="byRequest">Whether this one request is at fault, not the dependency: it answered.</param>
internal sealed class DependencyFaultException(string reason, bool byRequest = false) : Exception(reason)
{
    public bool ByRequest { get; } = byRequest;
}
