using System.Globalization;
using RemixProxy.Contract;

namespace RemixProxy.Adapters;

/// <summary>The size and length that a model makes of a wish, and the adjustments that took.</summary>
/// <param name="Size">The size used; null where the model declares none.</param>
/// <param name="Seconds">The length used; null where the model declares none.</param>
/// <param name="Adjustments">Each change of something the caller asked for.</param>
public sealed record SizeAndLength(SizeOption? Size, decimal? Seconds, IReadOnlyList<Adjustment> Adjustments)
{
    /// <summary>What the OpenAI Videos API makes of a request that names no size.</summary>
    public static readonly VideoSize DefaultSize = new(720, 1280);

    /// <summary>What the OpenAI Videos API makes of a request that names no length, in seconds.</summary>
    public const decimal DefaultSeconds = 4;

    /// <summary>Fits the wishes of <paramref name="request"/>, or the API's defaults, into what <paramref name="model"/> makes.</summary>
    /// <param name="request">The request.</param>
    /// <param name="model">The model; with no sizes, or no lengths, there is nothing to fit.</param>
    /// <param name="reader">Takes the fields <c>aspect_ratio</c> and <c>resolution</c>, which then win over the size; null: they play no part.</param>
    /// <exception cref="VideoRequestException">The model makes no such aspect ratio or resolution.</exception>
    public static SizeAndLength Fit(SubmitRequest request, VideoModel model, FieldReader? reader = null)
    {
        var adjustments = new List<Adjustment>();
        var options = reader is null ? model.Sizes : SizeOption.AtResolution(SizeOption.OfAspect(model.Sizes, reader), reader);
        var size = options.Count == 0 ? null : SizeOption.Fit(options, request.Size ?? DefaultSize);
        if (size is not null && request.Size is { } wish)
        {
            if (size != SizeOption.Fit(model.Sizes, wish)) adjustments.AddRange(FollowFields(request, size.Pixels.ToString()));
            else if (wish != size.Pixels) adjustments.Add(new("size", wish.ToString(), size.Pixels.ToString(), "nearest supported"));
        }

        var seconds = model.Seconds?.Fit(request.Seconds ?? DefaultSeconds);
        if (seconds is { } used && request.Seconds is { } asked && asked != used)
            adjustments.Add(new("seconds", Text(asked), Text(used), used > asked ? "next supported" : "longest supported"));

        return new(size, seconds, adjustments);
    }

    /// <summary>A length as the unified object writes it: without trailing zeros.</summary>
    public static string Text(decimal seconds) => seconds.ToString("0.###", CultureInfo.InvariantCulture);

    /// <summary>The length of a source with its extension; null where the source's is unknown.</summary>
    public static string? Stitched(SubmitRequest request, decimal added) =>
        decimal.TryParse(request.SourceSeconds, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var before) ? Text(before + added) : null;

    /// <summary>The adjustment for a size that gave way to a field that says the shape in the provider's words.</summary>
    /// <param name="request">The request; a wish that is met all the same makes no adjustment.</param>
    /// <param name="used">The size used, where known.</param>
    public static IEnumerable<Adjustment> FollowFields(SubmitRequest request, string? used)
    {
        if (request.Size is { } wish && wish.ToString() != used) yield return new("size", wish.ToString(), used, "an aspect ratio or resolution was given");
    }

    /// <summary>The adjustments for a size and a length that the operation takes from its source.</summary>
    /// <param name="request">The request; wishes that it doesn't name or that the source meets make no adjustment.</param>
    /// <param name="size">Whether a size is left out.</param>
    /// <param name="seconds">Whether a length is left out.</param>
    public static IEnumerable<Adjustment> FollowSource(SubmitRequest request, bool size = true, bool seconds = true)
    {
        if (size && request.Size is { } wish && wish.ToString() != request.SourceSize)
            yield return new("size", wish.ToString(), request.SourceSize, "follows the source");
        if (seconds && request.Seconds is { } asked && Text(asked) != request.SourceSeconds)
            yield return new("seconds", Text(asked), request.SourceSeconds, "follows the source");
    }
}
