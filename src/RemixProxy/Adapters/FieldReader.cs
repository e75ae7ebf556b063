using System.Globalization;
using System.Text.Json;
using RemixProxy.Contract;

namespace RemixProxy.Adapters;

/// <summary>
/// Reads the fields of a request that a model takes, and reports the fields that nobody read. A form sends every value as text, so the reader also accepts
/// numbers, booleans and JSON as text.
/// </summary>
/// <remarks>
/// A field that the model does not take reads as absent. After <see cref="Unused"/>, reading a single field throws <see cref="InvalidOperationException"/>.
/// </remarks>
/// <param name="request">The request.</param>
/// <param name="model">The model. Where its <see cref="VideoModel.Fields"/> are null, the adapter may read any field.</param>
public sealed class FieldReader(SubmitRequest request, VideoModel model)
{
    /// <summary>How much of a value an adjustment shows, in characters.</summary>
    private const int LongestShown = 200;

    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);
    private bool _isClosed;

    /// <summary>
    /// The value of a field, read by its kind in <see cref="VideoModel.Fields"/>; null where the field is absent or null, or where the model does not take it.
    /// </summary>
    /// <exception cref="VideoRequestException">The value is of another kind, or none of the field's words.</exception>
    public JsonElement? Value(string name) => model.FindField(name)?.Kind switch
    {
        FieldKind.Text => Text(name) is null ? null : request.Fields[name],
        FieldKind.Integer => Integer(name) is { } number ? JsonElement.Parse(number.ToString(CultureInfo.InvariantCulture)) : null,
        FieldKind.Boolean => Boolean(name) is { } flag ? JsonElement.Parse(flag ? "true"u8 : "false"u8) : null,
        FieldKind.Object => Json(name, JsonValueKind.Object),
        FieldKind.Array => Json(name, JsonValueKind.Array),
        _ => Json(name),
    };

    /// <summary>The value of a field as a whole number of 64 bits; null where the field is absent or null.</summary>
    /// <exception cref="VideoRequestException">The value is no whole number of 64 bits.</exception>
    public long? Integer(string name) => Take(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Number } number when number.TryGetInt64(out var value) => value,
        { ValueKind: JsonValueKind.String } text when long.TryParse(
            text.GetString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) =>
            value,
        _ => throw Wrong(name, "a whole number"),
    };

    /// <summary>The value of a field as a boolean; null where the field is absent or null. As text, letter case does not matter.</summary>
    /// <exception cref="VideoRequestException">The value is neither true nor false.</exception>
    public bool? Boolean(string name) => Take(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        { ValueKind: JsonValueKind.String } text when bool.TryParse(text.GetString(), out var value) => value,
        _ => throw Wrong(name, "true or false"),
    };

    /// <summary>The value of a field as text; null where the field is absent or null.</summary>
    /// <exception cref="VideoRequestException">The value is no text, or none of the field's words (<see cref="ModelField.Words"/>).</exception>
    public string? Text(string name)
    {
        var text = Take(name) switch
        {
            null => null,
            { ValueKind: JsonValueKind.String } value => value.GetString(),
            _ => throw Wrong(name, "a string"),
        };
        return text is not null && model.FindField(name) is { Words: { Count: > 0 } words } && !words.Contains(text, StringComparer.Ordinal)
            ? throw Wrong(name, "one of " + string.Join(", ", words))
            : text;
    }

    /// <summary>The value of a field, unchanged; null where the field is absent or null.</summary>
    public JsonElement? Json(string name) => Take(name);

    /// <summary>The value of a field as an object or array, also parsed from text; null where the field is absent or null.</summary>
    /// <param name="name">The field.</param>
    /// <param name="kind"><see cref="JsonValueKind.Object"/> or <see cref="JsonValueKind.Array"/>.</param>
    /// <exception cref="VideoRequestException">The value is something else, or its text is no valid JSON.</exception>
    public JsonElement? Json(string name, JsonValueKind kind)
    {
        if (Take(name) is not { } value) return null;
        var parsed = value.ValueKind == JsonValueKind.String ? Parse(value.GetString()!) : value;
        return parsed.ValueKind == kind ? parsed : throw Wrong(name, $"a JSON {kind.ToString().ToLowerInvariant()}");
    }

    /// <summary>All fields that nobody read yet, unchanged. They count as read from now on.</summary>
    public IReadOnlyDictionary<string, JsonElement> Rest()
    {
        var rest = request.Fields.Where(f => !_taken.Contains(f.Key)).ToDictionary(f => f.Key, f => f.Value, StringComparer.Ordinal);
        _taken.UnionWith(rest.Keys);
        return rest;
    }

    /// <summary>Reports each field that nobody read as an adjustment, because the provider does not get it. Call this last.</summary>
    public IReadOnlyList<Adjustment> Unused()
    {
        _isClosed = true;
        return
        [
            .. request.Fields.Where(f => !_taken.Contains(f.Key)).Select(
                f => new Adjustment(f.Key, Short(f.Value), null, $"not supported by {request.Provider}")),
        ];
    }

    private static string Short(JsonElement value)
    {
        var text = value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
        return TextBounds.Cut(text, LongestShown);
    }

    private static JsonElement Parse(string text)
    {
        try
        {
            var value = JsonElement.Parse(text);
            // The parser accepts broken surrogates. Writing the value finds them.
            using var writer = new Utf8JsonWriter(Stream.Null);
            value.WriteTo(writer);
            return value;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return default;
        }
    }

    private JsonElement? Take(string name)
    {
        if (_isClosed) throw new InvalidOperationException($"'{name}' is asked for after it was reported as unused: read fields before the plan is made.");
        if (!model.Takes(name, request.Operation)) return null;
        _taken.Add(name);
        return request.Fields.TryGetValue(name, out var value) && value.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined) ? value : null;
    }

    private static VideoRequestException Wrong(string name, string expected) => new("invalid_value", name, $"'{name}' must be {expected}.");
}
