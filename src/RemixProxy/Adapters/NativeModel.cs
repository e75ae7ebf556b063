using System.Text.Json;

namespace RemixProxy.Adapters;

/// <summary>A model as its vendor describes it, or as the proxy's own description uses it.</summary>
/// <param name="Name">The vendor's name of the model.</param>
public sealed record NativeModel(string Name)
{
    /// <summary>Whether the vendor says that the model is going to end, or has ended.</summary>
    public bool IsDeprecated { get; init; }

    /// <summary>The inputs of a submit; null: nobody describes them.</summary>
    public IReadOnlyList<NativeField>? Fields { get; init; }
}

/// <summary>An input of a model, as it stands on the wire.</summary>
/// <param name="Name">The name.</param>
public sealed record NativeField(string Name)
{
    /// <summary>
    /// At the vendor: whether every submit needs the field. In the proxy's description: whether the description names it; any other is sent only where a caller
    /// asks for it.
    /// </summary>
    public bool IsRequired { get; init; }

    /// <summary>The kind of value, in JSON Schema's word, e.g. <c>integer</c>; null: several, or unknown.</summary>
    public string? Type { get; init; }

    /// <summary>At the vendor: the only values that the field takes. In the proxy's description: the values that it sends. Null: not listed.</summary>
    public IReadOnlyList<JsonElement>? Values { get; init; }

    /// <summary>The least number that the field takes; null: no limit is known.</summary>
    public decimal? Min { get; init; }

    /// <summary>The largest number that the field takes; null: no limit is known.</summary>
    public decimal? Max { get; init; }
}

/// <summary>A look at what a vendor says of its models. It costs nothing, and no call of the API makes one.</summary>
/// <param name="First">The first step. The plan ends in a <see cref="Catalog"/>. No exchange is marked <see cref="Exchange.Forward"/>.</param>
public sealed record ModelLook(ProviderStep First)
{
    /// <summary>
    /// The model that the look is for, as the proxy's description uses it; the catalog has this model, or none of that name where the vendor has it no more.
    /// Null: the look lists the vendor's video models.
    /// </summary>
    public NativeModel? Declared { get; init; }
}

/// <summary>The end of a <see cref="ModelLook"/>: what the vendor says.</summary>
/// <param name="Models">The models; a list need not describe their fields.</param>
public sealed record Catalog(IReadOnlyList<NativeModel> Models) : ProviderStep;
