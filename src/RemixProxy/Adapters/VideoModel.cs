using RemixProxy.Contract;

namespace RemixProxy.Adapters;

/// <summary>A model and what it takes and makes, as data.</summary>
/// <param name="Id">The native name.</param>
/// <param name="Operations">The submits that it serves.</param>
public record VideoModel(string Id, VideoOperation Operations)
{
    /// <summary>The sizes it makes; empty: the provider decides.</summary>
    public IReadOnlyList<SizeOption> Sizes { get; init; } = [];

    /// <summary>The sizes of a create without an image, where they are fewer; null: <see cref="Sizes"/>.</summary>
    public IReadOnlyList<SizeOption>? TextSizes { get; init; }

    /// <summary>The lengths it makes; null: the provider decides.</summary>
    public Durations? Seconds { get; init; }

    /// <summary>The lengths that an extend adds; null: <see cref="Seconds"/>.</summary>
    public Durations? ExtendSeconds { get; init; }

    /// <summary>
    /// The other fields it takes, a closed list: any other one of a request is not sent and reported as an adjustment. Null: nobody knows them, and the adapter
    /// decides.
    /// </summary>
    public IReadOnlyList<ModelField>? Fields { get; init; }

    /// <summary>The longest prompt, in UTF-16 code units; null: no limit below the API's.</summary>
    public int? MaxPrompt { get; init; }

    /// <summary>Whether a create needs an image.</summary>
    public bool NeedsImage { get; init; }

    /// <summary>The field of that name, or null.</summary>
    public ModelField? FindField(string name) => Fields?.FirstOrDefault(f => f.Name == name);

    /// <summary>Whether a submit of it takes a field. <c>aspect_ratio</c> and <c>resolution</c> are the adapter's to judge.</summary>
    public bool Takes(string name, VideoOperation operation) =>
        Fields is null || name is "aspect_ratio" or "resolution" || FindField(name)?.Operations.HasFlag(operation) == true;
}
