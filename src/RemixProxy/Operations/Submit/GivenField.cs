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

    /// <summary>Whether another field of the same meaning says the same: <c>8</c> like <c>"8s"</c>, <c>true</c> like <c>"on"</c>.</summary>
    public bool SaysLike(GivenField other, string meaning) => !Files.Any() && !other.Files.Any() && Said(Json, meaning) == Said(other.Json, meaning);

    // A form writes everything as text.
    private static string Said(JsonNode? value, string meaning)
    {
        var text = value?.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : value?.ToJsonString() ?? "";
        return meaning switch
        {
            FieldNames.Seconds when SubmitIntent.SecondsOf(text) is { } seconds => Durations.Text(seconds),
            FieldNames.Audio when SubmitIntent.FlagOf(text) is { } flag => flag ? "true" : "false",
            _ => text,
        };
    }
}

/// <summary>A value of a field: JSON or a file.</summary>
internal readonly record struct GivenValue(JsonNode? Json, MediaFile? File);
