using System.Text.Json.Nodes;

namespace RemixProxy.Sandbox.Fields;

/// <summary>Reads values of a body that may be anything: what is absent or of another type is <see langword="null"/>.</summary>
internal static class JsonReading
{
    /// <summary>Whether a field is there; null counts as absent.</summary>
    public static bool Has(this JsonObject body, string name) => body[name] is not null;

    public static string? Text(this JsonNode? node, string name) => node.Value<string>(name);

    public static bool? Flag(this JsonNode? node, string name) => node.Value<bool?>(name);

    public static double? Number(this JsonNode? node, string name) => node.Value<double?>(name);

    public static JsonObject? Object(this JsonNode? node, string name) => (node as JsonObject)?[name] as JsonObject;

    public static JsonArray List(this JsonNode? node, string name) => (node as JsonObject)?[name] as JsonArray ?? [];

    private static T? Value<T>(this JsonNode? node, string name) =>
        (node as JsonObject)?[name] is JsonValue value && value.TryGetValue(out T? found) ? found : default;
}
