using RemixProxy.Contract;

namespace RemixProxy.Exchanges;

/// <summary>Decides whether the proxy may send the exchange that costs money, before its first byte leaves.</summary>
internal interface ISubmitGate
{
    /// <summary>Asks for permission to send.</summary>
    /// <returns>Null: the proxy may send the exchange. Otherwise the reason why not.</returns>
    ValueTask<ApiError?> PassAsync();
}
