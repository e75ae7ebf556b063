using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace RemixProxy.TestKit;

/// <summary>
/// Holds JSON against the part of JSON Schema that the API's document and the configuration's schema use. What it doesn't know it refuses, so that nothing is
/// skipped in silence.
/// </summary>
/// <param name="root">The document that references lead into.</param>
internal sealed class JsonSchema(JsonNode root)
{
    private static readonly string[] Notes = ["$schema", "title", "description", "examples", "default", "enumDescriptions", "allowComments",
        "allowTrailingCommas"];

    /// <summary>The faults of a value, one line each.</summary>
    /// <exception cref="NotSupportedException">The schema says something that isn't known here.</exception>
    public IReadOnlyList<string> Check(JsonNode schema, JsonNode? value)
    {
        var faults = new List<string>();
        Check(schema.AsObject(), value, "$", faults);
        return faults;
    }

    /// <summary>Goes through a schema and all within it, also what no value has reached.</summary>
    /// <exception cref="NotSupportedException">It says something that isn't known here.</exception>
    public void Audit(JsonNode schema)
    {
        foreach (var (keyword, argument) in schema.AsObject())
        {
            if (Notes.Contains(keyword)) continue;
            // Whatever it says of a value of no kind at all.
            _ = Test(keyword, argument!, schema.AsObject(), JsonValue.Create("x"), "$", []);
            switch (keyword)
            {
                case "properties":
                    foreach (var (_, inner) in argument!.AsObject()) Audit(inner!);
                    break;
                case "items" or "propertyNames" or "additionalProperties" when argument is JsonObject:
                    Audit(argument);
                    break;
                case "allOf" or "anyOf":
                    foreach (var inner in argument!.AsArray()) Audit(inner!);
                    break;
            }
        }
    }

