using RemixProxy.Adapters;
using RemixProxy.Providers.Kit;

namespace RemixProxy.Providers.Runway;

/// <summary>The size that a wish asks for, in the members in which an endpoint takes it.</summary>
internal static class RunwaySizes
{
    /// <summary>The size of a create.</summary>
    /// <param name="wish">The wish.</param>
    /// <param name="shape">How the endpoint takes it.</param>
    /// <param name="sizes">The sizes to choose from; null: the model's.</param>
    /// <exception cref="VideoRequestException">The model has no such aspect ratio or resolution here.</exception>
    public static NativeObject OfCreate(Wish wish, RunwayShape shape, IReadOnlyList<SizeOption>? sizes = null)
    {
        if (NativeRatio(wish, shape, wish.Fields.Text("aspect_ratio")) is { } native) return native;
        if (shape is RunwayShape.Pixels or RunwayShape.Words) return Written(shape, wish.FitSize(sizes));
        var resolution = wish.FitResolution(sizes);
        return shape == RunwayShape.Auto ? new() { { "ratio", "auto_" + resolution } } : new() { { "resolution", resolution } };
    }

    /// <summary>The size of an edit, whose model may make another than the source's.</summary>
    public static NativeObject OfEdit(Wish wish)
    {
        var model = (RunwayModel)wish.Model;
        if (model.EditShape == RunwayShape.None) return Following(wish);
        var (aspect, resolution) = (wish.Fields.Text("aspect_ratio"), wish.Fields.Text("resolution"));
        var hasAspect = aspect is not null || wish.Request.Size is not null || wish.SourceSize is not null;
        if (NativeRatio(wish, model.EditShape, hasAspect ? aspect : "adaptive") is { } native) return native;
        if (resolution is not null && !hasAspect)
            throw new VideoRequestException("invalid_value", "resolution", "The source's size is unknown: send an 'aspect_ratio' beside the 'resolution'.");
        var isAsked = (aspect ?? resolution) is not null || (wish.Request.Size is { } asked && asked != wish.SourceSize);
        if (!isAsked && (!model.MakesFromSource || wish.SourceSize is null)) return new();
        return Written(model.EditShape, wish.FitSize());
    }

    private static NativeObject Written(RunwayShape shape, SizeOption size) => new()
    {
        {
            "ratio", shape switch
            {
                RunwayShape.Pixels => Invariant($"{size.Pixels.Width}:{size.Pixels.Height}"),
                RunwayShape.Words => size.Aspect,
                _ => null,
            }
        },
        { "resolution", shape is RunwayShape.Words or RunwayShape.Resolution ? size.Resolution : null },
    };

    /// <summary>A ratio in the vendor's own words, which leaves the pixels to the vendor; null where it is none of them.</summary>
    private static NativeObject? NativeRatio(Wish wish, RunwayShape shape, string? ratio)
    {
        if (ratio is null || !((RunwayModel)wish.Model).NativeRatios.Contains(ratio, StringComparer.Ordinal)) return null;
        var resolution = shape == RunwayShape.Words && wish.Fields.Text("resolution") is not null ? wish.AtResolution(wish.Model.Sizes)[0].Resolution : null;
        wish.FollowFields();
        wish.Size = "";
        return new() { { "ratio", ratio }, { "resolution", resolution } };
    }

    /// <summary>The shape of an edit or extend that follows its source, unless the caller names another aspect ratio and the model can expand to it.</summary>
    public static NativeObject Following(Wish wish)
    {
        var aspects = wish.Model.FindField("target_aspect_ratio")?.Words ?? [];
        if (wish.Fields.Text("resolution") is not null) throw FollowsSource(wish, "resolution");
        if (aspects.Count == 0 && wish.Fields.Text("aspect_ratio") is not null) throw FollowsSource(wish, "aspect_ratio");
        var target = aspects.Count == 0 ? null : wish.Fields.Text("target_aspect_ratio") ?? wish.Fields.Text("targetAspectRatio");
        if (target is null && aspects.Count > 0 && wish.Fields.Text("aspect_ratio") is { } aspect)
        {
            target = aspects.Contains(aspect)
                ? aspect
                : throw new VideoRequestException("invalid_value", "aspect_ratio", $"'aspect_ratio' must be one of {string.Join(", ", aspects)}.");
        }

        if (target is null)
        {
            wish.FollowSourceSize();
            return new();
        }

        // The size is no longer the source's. Runway chooses the pixels, so they are unknown.
        wish.FollowFields();
        wish.Size = "";
        return new() { { "targetAspectRatio", target } };
    }

    private static VideoRequestException FollowsSource(Wish wish, string field) =>
        new("invalid_value", field, $"'{wish.Request.Model}' takes '{field}' from the source video: leave it out.");
}
