using RemixProxy.Providers;

namespace RemixProxy.Operations;

/// <summary>
/// Bounds the clips that are sent to callers out of memory: those out of native answers, and those in an answer as base64. Bodies have a
/// budget of their own, so that slow readers of clips stop no submit.
/// </summary>
internal sealed class ClipBudget(ProviderRegistry registry) : BodyBudget(registry)
{
    protected override long LimitOf(LimitsOptions limits) => limits.MaxClipBytes;
}
