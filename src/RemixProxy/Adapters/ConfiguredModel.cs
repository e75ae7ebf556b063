using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using RemixProxy.Contract;

namespace RemixProxy.Adapters;

/// <summary>A model as data: its path and its fields on the wire. From <c>RemixProxy:Providers:{name}:Models</c>, or an adapter's own table.</summary>
public sealed record ConfiguredModel(string Id, VideoOperation Operations) : VideoModel(Id, Operations)
{
    /// <summary>The path of its submits, relative to the provider's base; null: the adapter's own.</summary>
    public string? Path { get; init; }

    /// <summary>How fields stand on the wire, by unified name. They replace the names and forms in which the caller wrote them.</summary>
    public IReadOnlyDictionary<string, FieldSpelling> Spellings { get; init; } = new Dictionary<string, FieldSpelling>(StringComparer.Ordinal);

    /// <summary>Members that every submit to it sends, whatever the caller wrote.</summary>
    public IReadOnlyDictionary<string, JsonElement> Fixed { get; init; } = new Dictionary<string, JsonElement>(StringComparer.Ordinal);

    /// <summary>
    /// The model whose path, spellings and fixed members a create has that starts from an image; null: its own. All else is as this model says.
    /// </summary>
    public ConfiguredModel? WithImage { get; init; }
}

/// <summary>How a field stands on the wire.</summary>
/// <param name="Name">The name.</param>
/// <param name="Form">
/// <c>number</c>, <c>text</c>, or a text with <c>{value}</c>, or with <c>{width}</c> and <c>{height}</c> for a size; null: the value as the caller wrote it.
/// </param>
public sealed record FieldSpelling(string Name, string? Form = null)
{
    /// <summary>Reads <c>name</c> or <c>name=form</c>, e.g. <c>duration={value}s</c>; null where the text has no name.</summary>
    public static FieldSpelling? Parse(string text)
    {
        var at = text.IndexOf('=');
        var name = (at < 0 ? text : text[..at]).Trim();
        return name.Length == 0 ? null : new(name, at < 0 ? null : text[(at + 1)..].Trim());
    }

    /// <summary>Writes a value. One that has not the expected kind stays as it is.</summary>
    /// <param name="value">The value as the caller wrote it, or as it was fitted.</param>
    public JsonNode? Write(JsonElement value)
    {
        var text = value.ValueKind switch
        {
            JsonValueKind.String => value.GetString()!,
            JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => value.GetRawText(),
            // {"image_url": "…"} says no more than its URL.
            JsonValueKind.Object when value.GetPropertyCount() == 1 && value.EnumerateObject().Single().Value is { ValueKind: JsonValueKind.String } one =>
                one.GetString()!,
            _ => null,
        };
        if (Form is null || text is null) return value.ValueKind == JsonValueKind.Null ? null : JsonNode.Parse(value.GetRawText());
        if (Form == "text") return text;
        if (Form == "number")
            return decimal.TryParse(text.TrimEnd('s'), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : text;
        var written = Form.Replace("{value}", text);
        return VideoSize.TryParse(text, out var size)
            ? written.Replace("{width}", Invariant($"{size.Width}")).Replace("{height}", Invariant($"{size.Height}"))
            : written;
    }
}
