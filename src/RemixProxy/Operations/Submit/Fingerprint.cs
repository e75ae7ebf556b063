using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using RemixProxy.Adapters;
using RemixProxy.Cache;
using RemixProxy.Cache.Language;
using RemixProxy.Contract;

namespace RemixProxy.Operations.Submit;

/// <summary>Everything in a request that shapes its result, hashed so that the spelling of the request doesn't matter.</summary>
/// <param name="Request">The hash of the whole request, with model and source as the caller named them. Two requests with the same hash ask for the same
/// video.</param>
/// <param name="Prompt">The prompt in its canonical form: Unicode NFC, white space folded, case kept.</param>
/// <param name="Fields">The hash of each field but prompt, model and source video, by our names for them, in the order of the names.</param>
internal sealed record Fingerprint(string Request, string Prompt, IReadOnlyList<KeyValuePair<string, string>> Fields)
{
    private static readonly SearchValues<char> OfPlainNumbers = SearchValues.Create("0123456789.");

    /// <summary>The fingerprint of a request whose fields are checked.</summary>
    public static async ValueTask<Fingerprint> OfAsync(VideoOperation operation, string? sourceId, RequestBody body, CancellationToken cancellationToken)
    {
        var prompt = PromptOf(body.Find(FieldNames.Prompt)?.Json?.GetValue<string>() ?? "");
        var fields = new List<KeyValuePair<string, string>>();
        // "video" names the source of an edit or extend; elsewhere it is an ordinary field.
        foreach (var (name, field) in body.ByMeaning.OrderBy(f => f.Key, StringComparer.Ordinal))
        {
            var isNamed = name is FieldNames.Prompt or FieldNames.Model
                || (name == FieldNames.Video && operation is VideoOperation.Edit or VideoOperation.Extend && !field.Files.Any());
            if (!isNamed) fields.Add(new(name, await HashAsync(name, field, body.Data, cancellationToken)));
        }

        using var hash = new CanonicalHash();
        hash.AddNumber(((int)operation).ToString(CultureInfo.InvariantCulture));
        hash.Add(sourceId);
        hash.Add(body.Find(FieldNames.Model)?.Json?.GetValue<string>());
        hash.Add(prompt);
        Add(hash, fields);
        return new(hash.ToHex(), prompt, fields);
    }

    /// <summary>The hash of all fields that a condition lets pass.</summary>
    /// <param name="counts">Whether a field counts, by our name for it.</param>
    public string Parameters(Func<string, bool> counts)
    {
        using var hash = new CanonicalHash();
        Add(hash, [.. Fields.Where(f => counts(f.Key))]);
        return hash.ToHex();
    }

    /// <summary>The canonical form of a prompt: the same for all prompts that differ only in Unicode composition and white space.</summary>
    public static string PromptOf(string prompt)
    {
        var folded = new StringBuilder(prompt.Length);
        foreach (var c in UnicodeForm.Compose(prompt))
        {
            if (!char.IsWhiteSpace(c)) folded.Append(c);
            else if (folded.Length > 0 && folded[^1] != ' ') folded.Append(' ');
        }

        return folded.ToString().TrimEnd(' ');
    }

    private static void Add(CanonicalHash hash, List<KeyValuePair<string, string>> fields)
    {
        hash.AddCount('p', fields.Count);
        foreach (var (name, value) in fields)
        {
            hash.Add(name);
            hash.Add(value);
        }
    }

    private static async ValueTask<string> HashAsync(string name, GivenField field, MarkedData data, CancellationToken cancellationToken)
    {
        using var hash = new CanonicalHash(data);
        if (FieldNames.Media.Contains(name) || field.Files.Any())
        {
            hash.AddCount('m', field.Values.Count);
            foreach (var (json, file) in field.Values)
            {
                if (file is not null) await hash.AddAsync(file, cancellationToken);
                else hash.Add(AddressOf(json));
            }
        }
        else
        {
            AddField(hash, name, field.Json!);
        }

        return hash.ToHex();
    }

    // {"image_url": "…"}, {"url": "…"} and the text alone say the same.
    private static JsonNode? AddressOf(JsonNode? json) =>
        json is JsonObject { Count: 1 } members && (members["image_url"] ?? members["url"]) is JsonValue address ? address : json;

    // A form writes numbers and booleans as text, which mean the same as JSON's. Sizes and lengths have several spellings.
    private static void AddField(CanonicalHash hash, string name, JsonNode value)
    {
        var text = value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;
        if (name == FieldNames.Seconds && text is not null && IsPlainNumber(text.EndsWith('s') ? text[..^1] : text)) hash.AddNumber(text.TrimEnd('s'));
        else if (name == FieldNames.Size && VideoSize.TryParse(text, out var size)) hash.Add(size.ToString());
        else if (name == FieldNames.Audio && bool.TryParse(text, out var audio)) hash.Add(JsonValue.Create(audio));
        else if (name == FieldNames.Outputs && text is not null && IsPlainNumber(text)) hash.AddNumber(text);
        else hash.Add(value);
    }

    private static bool IsPlainNumber(string text) =>
        text.AsSpan().ContainsAnyInRange('0', '9') && !text.AsSpan().ContainsAnyExcept(OfPlainNumbers) && text.Count(c => c == '.') <= 1;
}
