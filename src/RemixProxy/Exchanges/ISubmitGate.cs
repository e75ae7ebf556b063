using RemixProxy.Contract;

namespace RemixProxy.Exchanges;

/// <summary>What the exchange that costs money passes before its first byte leaves.</summary>
internal interface ISubmitGate
{
    /// <summary>Lets it pass, or says why nothing may be sent.</summary>
    /// <returns>Null: it may be sent.</returns>
    ValueTask<ApiError?> PassAsync();
}
