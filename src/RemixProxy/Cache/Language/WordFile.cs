using System.Collections.Frozen;
using System.Text.Json;

namespace RemixProxy.Cache.Language;

/// <summary>The content of <c>words.json</c>, the shipped lists of words.</summary>
internal static class WordFile
{
    public static FrozenDictionary<string, string[]> Classes { get; } = Read();

    private static FrozenDictionary<string, string[]> Read()
    {
        using var stream = typeof(WordFile).Assembly.GetManifestResourceStream("RemixProxy.Cache.Language.words.json")!;
        using var document = JsonDocument.Parse(stream, new() { CommentHandling = JsonCommentHandling.Skip });
        return document.RootElement.EnumerateObject().ToFrozenDictionary(
            c => c.Name, c => c.Value.EnumerateArray().Select(e => e.GetString()!).ToArray(), StringComparer.OrdinalIgnoreCase);
    }
}
