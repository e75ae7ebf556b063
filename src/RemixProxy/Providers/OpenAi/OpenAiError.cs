using System.Text;
using System.Text.Json;
using RemixProxy.Adapters;
using RemixProxy.Providers.Kit;

namespace RemixProxy.Providers.OpenAi;

/// <summary>An error as servers write it: the API's envelope, its inside alone, a plain text, or what a web framework says.</summary>
/// <param name="error">The value of <c>error</c>: an object, or just a text.</param>
internal sealed class OpenAiError(JsonElement error)
{
    private const int LongestText = 500;

    public string? Message { get; private init; } = error.Text() ?? error.Text("message");

    /// <summary>The code, where it is a word that programs can compare.</summary>
    public string? Code { get; } = error.Word("code");

    public bool IsModeration => Code is "moderation_blocked" or "content_policy_violation" or "content_filter";

    private string? Param { get; init; } = error.Text("param");

    // Whoever looked for a video says more than this: OpenAI and its gateways, NestJS, Go, Starlette and Spring, for a route that isn't there.
    private bool IsOfRouter =>
        Code == "unknown_url" || Message is "404 page not found" or "Not Found"
        || Message?.StartsWith("Invalid URL (", StringComparison.Ordinal) == true || Message?.StartsWith("Cannot POST /", StringComparison.Ordinal) == true;

    // "The model `x` does not exist…", "The API deployment 'x' for this resource does not exist…", "Model not found: x".
    private bool NamesModel =>
        Message.SaysInOrder("model", "does not exist") || Message.SaysInOrder("model", "not found")
        || Message.SaysInOrder("deployment", "does not exist") || Message.SaysInOrder("deployment", "not found");

    public static ProviderError Read(NativeResponse response)
    {
        var error = Find(response);
        return new(error.KindAt(response.Status), error.Message)
        {
            Param = error.Param,
            RetryAfter = response.Wait("retry-after-ms", TimeSpan.TicksPerMillisecond) ?? response.RetryAfter,
        };
    }

    private static OpenAiError Find(NativeResponse response)
    {
        var root = response.ReadAny();
        if (root.ValueKind == JsonValueKind.Undefined) return new(default) { Message = PlainText(response.Body) };
        return root.Member("error") is { ValueKind: JsonValueKind.Object } envelope ? new(envelope)
            : root.Member("detail") is { ValueKind: JsonValueKind.Object or JsonValueKind.String } detail ? new(detail)
            : root.Member("detail") is { ValueKind: JsonValueKind.Array } fields ? OfFields(fields)
            : root.Text("message") is null && root.Member("error") is { ValueKind: JsonValueKind.String } text ? new(text)
            : new(root);
    }

    // FastAPI: a list of {"loc": ["body", "seconds"], "msg": …}.
    private static OpenAiError OfFields(JsonElement fields)
    {
        var first = fields.EnumerateArray().FirstOrDefault();
        return new(default) { Message = first.Text("msg"), Param = first.Items("loc") is [.., var field] ? field.Text() : null };
    }

    // 5xx never mean more than they say, because something may have been created.
    private ProviderErrorKind KindAt(int status) => status switch
    {
        400 or 403 or 422 when IsModeration => ProviderErrorKind.Moderation,
        400 or 403 or 404 or 410 when Code == "model_not_found" => ProviderErrorKind.ModelNotFound,
        404 or 410 when NamesModel => ProviderErrorKind.ModelNotFound,
        404 when IsOfRouter => ProviderErrorKind.Unsupported,
        400 or 402 or 403 or 429 when Code == "insufficient_quota" || error.Text("type") == "insufficient_quota" => ProviderErrorKind.InsufficientQuota,
        _ => ProviderErrorKind.ByStatus,
    };

    // A page of HTML says nothing to a caller.
    private static string? PlainText(ReadOnlyMemory<byte> body)
    {
        var text = Encoding.UTF8.GetString(body.Span).Trim();
        return text is "" || text.StartsWith('<') ? null : text.Length <= LongestText ? text : text[..LongestText];
    }
}
