using System.Text;
using System.Text.Json;

namespace RemixProxy.Providers.OpenAi;

/// <summary>An error as servers write it: the API's envelope, its inside alone, a plain text, or what a web framework says.</summary>
internal sealed record OpenAiError
{
    private const int LongestCode = 64;
    private const int LongestText = 500;

    public string? Message { get; private init; }

    public string? Code { get; private init; }

    public string? Type { get; private init; }

    public string? Param { get; private init; }

    public bool IsModeration => Code is "moderation_blocked" or "content_policy_violation" or "content_filter";

    // Whoever looked for a video says more than this: OpenAI and its gateways, NestJS, Go, Starlette and Spring, for a route that isn't there.
    private bool IsOfRouter =>
        Code == "unknown_url" || Message is "404 page not found" or "Not Found"
        || Message?.StartsWith("Invalid URL (", StringComparison.Ordinal) == true || Message?.StartsWith("Cannot POST /", StringComparison.Ordinal) == true;

    /// <summary>The code, where it is a word that programs can compare.</summary>
    public string? StableCode => Code is { Length: <= LongestCode } code && char.IsAsciiLetter(code[0]) && code.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.') ? code : null;

    /// <summary>Reads the body of a response.</summary>
    public static OpenAiError Read(ReadOnlyMemory<byte> body)
    {
        try
        {
            var root = JsonSerializer.Deserialize(body.Span, OpenAiJsonContext.Default.JsonElement);
            return root.Member("error") is { ValueKind: JsonValueKind.Object } envelope ? From(envelope)
                : root.Member("detail") is { ValueKind: JsonValueKind.Object or JsonValueKind.Array or JsonValueKind.String } detail ? FromDetail(detail)
                : root.Member("message").AsText() is null && root.Member("error") is { ValueKind: JsonValueKind.String } text ? From(text)
                : From(root);
        }
        catch (JsonException)
        {
            return new() { Message = PlainText(body) };
        }
    }

    /// <summary>Reads the value of an <c>error</c> key: an object or a text.</summary>
    public static OpenAiError From(JsonElement error) => new()
    {
        Message = error.AsText() ?? error.Member("message").AsText(),
        Code = error.Member("code").AsText(),
        Type = error.Member("type").AsText(),
        Param = error.Member("param").AsText(),
    };

    /// <summary>What it means, beyond its status.</summary>
    /// <param name="status">The HTTP status; 5xx never mean more than they say, because something may have been created.</param>
    public ProviderErrorKind KindFor(int status) => status switch
    {
        400 or 403 or 422 when IsModeration => ProviderErrorKind.Moderation,
        400 or 403 or 404 or 410 when Code == "model_not_found" => ProviderErrorKind.ModelNotFound,
        404 or 410 when NamesModel() => ProviderErrorKind.ModelNotFound,
        404 when IsOfRouter => ProviderErrorKind.Unsupported,
        400 or 402 or 403 or 429 when Code == "insufficient_quota" || Type == "insufficient_quota" => ProviderErrorKind.InsufficientQuota,
        _ => ProviderErrorKind.ByStatus,
    };

    // "The model `x` does not exist…", "The API deployment 'x' for this resource does not exist…", "Model not found: x".
    private bool NamesModel()
    {
        var text = Message ?? "";
        var start = text.IndexOf("model", StringComparison.OrdinalIgnoreCase);
        if (start < 0) start = text.IndexOf("deployment", StringComparison.OrdinalIgnoreCase);
        return start >= 0 && (Follows("does not exist") || Follows("not found"));

        bool Follows(string words) => text.IndexOf(words, start, StringComparison.OrdinalIgnoreCase) >= 0;
    }

    // FastAPI: a text, or a list of {"loc": ["body", "seconds"], "msg": …}.
    private static OpenAiError FromDetail(JsonElement detail)
    {
        if (detail.ValueKind != JsonValueKind.Array) return From(detail);
        var first = detail.EnumerateArray().FirstOrDefault();
        return new()
        {
            Message = first.Member("msg").AsText(),
            Param = first.Member("loc") is { ValueKind: JsonValueKind.Array } path ? path.EnumerateArray().LastOrDefault().AsText() : null,
        };
    }

    // A page of HTML says nothing to a caller.
    private static string? PlainText(ReadOnlyMemory<byte> body)
    {
        var text = Encoding.UTF8.GetString(body.Span).Trim();
        return text is "" || text.StartsWith('<') ? null : text.Length <= LongestText ? text : text[..LongestText];
    }
}
