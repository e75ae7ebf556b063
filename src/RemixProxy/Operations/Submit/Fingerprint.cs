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
/// <param name="Parameters">The hash of everything but prompt, model and source video.</param>
internal sealed record Fingerprint(string Request, string Prompt, string Parameters)
{
    private static readonly SearchValues<char> OfPlainNumbers = SearchValues.Create("0123456789.");

    /// <summary>The fingerprint of a request whose fields are checked.</summary>
    public static async ValueTask<Fingerprint> OfAsync(VideoOperation operation, string? sourceId, RequestBody body, CancellationToken cancellationToken)
    {
        var prompt = PromptOf(body.Fields["prompt"]?.GetValue<string>() ?? "");
        var parameters = await ParametersAsync(operation, body, cancellationToken);
        using var hash = new CanonicalHash();
        hash.AddNumber(((int)operation).ToString(CultureInfo.InvariantCulture));
        hash.Add(sourceId);
        hash.Add(body.Fields["model"]?.GetValue<string>());
        hash.Add(prompt);
        hash.Add(parameters);
        return new(hash.ToHex(), prompt, parameters);
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

    private static async ValueTask<string> ParametersAsync(VideoOperation operation, RequestBody body, CancellationToken cancellationToken)
    {
        // A null field counts as absent. "video" names the source of an edit or extend; elsewhere it is an ordinary field.
        var fields = body.Fields.Where(
            f => f.Value is not null && f.Key is not ("prompt" or "model") && !(f.Key == "video" && operation is VideoOperation.Edit or VideoOperation.Extend))
            .OrderBy(f => f.Key, StringComparer.Ordinal).ToArray();
        using var hash = new CanonicalHash();
        hash.AddCount('p', fields.Length);
        foreach (var (name, value) in fields)
        {
            hash.Add(name);
            AddField(hash, name, value!);
        }

        hash.AddCount('f', body.Files.Count);
        foreach (var (name, file) in body.Files.OrderBy(f => f.Key, StringComparer.Ordinal))
        {
            hash.Add(name);
            await hash.AddAsync(file, cancellationToken);
        }

        return hash.ToHex();
    }

    // A form writes numbers as text, which mean the same as JSON's numbers. Sizes have several spellings.
    private static void AddField(CanonicalHash hash, string name, JsonNode value)
    {
        var text = value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;
        if (name == "seconds" && text is not null && IsPlainNumber(text)) hash.AddNumber(text);
        else if (name == "size" && VideoSize.TryParse(text, out var size)) hash.Add(size.ToString());
        else hash.Add(value);
    }

    private static bool IsPlainNumber(string text) =>
        text.AsSpan().ContainsAnyInRange('0', '9') && !text.AsSpan().ContainsAnyExcept(OfPlainNumbers) && text.Count(c => c == '.') <= 1;
}
