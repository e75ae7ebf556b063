using System.Text;
using System.Text.Json;

namespace RemixProxy.FunctionalTests.Kit;

/// <summary>A text that must not turn up, in whatever encoding.</summary>
internal sealed record Canary(string Name, string Text)
{
    /// <summary>As it is, percent-encoded, as in JSON and HTML, and as in base64 of a longer text.</summary>
    public IReadOnlyList<string> Forms { get; } = [.. FormsOf(Text).Distinct(StringComparer.OrdinalIgnoreCase)];

    /// <summary>Asserts that a text holds none of them, in any letter case.</summary>
    public static void AssertNone(IEnumerable<Canary> canaries, string where, string text) => Assert.All(canaries, canary => Assert.All(canary.Forms, form =>
    {
        var at = text.IndexOf(form, StringComparison.OrdinalIgnoreCase);
        Assert.True(at < 0, $"{where} holds {canary.Name} as '{form}': {(at < 0 ? "" : text[Math.Max(0, at - 200)..Math.Min(text.Length, at + 200)])}");
    }));

    private static IEnumerable<string> FormsOf(string text)
    {
        yield return text;
        yield return Uri.EscapeDataString(text);
        yield return Uri.EscapeDataString(Uri.EscapeDataString(text));
        yield return JsonSerializer.Serialize(text)[1..^1];
        yield return System.Net.WebUtility.HtmlEncode(text);
        yield return Convert.ToHexString(Encoding.UTF8.GetBytes(text));
        for (var before = 0; before < 3; before++)
        {
            var base64 = Convert.ToBase64String(Encoding.UTF8.GetBytes(new string('x', before) + text + "xxx"));
            var piece = base64[(((8 * before) + 5) / 6)..(8 * (before + Encoding.UTF8.GetByteCount(text)) / 6)];
            yield return piece;
            yield return piece.Replace('+', '-').Replace('/', '_');
        }
    }
}
