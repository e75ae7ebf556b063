using RemixProxy.Providers;

namespace RemixProxy.Operations;

/// <summary>
/// Bounds the clips out of native answers that are being sent to callers. Bodies have a budget of their own, so that slow readers of clips stop no submit.
/// </summary>
internal sealed class ClipBudget(ProviderRegistry registry) : BodyBudget(registry)
{
    protected override long LimitOf(LimitsOptions limits) => limits.MaxClipBytes;
}