    /// <summary>Where a reference leads.</summary>
    /// <exception cref="NotSupportedException">Nowhere.</exception>
    public JsonNode Resolve(string reference)
    {
        JsonNode? node = reference.StartsWith("#/", StringComparison.Ordinal) ? root : null;
        foreach (var step in reference.Split('/').Skip(1))
            node = (node as JsonObject)?[step.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal)];
        return node ?? throw new NotSupportedException($"{reference} leads nowhere.");
    }

    private void Check(JsonObject schema, JsonNode? value, string at, List<string> faults)
    {
        foreach (var (keyword, argument) in schema)
        {
            if (Notes.Contains(keyword)) continue;
            if (!Test(keyword, argument!, schema, value, at, faults)) faults.Add($"{at}: {Short(value)} against {keyword} {argument!.ToJsonString()}");
        }
    }

    /// <returns>False: the value is at fault itself; what is within it has been added.</returns>
    private bool Test(string keyword, JsonNode argument, JsonObject schema, JsonNode? value, string at, List<string> faults)
    {
        switch (keyword)
        {
            case "$ref":
                Check(Resolve(argument.GetValue<string>()).AsObject(), value, at, faults);
                return true;
            case "allOf":
                foreach (var part in argument.AsArray()) Check(part!.AsObject(), value, at, faults);
                return true;
            case "anyOf":
                return argument.AsArray().Any(part => Check(part!, value).Count == 0);
            case "type":
                return (argument is JsonArray types ? types.Select(t => t!.GetValue<string>()) : [argument.GetValue<string>()]).Any(type => IsOf(type, value));
            case "enum":
                return argument.AsArray().Any(word => JsonNode.DeepEquals(word, value));
            case "const":
                return JsonNode.DeepEquals(argument, value);
            case "required":
                foreach (var name in argument.AsArray().Where(name => value is JsonObject o && !o.ContainsKey(name!.GetValue<string>())))
                    faults.Add($"{at}: there is no {name}");
                return true;
            case "properties":
                foreach (var (name, inner) in argument.AsObject())
                {
                    if (value is JsonObject o && o.TryGetPropertyValue(name, out var member)) Check(inner!.AsObject(), member, $"{at}.{name}", faults);
                }

                return true;
            case "additionalProperties" when argument.GetValueKind() == JsonValueKind.False:
                faults.AddRange(Beside(schema, value).Select(p => $"{at}: {p.Key} is not described"));
                return true;
            case "additionalProperties" when argument is JsonObject rule:
                foreach (var (name, member) in Beside(schema, value)) Check(rule, member, $"{at}.{name}", faults);
                return true;
            case "propertyNames":
                foreach (var (name, _) in value as JsonObject ?? []) Check(argument.AsObject(), name, $"{at}.{name}", faults);
                return true;
            case "items":
                foreach (var (item, i) in (value as JsonArray ?? []).Select((item, i) => (item, i))) Check(argument.AsObject(), item, $"{at}[{i}]", faults);
                return true;
            case "minProperties":
                return value is not JsonObject few || few.Count >= argument.GetValue<int>();
            case "maxProperties":
                return value is not JsonObject many || many.Count <= argument.GetValue<int>();
            case "minimum":
                return NumberOf(value) is not { } n || n >= NumberOf(argument);
            case "exclusiveMinimum":
                return NumberOf(value) is not { } m || m > NumberOf(argument);
            case "maximum":
                return NumberOf(value) is not { } p || p <= NumberOf(argument);
            case "minLength":
                return TextOf(value) is not { } s || s.EnumerateRunes().Count() >= argument.GetValue<int>();
            case "maxLength":
                return TextOf(value) is not { } t || t.EnumerateRunes().Count() <= argument.GetValue<int>();
            case "pattern":
                return TextOf(value) is not { } u || Regex.IsMatch(u, argument.GetValue<string>(), RegexOptions.ECMAScript, TimeSpan.FromSeconds(1));
            case "format":
                return HasFormat(argument.GetValue<string>(), value);
            case "contentEncoding" when argument.GetValue<string>() == "base64":
                return TextOf(value) is not { } v || Convert.TryFromBase64String(v, new byte[v.Length], out _);
            default:
                throw new NotSupportedException($"{keyword}: {argument.ToJsonString()} is not known here.");
        }
    }

    private static IEnumerable<KeyValuePair<string, JsonNode?>> Beside(JsonObject schema, JsonNode? value) =>
        (value as JsonObject ?? []).Where(p => schema["properties"]?.AsObject().ContainsKey(p.Key) != true);

    private static bool HasFormat(string format, JsonNode? value) => format switch
    {
        "int64" => NumberOf(value) is not { } n || n is >= long.MinValue and <= long.MaxValue,
        "uri" => TextOf(value) is not { } s || Uri.TryCreate(s, UriKind.Absolute, out _),
        // Bytes as they are.
        "binary" => true,
        _ => throw new NotSupportedException($"format {format} is not known here."),
    };

    private static bool IsOf(string type, JsonNode? value) => (type, value?.GetValueKind()) switch
    {
        ("null", null or JsonValueKind.Null) => true,
        ("string", JsonValueKind.String) => true,
        ("boolean", JsonValueKind.True or JsonValueKind.False) => true,
        ("object", JsonValueKind.Object) => true,
        ("array", JsonValueKind.Array) => true,
        ("number", JsonValueKind.Number) => true,
        ("integer", JsonValueKind.Number) => decimal.IsInteger(NumberOf(value)!.Value),
        ("null" or "string" or "boolean" or "object" or "array" or "number" or "integer", _) => false,
        _ => throw new NotSupportedException($"type {type} is not known here."),
    };

    private static decimal? NumberOf(JsonNode? value) => value?.GetValueKind() == JsonValueKind.Number
        ? decimal.Parse(value.ToJsonString(), System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture)
        : null;

    private static string? TextOf(JsonNode? value) => value?.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;

    private static string Short(JsonNode? value) => value?.ToJsonString() is { } text ? text.Length <= 100 ? text : text[..100] + "…" : "null";
}
