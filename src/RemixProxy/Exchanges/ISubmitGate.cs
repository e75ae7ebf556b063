namespace RemixProxy.Exchanges;

/// <summary>What a submit passes before its first byte leaves.</summary>
internal interface ISubmitGate
{
    /// <summary>Writes that it is about to be sent. Where it throws nothing is sent.</summary>
    ValueTask PassAsync();
}
