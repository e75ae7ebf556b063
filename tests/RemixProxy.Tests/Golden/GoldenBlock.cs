using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace RemixProxy.Tests.Golden;

/// <summary>A fenced block of a <see cref="GoldenPage"/>: head lines, and a body that is JSON or a plain text.</summary>
/// <param name="Word">What it holds, e.g. <c>native</c>.</param>
/// <param name="Head">The first line of a <c>native</c> or <c>answer</c> block and its header lines; else nothing.</param>
/// <param name="Json">The body, where it is JSON.</param>
/// <param name="Body">The body as text; of JSON in one line as the page has it, else without its layout.</param>
internal sealed partial record GoldenBlock(string Word, IReadOnlyList<string> Head, JsonNode? Json, string Body)
{
    private const int Columns = 158;

    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The first line, counted from zero; of a block that is on no page -1.</summary>
    public int Line { get; init; } = -1;

    /// <summary>How many lines it takes, fences included.</summary>
    public int Length { get; init; }

    /// <summary>What two blocks with the same facts have in common, whatever their layout.</summary>
    public string Facts => string.Join('\n', [Word, .. Head, Json is null ? Body : Compact(Json)]);

    /// <summary>A block whose body is JSON, or that has none.</summary>
    public static GoldenBlock Of(string word, IReadOnlyList<string> head, JsonNode? json) => new(word, head, json, json is null ? "" : Compact(json));

    /// <summary>Reads the lines between the fences.</summary>
    /// <exception cref="FormatException">They are no such block.</exception>
    public static GoldenBlock Read(string language, string word, IEnumerable<string> lines)
    {
        string[] all = [.. lines.Select(Expand)];
        string[] head = [];
        if (word is "native" or "answer")
        {
            var isNative = word == "native";
            if (all is not [var first, ..] || !(isNative ? NativeLine() : StatusLine()).IsMatch(first))
                throw new FormatException($"'{word}' does not begin with {(isNative ? "a method and a target" : "a status")}");
            // A short answer stands on one line with its status.
            var isShort = !isNative && first.Length > 4;
            if (isShort) all = [first[..3], first[4..], .. all[1..]];
            head = [all[0], .. isShort ? [] : all.Skip(1).TakeWhile(l => HeaderLine().IsMatch(l))];
        }

        var rest = all.AsSpan(head.Length);
        if (head.Length > 0 && rest is ["", ..]) rest = rest[1..];
        var body = string.Join('\n', rest);
        if (language == "text") return new(word, head, null, body);
        if (body.Length == 0) return head.Length > 0 ? new(word, head, null, "") : throw new FormatException($"'{word}' is empty");
        try
        {
            var json = JsonNode.Parse(body);
            return new(word, head, json, rest.Length == 1 ? body : Compact(json));
        }
        catch (JsonException e)
        {
            throw new FormatException($"the JSON of '{word}' can't be read: {e.Message}", e);
        }
    }

    /// <summary>The block as lines of a page.</summary>
    public IEnumerable<string> Write()
    {
        IEnumerable<string> lines = [.. Head, .. Body.Length > 0 ? Layout(Json, "", 0).Split('\n') : []];
        return [$"```json {Word}", .. lines.Select(l => Runs().Replace(l, m => $"‹{m.Value[0]} × {m.Length}›")), "```"];
    }

    public static string Compact(JsonNode? json) => json?.ToJsonString(Readable) ?? "null";

    // What fits on a line stays on it; else each member has its own.
    private static string Layout(JsonNode? json, string indent, int column)
    {
        var line = Compact(json);
        if (column + line.Length <= Columns || json is not (JsonObject { Count: > 0 } or JsonArray { Count: > 0 })) return line;
        var inner = indent + "  ";
        var members = json is JsonObject o
            ? o.Select(m => (Name: Compact(m.Key) + ":", m.Value)).Select(m => m.Name + Layout(m.Value, inner, inner.Length + m.Name.Length))
            : json.AsArray().Select(m => Layout(m, inner, inner.Length));
        return $"{line[0]}\n{inner}{string.Join($",\n{inner}", members)}\n{indent}{line[^1]}";
    }

    private static string Expand(string line) => Repeats().Replace(line, m => new string(m.Groups["c"].Value[0], int.Parse(m.Groups["n"].ValueSpan)));

    [GeneratedRegex(@"^[A-Z]+ \S+( · (preliminary|without key|after [\d:.]+|multipart|file))*$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex NativeLine();

    [GeneratedRegex(@"^\d{3}( .*)?$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex StatusLine();

    [GeneratedRegex(@"^[@A-Za-z][A-Za-z0-9-]*: ", RegexOptions.None, 1000)]
    private static partial Regex HeaderLine();

    [GeneratedRegex(@"‹(?<c>.) × (?<n>\d+)›", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Repeats();

    [GeneratedRegex(@"(?<c>.)\k<c>{99,}", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Runs();
}
