using System.Text.Json;
using RemixProxy.Adapters;
using RemixProxy.Contract;

namespace RemixProxy.Providers.Kit;

/// <summary>
/// Fits what a submit asks for to the model. It collects an adjustment for each changed wish and each unread field, so that callers learn of all changes.
/// </summary>
/// <param name="request">The request.</param>
/// <param name="model">The model that makes the video.</param>
public sealed class Wish(SubmitRequest request, VideoModel model)
{
    /// <summary>The size that the OpenAI Videos API uses for a request without one.</summary>
    public static readonly VideoSize DefaultSize = new(720, 1280);

    /// <summary>The length that the OpenAI Videos API uses for a request without one, in seconds.</summary>
    public const decimal DefaultSeconds = 4;

    private readonly List<Adjustment> _adjustments = [];

    /// <summary>The request.</summary>
    public SubmitRequest Request { get; } = request;

    /// <summary>The model that makes the video.</summary>
    public VideoModel Model { get; } = model;

    /// <summary>The request's other fields. Read them before <see cref="ToPlan"/>, which reports the unread ones as unused.</summary>
    public FieldReader Fields { get; } = new(request, model);

    /// <summary>The size that callers see, in pixels <c>WxH</c>. Null: callers see the source's size, where it is known. Empty: unknown.</summary>
    public string? Size { get; set; }

    /// <summary>The length that callers see, in seconds. Null: callers see the source's length, where it is known. Empty: unknown.</summary>
    public string? Seconds { get; set; }

    /// <summary>
    /// Whether the video has sound, as the request says; null where it does not say. Also null where the model leaves no choice: the proxy has checked that the
    /// request agrees with it.
    /// </summary>
    public bool? Audio => Model.SoundOf(Request.Operation) == ModelSound.Switch ? Request.Audio : null;

    /// <summary>The source's size; null where unknown.</summary>
    public VideoSize? SourceSize => VideoSize.TryParse(Request.SourceSize, out var size) ? size : null;

    /// <summary>
    /// Chooses the size nearest to the requested one, or to the source's, or to <see cref="DefaultSize"/>, among those that the fields <c>aspect_ratio</c> and
    /// <c>resolution</c> allow.
    /// </summary>
    /// <param name="sizes">At least one size; null: the model's sizes, which must not be empty.</param>
    /// <param name="heedsFields">False where the adapter passes those fields to the provider unchanged; they then do not affect the choice.</param>
    /// <exception cref="VideoRequestException">No size has this aspect ratio or resolution.</exception>
    /// <exception cref="InvalidOperationException">The model declares no sizes.</exception>
    public SizeOption FitSize(IReadOnlyList<SizeOption>? sizes = null, bool heedsFields = true)
    {
        var all = sizes ?? (Request.InputReference is null ? Model.TextSizes : null) ?? Model.Sizes;
        if (all.Count == 0) throw new InvalidOperationException($"{Model.Id} declares no sizes.");
        var size = SizeOption.Fit(heedsFields ? AtResolution(OfAspect(all)) : all, Request.Size ?? SourceSize ?? DefaultSize);
        Size = size.Pixels.ToString();
        if (Request.Size is { } asked)
        {
            if (size != SizeOption.Fit(all, asked)) FollowFields();
            else if (asked != size.Pixels) Adjust(new("size", asked.ToString(), Size, "nearest supported"));
        }

        return size;
    }

    /// <summary>
    /// Chooses the resolution where the aspect ratio is not a choice, because the provider takes that from an image: the one nearest to the requested size or
    /// to <see cref="DefaultSize"/>, among those that the field <c>resolution</c> allows. The size that callers see becomes unknown.
    /// </summary>
    /// <param name="sizes">At least one size; null: the model's sizes.</param>
    /// <exception cref="VideoRequestException">The request names an aspect ratio, or no size has this resolution.</exception>
    public string FitResolution(IReadOnlyList<SizeOption>? sizes = null)
    {
        if (Fields.Text("aspect_ratio") is not null)
            throw new VideoRequestException("invalid_value", "aspect_ratio", $"'{Request.Model}' chooses 'aspect_ratio' itself here: leave it out.");
        var resolution = SizeOption.Fit(AtResolution(sizes ?? Model.Sizes), Request.Size ?? DefaultSize).Resolution;
        Size = "";
        if (Request.Size is { } asked) Adjust(new("size", asked.ToString(), null, $"only the resolution can be chosen: {resolution}"));
        return resolution;
    }

    /// <summary>
    /// Chooses the length in seconds that is nearest to the requested one, or to <see cref="DefaultSeconds"/>, by <see cref="Durations.Fit"/>.
    /// </summary>
    /// <param name="lengths">The lengths to choose from; null: the model's lengths.</param>
    /// <exception cref="InvalidOperationException">The model declares no lengths.</exception>
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

    /// <summary>
    /// Chooses the length in seconds of a video that only refers to its source: the one nearest to the requested one, else to the source's. Null where neither
    /// is known; the provider then decides, and callers see no length.
    /// </summary>
    /// <exception cref="InvalidOperationException">The model declares no lengths.</exception>
    public decimal? FitSecondsLikeSource()
    {
        if (Request.Seconds is not null) return FitSeconds();
        if (Durations.Read(Request.SourceSeconds) is not { } source)
        {
            Seconds = "";
            return null;
        }

        var used = (Model.Seconds ?? throw new InvalidOperationException($"{Model.Id} declares no lengths.")).Fit(source);
        Seconds = Durations.Text(used);
        return used;
    }

