using System.Globalization;
using System.Text.Json;

namespace RemixProxy.Providers.Gemini;

/// <summary>Reads what is there: a key that is missing or of another kind reads as null, so that a change in one place of an answer never hides the rest of it.</summary>
internal static class TolerantJson
{
    /// <exception cref="JsonException">The text is no JSON object.</exception>
    public static JsonElement ParseObject(ReadOnlyMemory<byte> utf8)
    {
        var root = JsonElement.Parse(utf8.Span);
        return root.ValueKind == JsonValueKind.Object ? root : throw new JsonException("A JSON object was expected.");
    }

    public static JsonElement? Property(this JsonElement element, string name)
    {
        if (element.ValueKind != JsonValueKind.Object) return null;
        var found = Decoded(() => element.TryGetProperty(name, out var value) ? value : (JsonElement?)null);
        return found is { ValueKind: not JsonValueKind.Null } ? found : null;
    }

    public static string? Text(this JsonElement element, string name) => element.Property(name) switch
    {
        { } value => value.Text(),
        null => null,
    };

    public static string? Text(this JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => Decoded(value.GetString),
        JsonValueKind.Number => value.GetRawText(),
        _ => null,
    };

    public static decimal? Number(this JsonElement element, string name) =>
        decimal.TryParse(element.Text(name), NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : null;

    public static DateTimeOffset? Time(this JsonElement element, string name) =>
        DateTimeOffset.TryParse(element.Text(name), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var value) ? value : null;

    /// <summary>The items of an array; a value that stands alone counts as an array of one.</summary>
    public static IReadOnlyList<JsonElement> Items(this JsonElement element, string name) => element.Property(name) switch
    {
        null => [],
        { ValueKind: JsonValueKind.Array } array => [.. array.EnumerateArray()],
        { } single => [single],
    };

    // Broken escapes and UTF-8, in names too, pass the parser and fail only when read.
    private static T? Decoded<T>(Func<T?> read)
    {
        try
        {
            return read();
        }
        catch (InvalidOperationException)
        {
            return default;
        }
    }
}
