using System.Text.Json;
using System.Text.Json.Nodes;
using RemixProxy.Adapters;

namespace RemixProxy.Operations.Submit;

/// <summary>A field of a request as the caller gave it.</summary>
/// <param name="Name">The name as the caller wrote it.</param>
/// <param name="Json">The value without its files; null where it has nothing but files.</param>
/// <param name="Values">The elements of an array, else the one value.</param>
internal sealed record GivenField(string Name, JsonNode? Json, IReadOnlyList<GivenValue> Values)
{
    /// <summary>A field of a JSON body.</summary>
    public static GivenField Of(string name, JsonNode value) =>
        new(name, value, value is JsonArray items ? [.. items.Select(i => new GivenValue(i, null))] : [new(value, null)]);

    /// <summary>The files of the field.</summary>
    public IEnumerable<MediaFile> Files => Values.Select(v => v.File).OfType<MediaFile>();

    /// <summary>Whether another field says the same. A form writes numbers as text.</summary>
    public bool SaysLike(GivenField other) => !Files.Any() && !other.Files.Any() && Text(Json) == Text(other.Json);

    private static string Text(JsonNode? value) => value?.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : value?.ToJsonString() ?? "";
}

/// <summary>A value of a field: JSON or a file.</summary>
internal readonly record struct GivenValue(JsonNode? Json, MediaFile? File);
