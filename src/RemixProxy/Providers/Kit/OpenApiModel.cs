using System.Text.Json;
using RemixProxy.Adapters;

namespace RemixProxy.Providers.Kit;

/// <summary>Reads the inputs of a model out of an OpenAPI document, as far as it understands them. What it does not understand allows everything.</summary>
public static class OpenApiModel
{
    /// <summary>How deep a schema may refer to others. Deeper ones allow everything, because references may form a circle.</summary>
    private const int Deepest = 8;

    /// <summary>The most schemas that are looked at for one model. All further ones allow everything.</summary>
    private const int MostSchemas = 20_000;

    /// <summary>The most fields of one model. A longer list is read to here.</summary>
    private const int MostFields = 500;

    /// <summary>The inputs of the first <c>POST</c> with a JSON body.</summary>
    /// <param name="document">The document.</param>
    /// <returns>The inputs; null where the document describes none.</returns>
    public static IReadOnlyList<NativeField>? ReadPost(JsonElement document) => document.Member("paths") is { ValueKind: JsonValueKind.Object } paths
        ? paths.EnumerateObject().Select(
            path => path.Value.Member("post").Member("requestBody").Member("content").Member("application/json").Member("schema"))
            .Select(schema => Read(document, schema)).FirstOrDefault(fields => fields is not null)
        : null;

    /// <summary>The inputs that a schema of the document describes.</summary>
    /// <param name="document">The document.</param>
    /// <param name="schema">The schema of the input: an object with properties, or a reference to one.</param>
    /// <returns>The inputs; null where the schema is no object with properties.</returns>
    public static IReadOnlyList<NativeField>? Read(JsonElement document, JsonElement schema) => new Reader(document).Read(schema);

    private sealed class Reader(JsonElement document)
    {
        private int _schemas;

        public NativeField[]? Read(JsonElement schema)
        {
            var parts = PartsOf(schema, 0).ToArray();
            var properties = parts.Select(p => p.Member("properties")).Where(p => p.ValueKind == JsonValueKind.Object).ToArray();
            if (properties.Length == 0) return null;
            var required = parts.SelectMany(p => p.Items("required")).Select(r => r.Text()).ToHashSet(StringComparer.Ordinal);
            return
            [
                .. properties.SelectMany(p => p.EnumerateObject()).DistinctBy(p => p.Name, StringComparer.Ordinal).Take(MostFields)
                    .Select(p => Allowed(p.Value, 0) with { Name = p.Name, IsRequired = required.Contains(p.Name) }),
            ];
        }

        /// <summary>The values that a schema allows, of a field without a name.</summary>
        private NativeField Allowed(JsonElement schema, int depth)
        {
            var allowed = new NativeField("");
            if (depth > Deepest) return allowed;
            foreach (var part in PartsOf(schema, depth))
            {
                allowed = Both(allowed, new("") { Type = TypeOf(part), Values = ValuesOf(part), Min = part.Number("minimum"), Max = part.Number("maximum") });
                var options = part.Items("anyOf").Concat(part.Items("oneOf")).Where(o => o.Text("type") != "null").Select(o => Allowed(o, depth + 1)).ToArray();
                if (options.Length > 0) allowed = Both(allowed, options.Aggregate(Either));
            }

            return allowed;
        }

        /// <summary>A schema, what it refers to, and all that has to hold beside it.</summary>
        private IEnumerable<JsonElement> PartsOf(JsonElement schema, int depth)
        {
            if (schema.ValueKind != JsonValueKind.Object || depth > Deepest || ++_schemas > MostSchemas) return [];
            var referred = schema.Text("$ref") is { } path ? PartsOf(Referred(path), depth + 1) : [];
            return [schema, .. referred, .. schema.Items("allOf").SelectMany(part => PartsOf(part, depth + 1))];
        }

        private JsonElement Referred(string path) => path is ['#', '/', .. var inside]
            ? inside.Split('/').Aggregate(document, (at, name) => at.Member(name.Replace("~1", "/").Replace("~0", "~")))
            : default;

        private static string? TypeOf(JsonElement schema)
        {
            // OpenAPI 3.1 writes what may be null as a list.
            string?[] types = [.. schema.Items("type").Select(t => t.Text()).Where(t => t != "null")];
            return types is [{ } only] ? only : null;
        }

        // A text with half a character is none that is sent.
        private static JsonElement[]? ValuesOf(JsonElement schema) =>
            schema.Member("enum").ValueKind == JsonValueKind.Array ? [.. schema.Items("enum").Where(IsPlain)]
            : schema.Member("const") is var only && IsPlain(only) ? [only]
            : null;

        private static bool IsPlain(JsonElement value) =>
            value.ValueKind is JsonValueKind.True or JsonValueKind.False or JsonValueKind.Number || value.Text() is not null;

        private static NativeField Both(NativeField one, NativeField other) => one with
        {
            Type = one.Type ?? other.Type,
            Values = one.Values is { } values && other.Values is { } others
                ? [.. values.Where(v => others.Any(o => JsonElement.DeepEquals(v, o)))]
                : one.Values ?? other.Values,
            Min = one.Min is { } min && other.Min is { } least ? Math.Max(min, least) : one.Min ?? other.Min,
            Max = one.Max is { } max && other.Max is { } most ? Math.Min(max, most) : one.Max ?? other.Max,
        };

        private static NativeField Either(NativeField one, NativeField other) => one with
        {
            Type = one.Type == other.Type ? one.Type : null,
            Values = one.Values is { } values && other.Values is { } others ? [.. values, .. others] : null,
            Min = one.Min is { } min && other.Min is { } least ? Math.Min(min, least) : null,
            Max = one.Max is { } max && other.Max is { } most ? Math.Max(max, most) : null,
        };
    }
}