    /// <summary>The value of a field from which the provider itself fetches, read by its kind; null where it is absent or not taken.</summary>
    /// <exception cref="VideoRequestException">An address in it is not public, or the value is of another kind.</exception>
    public JsonElement? FetchedField(string name)
    {
        var value = Fields.Value(name);
        return value is null || TextsIn(value.Value).All(text => !PublicAddress.IsAddress(text) || PublicAddress.IsUrl(text))
            ? value
            : throw new VideoRequestException("invalid_value", name, $"Each address in '{name}' must be a public https URL or a data URI.");
    }

    /// <summary>Sets the length to the source's plus <paramref name="added"/> seconds, or to null where the source's length is unknown.</summary>
    public void Append(decimal added) =>
        Seconds = Durations.Read(Request.SourceSeconds) is { } before ? Durations.Text(before + added) : null;

    /// <summary>The sizes that the field <c>aspect_ratio</c> allows. It names a ratio, or pixels as <c>W:H</c>.</summary>
    /// <exception cref="VideoRequestException">The field allows none of the sizes.</exception>
    public IReadOnlyList<SizeOption> OfAspect(IReadOnlyList<SizeOption> sizes) =>
        Narrow(sizes, "aspect_ratio", o => o.Aspect, (o, aspect) => o.Aspect == aspect || Invariant($"{o.Pixels.Width}:{o.Pixels.Height}") == aspect);

    /// <summary>The sizes that the field <c>resolution</c> allows, in any letter case.</summary>
    /// <exception cref="VideoRequestException">The field allows none of the sizes.</exception>
    public IReadOnlyList<SizeOption> AtResolution(IReadOnlyList<SizeOption> sizes) =>
        Narrow(sizes, "resolution", o => o.Resolution, (o, resolution) => o.Resolution.Equals(resolution, StringComparison.OrdinalIgnoreCase));

    /// <summary>Reports the requested size as adjusted where an aspect ratio or resolution overrode it.</summary>
    public void FollowFields()
    {
        if (Request.Size is { } asked && asked.ToString() != Size) Adjust(new("size", asked.ToString(), Size, "an aspect ratio or resolution was given"));
    }

    /// <summary>Reports the requested size as adjusted where the source's size differs.</summary>
    public void FollowSourceSize()
    {
        if (Request.Size is { } asked && asked.ToString() != Request.SourceSize)
            Adjust(new("size", asked.ToString(), Request.SourceSize, "follows the source"));
    }

    /// <summary>The size nearest to the source's; where that is unknown, the first one of 720p, which is most vendors' own default, else the first.</summary>
    /// <param name="sizes">At least one size.</param>
    public SizeOption NearestToSource(IReadOnlyList<SizeOption> sizes) =>
        SourceSize is { } size ? SizeOption.Fit(sizes, size) : sizes.FirstOrDefault(o => o.Resolution == "720p") ?? sizes[0];

    /// <summary>
    /// Chooses the resolution nearest to the source's for a video that keeps the source's aspect ratio, so that <see cref="Size"/> is the source's at that
    /// resolution, and null where it is unknown.
    /// </summary>
    /// <param name="sizes">At least one size.</param>
    public SizeOption KeepSourceRatio(IReadOnlyList<SizeOption> sizes)
    {
        var size = NearestToSource(sizes);
        Size = SourceSize?.AtShortSide(Math.Min(size.Pixels.Width, size.Pixels.Height)).ToString();
        return size;
    }

    /// <summary>Reports the requested size as adjusted where <see cref="Size"/> differs, which has the source's aspect ratio at another resolution.</summary>
    public void FollowSourceRatio()
    {
        if (Size is null || Size == Request.SourceSize) FollowSourceSize();
        else if (Request.Size is { } asked && asked.ToString() != Size)
            Adjust(new("size", asked.ToString(), Size, "the source's aspect ratio at the resolution used"));
    }

    /// <summary>Reports the requested length as adjusted where the source's length differs.</summary>
    public void FollowSourceSeconds()
    {
        if (Request.Seconds is { } asked && Durations.Text(asked) != Request.SourceSeconds)
            Adjust(new("seconds", Durations.Text(asked), Request.SourceSeconds, "follows the source"));
    }

    /// <summary>Reports a wish that is not met exactly.</summary>
    public void Adjust(Adjustment adjustment) => _adjustments.Add(adjustment);

    /// <summary>Makes the plan, with all adjustments. Afterwards no field can be read.</summary>
    /// <param name="first">The first step.</param>
    public SubmitPlan ToPlan(ProviderStep first) =>
        new(first, Request.Model) { Size = Size, Seconds = Seconds, Adjustments = [.. _adjustments, .. Fields.Unused()] };

    private static IEnumerable<string> TextsIn(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject().SelectMany(member => TextsIn(member.Value)),
        JsonValueKind.Array => value.EnumerateArray().SelectMany(TextsIn),
        _ => value.Text() is { } text ? [text] : [],
    };

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
