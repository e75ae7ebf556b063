using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace RemixProxy.Tests.Configuration;

/// <summary>Checks JSON against the part of JSON Schema that the configuration's schema uses.</summary>
internal static class SchemaChecker
{
    private static readonly string[] Annotations = ["$schema", "title", "description", "default", "enumDescriptions", "allowComments", "allowTrailingCommas"];

    /// <summary>What is wrong, each with its path; empty where the value is valid.</summary>
    public static IEnumerable<string> Errors(JsonNode schema, JsonNode? value, string path = "")
    {
        foreach (var (keyword, rule) in schema.AsObject())
        {
            if (Annotations.Contains(keyword)) continue;
            var isKept = keyword switch
            {
                "type" => (rule is JsonArray types ? types : [rule!.DeepClone()]).Any(t => IsOf((string)t!, value)),
                "enum" => rule!.AsArray().Any(e => JsonNode.DeepEquals(e, value)),
                "pattern" => KindOf(value) != JsonValueKind.String || Regex.IsMatch((string)value!, (string)rule!, RegexOptions.ECMAScript),
                "minimum" => KindOf(value) != JsonValueKind.Number || NumberOf(value) >= NumberOf(rule),
                "maximum" => KindOf(value) != JsonValueKind.Number || NumberOf(value) <= NumberOf(rule),
                "items" or "properties" or "additionalProperties" or "propertyNames" => true,
                _ => throw new InvalidOperationException($"{keyword} at {path} is not checked."),
            };
            if (!isKept) yield return $"{path}: {keyword} {rule!.ToJsonString()}";
        }

        if (value is JsonArray array && schema["items"] is { } item)
            foreach (var error in array.SelectMany((v, i) => Errors(item, v, $"{path}:{i}"))) yield return error;
        if (value is not JsonObject entries) yield break;
        foreach (var (name, entry) in entries)
        {
            if (schema["propertyNames"] is { } names)
                foreach (var error in Errors(names, name, $"{path}:{name}")) yield return error;
            if ((schema["properties"]?[name] ?? schema["additionalProperties"]) is not { } rule) continue;
            if (KindOf(rule) == JsonValueKind.Object)
                foreach (var error in Errors(rule, entry, $"{path}:{name}")) yield return error;
            else if (!(bool)rule) yield return $"{path}:{name} is not a known key";
        }
    }

    private static bool IsOf(string type, JsonNode? value) => (type, KindOf(value)) switch
    {
        ("object", JsonValueKind.Object) or ("array", JsonValueKind.Array) or ("string", JsonValueKind.String) or ("number", JsonValueKind.Number) or ("boolean", JsonValueKind.True or JsonValueKind.False) => true,
        ("integer", JsonValueKind.Number) => decimal.IsInteger(NumberOf(value)),
        _ => false,
    };

    private static JsonValueKind KindOf(JsonNode? value) => value?.GetValueKind() ?? JsonValueKind.Null;

    private static decimal NumberOf(JsonNode? value) => decimal.Parse(value!.ToJsonString());
}
