namespace RemixProxy.Dependencies;

/// <summary>Why a dependency's call failed, in words that are fit for the log: no prompt, key or host. There is no inner exception, because its text could hold one.</summary>
internal sealed class DependencyFaultException(string reason) : Exception(reason);
