using System.Text.Json;

namespace RemixProxy.TestKit.Prompts;

/// <summary>The pairs of prompts in <c>tests/Prompts</c>.</summary>
internal static class PromptPairs
{
    /// <summary>The same video, the prompts differ on the surface.</summary>
    public static IReadOnlyList<PromptPair> Surface { get; } = Read("surface.json");

    /// <summary>The same video in other words.</summary>
    public static IReadOnlyList<PromptPair> Paraphrases { get; } = Read("paraphrases.json");

    /// <summary>Other videos in almost the same words.</summary>
    public static IReadOnlyList<PromptPair> Contrasts { get; } = Read("contrasts.json");

    private static PromptPair[] Read(string file)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Repository.Root, "tests", "Prompts", file)));
        return [.. document.RootElement.EnumerateArray().Select(p => new PromptPair(Text(p, "a"), Text(p, "b"), Text(p, "style"), Text(p, "kind")))];
    }

    private static string Text(JsonElement pair, string name) => pair.GetProperty(name).GetString()!;
}
