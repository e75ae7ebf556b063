using RemixProxy.Contract;

namespace RemixProxy.Adapters;

/// <summary>Describes a model's inputs and outputs as data.</summary>
/// <param name="Id">The provider's name of the model.</param>
/// <param name="Operations">The submits that the model serves.</param>
public record VideoModel(string Id, VideoOperation Operations)
{
    /// <summary>The sizes that the model makes; empty: the provider decides.</summary>
    public IReadOnlyList<SizeOption> Sizes { get; init; } = [];

    /// <summary>The sizes for a create without an image, where there are fewer; null: <see cref="Sizes"/>.</summary>
    public IReadOnlyList<SizeOption>? TextSizes { get; init; }

    /// <summary>The lengths that the model makes, in seconds; null: the provider decides.</summary>
    public Durations? Seconds { get; init; }

    /// <summary>The lengths that an extend adds, in seconds; null: <see cref="Seconds"/>.</summary>
    public Durations? ExtendSeconds { get; init; }

    /// <summary>
    /// The complete list of other fields that the model takes. The proxy does not send any other field, and reports it as an adjustment. Null: the list is
    /// unknown, and the adapter decides.
    /// </summary>
    public IReadOnlyList<ModelField>? Fields { get; init; }

    /// <summary>The longest prompt, in UTF-16 code units; null: only the API's own limit of 32,000 characters applies.</summary>
    public int? MaxPrompt { get; init; }

    /// <summary>Whether a create needs an image.</summary>
    public bool NeedsImage { get; init; }

    /// <summary>The images, videos and sounds that a create takes. The proxy refuses all others.</summary>
    /// <value>None.</value>
    public ModelInputs Inputs { get; init; } = ModelInputs.None;

    /// <summary>The images, videos and sounds that a remix, edit or extend takes beside its source.</summary>
    /// <value>None.</value>
    public ModelInputs SourceInputs { get; init; } = ModelInputs.None;

    /// <summary>Whether the model makes sound. The proxy refuses a request for what it can't make.</summary>
    /// <value><see cref="ModelSound.Never"/></value>
    public ModelSound Sound { get; init; }

    /// <summary>The same for a remix, edit or extend, where it differs; null: <see cref="Sound"/>.</summary>
    public ModelSound? SourceSound { get; init; }

    /// <summary>How the model remixes, where that differs from the profile's <see cref="ProviderProfile.Remix"/>; null: in the same way.</summary>
    public RemixKind? Remix { get; init; }

    /// <summary>How many videos one job can make. The proxy refuses a request for more.</summary>
    /// <value>1</value>
    public int MaxOutputs { get; init; } = 1;

    /// <summary>What an operation takes beside prompt and source.</summary>
    public ModelInputs InputsOf(VideoOperation operation) => operation == VideoOperation.Create ? Inputs : SourceInputs;

    /// <summary>Whether an operation makes sound.</summary>
    public ModelSound SoundOf(VideoOperation operation) => operation == VideoOperation.Create ? Sound : SourceSound ?? Sound;

    /// <summary>The field of this name; null where the model has none.</summary>
    public ModelField? FindField(string name) => Fields?.FirstOrDefault(f => f.Name == name);

    /// <summary>Whether a submit to the model takes a field. <c>aspect_ratio</c> and <c>resolution</c> always pass; the adapter checks them.</summary>
    public bool Takes(string name, VideoOperation operation) =>
        Fields is null || name is "aspect_ratio" or "resolution" || FindField(name)?.Operations.HasFlag(operation) == true;
}

/// <summary>The images, videos and sounds that a model takes.</summary>
public sealed record ModelInputs
{
    /// <summary>No image, video or sound.</summary>
    public static ModelInputs None { get; } = new();

    /// <summary>Everything in any number, for a model whose inputs nobody describes.</summary>
    public static ModelInputs Any { get; } = new()
    {
        FirstFrame = true, LastFrame = true, ReferenceImages = int.MaxValue, ReferenceVideos = int.MaxValue, ReferenceAudio = int.MaxValue,
    };

    /// <summary>One image, which the video starts from.</summary>
    public static ModelInputs OfFirstFrame { get; } = new() { FirstFrame = true };

    /// <summary>Whether the video can start from an image.</summary>
    public bool FirstFrame { get; init; }

    /// <summary>Whether the video can end with an image.</summary>
    public bool LastFrame { get; init; }

    /// <summary>The most images that a video can refer to.</summary>
    public int ReferenceImages { get; init; }

    /// <summary>The most videos that a video can refer to.</summary>
    public int ReferenceVideos { get; init; }

    /// <summary>The most sounds that a video can refer to.</summary>
    public int ReferenceAudio { get; init; }
}
