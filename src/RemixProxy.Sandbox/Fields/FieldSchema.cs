using System.Text.Json.Nodes;

namespace RemixProxy.Sandbox.Fields;

/// <summary>Writes a rule down as a schema of OpenAPI, as vendors publish them: combinations of fields are not in it.</summary>
internal static class FieldSchema
{
    public static JsonObject Of(FieldRule rule) => rule switch
    {
        TextRule text => Typed("string", ("maxLength", text.Max == int.MaxValue ? null : text.Max)),
        WordRule words => Typed("string", ("enum", new JsonArray([.. words.Words.Select(word => (JsonNode)word)]))),
        SecondsRule => Typed("string"),
        WholeRule { Only: { } only } => Typed("integer", ("enum", new JsonArray([.. only.Select(number => (JsonNode)number)]))),
        WholeRule whole => Typed("integer", ("minimum", whole.Min), ("maximum", whole.Max)),
        NumberRule number => Typed("number", ("minimum", number.Min), ("maximum", number.Max)),
        FlagRule => Typed("boolean"),
        MediaRule => Typed("string", ("format", "uri")),
        ListRule list => Typed("array", ("items", Of(list.Item)), ("maxItems", list.MaxCount == int.MaxValue ? null : list.MaxCount)),
        ObjectRule { Fields: { } fields } => Typed(
            "object",
            ("required", new JsonArray([.. fields.Fields.Where(field => field.Value.IsRequired).Select(field => (JsonNode)field.Key)])),
            ("properties", new JsonObject(fields.Fields.Select(field => KeyValuePair.Create(field.Key, (JsonNode?)Of(field.Value)))))),
        ObjectRule => Typed("object"),
        EitherRule either => new JsonObject { ["anyOf"] = new JsonArray([.. either.Options.Select(option => (JsonNode)Of(option))]) },
        _ => [],
    };

    private static JsonObject Typed(string type, params (string Name, JsonNode? Value)[] members)
    {
        var schema = new JsonObject { ["type"] = type };
        foreach (var (name, value) in members.Where(member => member.Value is not null))
            schema[name] = value;
        return schema;
    }
}
