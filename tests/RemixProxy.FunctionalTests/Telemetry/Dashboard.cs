using System.Text.Json.Nodes;
using RemixProxy.TestKit;

namespace RemixProxy.FunctionalTests.Telemetry;

/// <summary>The dashboard's file.</summary>
internal static class Dashboard
{
    public static JsonNode Json { get; } = JsonNode.Parse(File.ReadAllText(Path.Combine(Repository.Root, "config", "grafana", "remixproxy.json")))!;

    public static JsonNode[] Panels { get; } = [.. Json["panels"]!.AsArray().Select(p => p!)];

    public static JsonNode[] Variables { get; } = [.. Json["templating"]!["list"]!.AsArray().Select(v => v!)];

    /// <summary>Each query with its panel's title and its legend, Grafana's variables replaced as Grafana does where all is chosen.</summary>
    public static (string Title, string Query, string Legend)[] Queries { get; } =
    [
        .. from panel in Panels
           where panel["targets"] is not null
           from target in panel["targets"]!.AsArray()
           select (panel["title"]!.GetValue<string>(), Fill(target["expr"]!.GetValue<string>()), target["legendFormat"]!.GetValue<string>()),
    ];

    public static string Fill(string query) => Variables.Select(v => v["name"]!.GetValue<string>())
        .Aggregate(query.Replace("$__rate_interval", "1m", StringComparison.Ordinal).Replace("$__range", "1h", StringComparison.Ordinal),
            (q, name) => q.Replace($"\"${name}\"", "\".*\"", StringComparison.Ordinal));
}
