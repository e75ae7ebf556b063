using RemixProxy.Adapters;
using RemixProxy.Contract;

namespace RemixProxy.Providers.Runway;

/// <summary>The size and length of a create, in Runway's words.</summary>
/// <param name="Ratio">Pixels <c>W:H</c>, or what the caller said to a model that is not described.</param>
/// <param name="Resolution">What the caller said to a model that is not described.</param>
/// <param name="Size">Pixels as callers see them; null where Runway decides.</param>
/// <param name="Seconds">Whole seconds.</param>
/// <param name="Adjustments">Wishes not met to the letter.</param>
internal sealed record RunwayShape(string? Ratio, string? Resolution, string? Size, decimal Seconds, IReadOnlyList<Adjustment> Adjustments)
{
    public static RunwayShape Of(SubmitRequest request, RunwayModel model, FieldReader reader)
    {
        var aspect = reader.Text("aspect_ratio");
        var resolution = reader.Text("resolution");
        if (model.IsOpen && (aspect is not null || resolution is not null)) return AsSaid(request, model, aspect, resolution);

        var sizes = request.InputReference is null && model.TextSizes is { } fewer ? fewer : model.Video.Sizes;
        var fit = SizeAndLength.Fit(request, model.Video with { Sizes = sizes }, reader);
        var pixels = fit.Size!.Pixels;
        return new(Invariant($"{pixels.Width}:{pixels.Height}"), null, pixels.ToString(), fit.Seconds!.Value, fit.Adjustments);
    }

    // Several models that are not described take a ratio such as 16:9 and a resolution instead of pixels, or only one of the two.
    private static RunwayShape AsSaid(SubmitRequest request, RunwayModel model, string? aspect, string? resolution)
    {
        var fit = SizeAndLength.Fit(request, model.Video with { Sizes = [] });
        return new(aspect, resolution, null, fit.Seconds!.Value, [.. SizeAndLength.FollowFields(request, null), .. fit.Adjustments]);
    }
}
