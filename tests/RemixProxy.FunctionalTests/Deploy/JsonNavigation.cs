using System.Text.Json.Nodes;

namespace RemixProxy.FunctionalTests.Deploy;

/// <summary>Ways through manifests, by names with dots between them.</summary>
internal static class JsonNavigation
{
    /// <summary>The node at that place; a test fails where there is none.</summary>
    public static JsonNode At(this JsonNode node, string path)
    {
        var found = node.Find(path);
        Assert.True(found is not null, $"There is no {path} in {node.ToJsonString()}");
        return found;
    }

    public static JsonNode? Find(this JsonNode node, string path) => path.Split('.').Aggregate<string, JsonNode?>(node, (n, name) => n?[name]);

    public static string Text(this JsonNode node, string path) => node.At(path).ToString();

    public static int Number(this JsonNode node, string path) => node.At(path).GetValue<int>();

    /// <summary>A list's items; none where there is no list.</summary>
    public static IEnumerable<JsonNode> Items(this JsonNode node, string path) => node.Find(path)?.AsArray().OfType<JsonNode>() ?? [];

    /// <summary>Names and texts, such as labels.</summary>
    public static Dictionary<string, string> Texts(this JsonNode node, string path) =>
        node.Find(path)?.AsObject().ToDictionary(p => p.Key, p => p.Value?.ToString() ?? "", StringComparer.Ordinal) ?? [];
}
