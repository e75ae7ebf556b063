using System.Text.Json;
using System.Text.Json.Serialization;
using RemixProxy.Adapters;

namespace RemixProxy.Providers.Luma;

/// <summary>What of the source an edit holds on to, signal by signal.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record LumaControls
{
    public LumaControl? Depth { get; init; }

    public LumaControl? Face { get; init; }

    public LumaControl? Normals { get; init; }

    public LumaControl? Pose { get; init; }

    public LumaControl? Trajectory { get; init; }

    /// <summary>Reads a caller's field.</summary>
    /// <exception cref="VideoRequestException">It holds what the provider hasn't.</exception>
    public static LumaControls? Read(FieldReader reader)
    {
        try
        {
            return reader.Json("controls", JsonValueKind.Object)?.Deserialize(LumaJsonContext.Default.LumaControls);
        }
        catch (JsonException)
        {
            throw new VideoRequestException(
                "invalid_value",
                "controls",
                "'controls' must be an object of depth {enabled, blur}, face {enabled}, normals {enabled, augmentation}, "
                + "pose {enabled, strength}, trajectory {enabled, sparsity}.");
        }
    }
}

/// <summary>One signal; each has only some of these, which the provider checks.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record LumaControl
{
    public bool? Enabled { get; init; }

    /// <summary>Of depth, 0–1.</summary>
    public decimal? Blur { get; init; }

    /// <summary>Of normals, 0–1.</summary>
    public decimal? Augmentation { get; init; }

    /// <summary>Of pose: <c>precise</c> or <c>coarse</c>.</summary>
    public string? Strength { get; init; }

    /// <summary>Of trajectory, 0–1.</summary>
    public decimal? Sparsity { get; init; }
}
