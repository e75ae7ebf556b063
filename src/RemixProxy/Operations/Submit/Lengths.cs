using RemixProxy.Adapters;
using RemixProxy.Contract;
using RemixProxy.Providers;

namespace RemixProxy.Operations.Submit;

/// <summary>The length of what a submit will make, before it is made.</summary>
internal static class Lengths
{
    /// <summary>What counts where neither the request nor any description tells a length.</summary>
    private const decimal Unknown = 30;

    /// <summary>
    /// The length of one video in seconds: as planned; of an edit its source's; else the longest that the model makes. Of an extension it is the part that is
    /// added.
    /// </summary>
    public static decimal Most(Provider provider, SubmitRequest request, SubmitPlan plan)
    {
        var isExtension = request.Operation == VideoOperation.Extend;
        if ((isExtension ? request.Seconds : Read(plan.Seconds)) is { } known) return known;
        var models = provider.FittingModel(plan.Model) is { } model ? [model] : provider.Models;
        var longest = models.Max(m => (isExtension ? m.ExtendSeconds ?? m.Seconds : m.Seconds)?.Values[^1]);
        return longest ?? Read(request.SourceSeconds) ?? Unknown;
    }

    private static decimal? Read(string? seconds) => Durations.Read(seconds) is > 0 and < int.MaxValue and var length ? length : null;
}
