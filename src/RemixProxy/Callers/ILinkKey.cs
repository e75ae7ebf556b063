namespace RemixProxy.Callers;

/// <summary>The key that signs content links where none is configured: made once, and the same for all replicas.</summary>
internal interface ILinkKey
{
    /// <summary>The key; null as long as the store has not told it.</summary>
    byte[]? Current { get; }
}
