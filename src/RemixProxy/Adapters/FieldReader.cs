using System.Globalization;
using System.Text.Json;
using RemixProxy.Contract;

namespace RemixProxy.Adapters;

/// <summary>
/// Takes the fields that a model has from a request's other fields, tolerant of form values (all text), and reports the rest. A field that the model does not
/// have is never taken.
/// </summary>
/// <param name="request">The request.</param>
/// <param name="model">The model; one whose list of fields is open takes what the adapter asks for.</param>
public sealed class FieldReader(SubmitRequest request, VideoModel model)
{
    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);
    private bool _isClosed;

    /// <summary>The value of a field as its kind in <see cref="VideoModel.Fields"/> says; null where it is absent, null, or not the model's.</summary>
    /// <exception cref="VideoRequestException">It is of another kind.</exception>
    public JsonElement? Value(string name) => model.FindField(name)?.Kind switch
    {
        FieldKind.Text => Text(name) is null ? null : request.Fields[name],
        FieldKind.Integer => Integer(name) is { } number ? JsonElement.Parse(number.ToString(CultureInfo.InvariantCulture)) : null,
        FieldKind.Boolean => Boolean(name) is { } flag ? JsonElement.Parse(flag ? "true"u8 : "false"u8) : null,
        FieldKind.Object => Json(name, JsonValueKind.Object),
        FieldKind.Array => Json(name, JsonValueKind.Array),
        _ => Json(name),
    };

    /// <summary>A whole number, or null where the field is absent or null.</summary>
    /// <exception cref="VideoRequestException">It is no whole number.</exception>
    public long? Integer(string name) => Take(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Number } number when number.TryGetInt64(out var value) => value,
        { ValueKind: JsonValueKind.String } text when long.TryParse(
            text.GetString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) =>
            value,
        _ => throw Wrong(name, "a whole number"),
    };

    /// <summary>True or false, or null where the field is absent or null.</summary>
    /// <exception cref="VideoRequestException">It is neither.</exception>
    public bool? Boolean(string name) => Take(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        { ValueKind: JsonValueKind.String } text when bool.TryParse(text.GetString(), out var value) => value,
        _ => throw Wrong(name, "true or false"),
    };

    /// <summary>A text, or null where the field is absent or null.</summary>
    /// <exception cref="VideoRequestException">It is no text, or none of the field's words.</exception>
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

    /// <summary>Any value as it came, or null where the field is absent or null.</summary>
    public JsonElement? Json(string name) => Take(name);

    /// <summary>An object or an array, also as a form's text that holds one, or null where the field is absent or null.</summary>
    /// <param name="name">The field.</param>
    /// <param name="kind"><see cref="JsonValueKind.Object"/> or <see cref="JsonValueKind.Array"/>.</param>
    /// <exception cref="VideoRequestException">It is something else.</exception>
    public JsonElement? Json(string name, JsonValueKind kind)
    {
        if (Take(name) is not { } value) return null;
        var parsed = value.ValueKind == JsonValueKind.String ? Parse(value.GetString()!) : value;
        return parsed.ValueKind == kind ? parsed : throw Wrong(name, $"a JSON {kind.ToString().ToLowerInvariant()}");
    }

    /// <summary>All fields not taken yet, as they came; they count as taken from then on.</summary>
    public IReadOnlyDictionary<string, JsonElement> Rest()
    {
        var rest = request.Fields.Where(f => !_taken.Contains(f.Key)).ToDictionary(f => f.Key, f => f.Value, StringComparer.Ordinal);
        _taken.UnionWith(rest.Keys);
        return rest;
    }

    /// <summary>An adjustment for each field that was not taken: it is not sent. From then on none can be taken.</summary>
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
        return text.Length <= 200 ? text : text[..200] + "…";
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
