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

    /// <summary>The field of this name; null where the model has none.</summary>
    public ModelField? FindField(string name) => Fields?.FirstOrDefault(f => f.Name == name);

    /// <summary>Whether a submit to the model takes a field. <c>aspect_ratio</c> and <c>resolution</c> always pass; the adapter checks them.</summary>
    public bool Takes(string name, VideoOperation operation) =>
        Fields is null || name is "aspect_ratio" or "resolution" || FindField(name)?.Operations.HasFlag(operation) == true;
}
