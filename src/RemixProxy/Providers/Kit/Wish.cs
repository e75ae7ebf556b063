using System.Globalization;
using RemixProxy.Adapters;
using RemixProxy.Contract;

namespace RemixProxy.Providers.Kit;

/// <summary>
/// A submit on its way to the provider: what was asked for, fitted to the model. It collects each change of a wish, and the fields that nobody took, so that
/// nothing vanishes in silence.
/// </summary>
/// <param name="request">The request.</param>
/// <param name="model">The model that makes the video.</param>
public sealed class Wish(SubmitRequest request, VideoModel model)
{
    /// <summary>What the OpenAI Videos API makes of a request that names no size.</summary>
    public static readonly VideoSize DefaultSize = new(720, 1280);

    /// <summary>What the OpenAI Videos API makes of a request that names no length, in seconds.</summary>
    public const decimal DefaultSeconds = 4;

    private readonly List<Adjustment> _adjustments = [];

    /// <summary>The request.</summary>
    public SubmitRequest Request { get; } = request;

    /// <summary>The model that makes the video.</summary>
    public VideoModel Model { get; } = model;

    /// <summary>The request's other fields. Read them before the plan is made: what was not taken by then is reported as unused.</summary>
    public FieldReader Fields { get; } = new(request, model);

    /// <summary>The pixels that callers are told, <c>WxH</c>; null where the provider decides: then the source's, else unknown.</summary>
    public string? Size { get; set; }

    /// <summary>The length that callers are told, in seconds; null as of <see cref="Size"/>, empty where nobody can know it.</summary>
    public string? Seconds { get; set; }

    /// <summary>The source's size, where known.</summary>
    public VideoSize? SourceSize => VideoSize.TryParse(Request.SourceSize, out var size) ? size : null;

    /// <summary>
    /// Chooses the size: of those that the fields <c>aspect_ratio</c> and <c>resolution</c> leave, the nearest to the wish, or to the API's default.
    /// </summary>
    /// <param name="sizes">At least one; null: the model's, which must have some.</param>
    /// <param name="heedsFields">False where those fields are handed on as they came, and play no part.</param>
    /// <exception cref="VideoRequestException">There is no such aspect ratio or resolution.</exception>
    public SizeOption FitSize(IReadOnlyList<SizeOption>? sizes = null, bool heedsFields = true)
    {
        var all = sizes ?? (Request.InputReference is null ? Model.TextSizes : null) ?? Model.Sizes;
        if (all.Count == 0) throw new InvalidOperationException($"{Model.Id} declares no sizes.");
        var size = SizeOption.Fit(heedsFields ? AtResolution(OfAspect(all)) : all, Request.Size ?? DefaultSize);
        Size = size.Pixels.ToString();
        if (Request.Size is { } asked)
        {
            if (size != SizeOption.Fit(all, asked)) FollowFields();
            else if (asked != size.Pixels) Adjust(new("size", asked.ToString(), Size, "nearest supported"));
        }

        return size;
    }

    /// <summary>Chooses the length in seconds: the wish, or the API's default, as the model makes it.</summary>
    /// <param name="lengths">Null: the model's, which must have some.</param>
    public decimal FitSeconds(Durations? lengths = null)
    {
        var made = lengths ?? (Request.Operation == VideoOperation.Extend ? Model.ExtendSeconds : null) ?? Model.Seconds
            ?? throw new InvalidOperationException($"{Model.Id} declares no lengths.");
        var used = made.Fit(Request.Seconds ?? DefaultSeconds);
        if (Request.Seconds is { } asked && asked != used)
            Adjust(new("seconds", Durations.Text(asked), Durations.Text(used), used > asked ? "next supported" : "longest supported"));
        Seconds = Durations.Text(used);
        return used;
    }

    /// <summary>Says that callers get the source with <paramref name="added"/> seconds behind it; unknown where the source's length is.</summary>
    public void Append(decimal added) =>
        Seconds = decimal.TryParse(Request.SourceSeconds, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var before)
            ? Durations.Text(before + added)
            : null;

    /// <summary>The sizes that the field <c>aspect_ratio</c> leaves: a ratio by its name, or as pixels <c>W:H</c>.</summary>
    /// <exception cref="VideoRequestException">It leaves none.</exception>
    public IReadOnlyList<SizeOption> OfAspect(IReadOnlyList<SizeOption> sizes) =>
        Narrow(sizes, "aspect_ratio", o => o.Aspect, (o, aspect) => o.Aspect == aspect || Invariant($"{o.Pixels.Width}:{o.Pixels.Height}") == aspect);

    /// <summary>The sizes that the field <c>resolution</c> leaves.</summary>
    /// <exception cref="VideoRequestException">It leaves none.</exception>
    public IReadOnlyList<SizeOption> AtResolution(IReadOnlyList<SizeOption> sizes) =>
        Narrow(sizes, "resolution", o => o.Resolution, (o, resolution) => o.Resolution.Equals(resolution, StringComparison.OrdinalIgnoreCase));

    /// <summary>Says that a size gave way to fields that tell the shape in the provider's words; one that is met all the same did not.</summary>
    public void FollowFields()
    {
        if (Request.Size is { } asked && asked.ToString() != Size) Adjust(new("size", asked.ToString(), Size, "an aspect ratio or resolution was given"));
    }

    /// <summary>Says that the size is the source's; a wish that it meets is no adjustment.</summary>
    public void FollowSourceSize()
    {
        if (Request.Size is { } asked && asked.ToString() != Request.SourceSize)
            Adjust(new("size", asked.ToString(), Request.SourceSize, "follows the source"));
    }

    /// <summary>Says that the length is the source's; a wish that it meets is no adjustment.</summary>
    public void FollowSourceSeconds()
    {
        if (Request.Seconds is { } asked && Durations.Text(asked) != Request.SourceSeconds)
            Adjust(new("seconds", Durations.Text(asked), Request.SourceSeconds, "follows the source"));
    }

    /// <summary>Notes a wish that is not met to the letter.</summary>
    public void Adjust(Adjustment adjustment) => _adjustments.Add(adjustment);

    /// <summary>The plan, with all that was noted.</summary>
    /// <param name="first">The first step.</param>
    public SubmitPlan ToPlan(ProviderStep first) =>
        new(first, Request.Model) { Size = Size, Seconds = Seconds, Adjustments = [.. _adjustments, .. Fields.Unused()] };

    private IReadOnlyList<SizeOption> Narrow(
        IReadOnlyList<SizeOption> sizes, string field, Func<SizeOption, string> name, Func<SizeOption, string, bool> matches)
    {
        if (Fields.Text(field) is not { } value) return sizes;
        var left = sizes.Where(o => matches(o, value)).ToArray();
        return left.Length > 0
            ? left
            : throw new VideoRequestException("invalid_value", field, $"'{field}' must be one of {string.Join(", ", sizes.Select(name).Distinct())}.");
    }
}
