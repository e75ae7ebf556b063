using System.Globalization;
using System.Text.Json;

namespace RemixProxy.Providers.Luma;

/// <summary>The body of an error: a <c>detail</c> (text, or a list of fields at fault), a <c>message</c>, or an <c>error</c> with one.</summary>
internal sealed record LumaError
{
    private const int MostProblems = 5;
    private const int LongestWait = 86400;

    public JsonElement? Detail { get; init; }

    public JsonElement? Message { get; init; }

    public JsonElement? Error { get; init; }

    public string? FailureCode { get; init; }

    public string? Code { get; init; }

    public static ProviderError Read(NativeResponse response)
    {
        var wait = Wait(response);
        try
        {
            var error = JsonSerializer.Deserialize(response.Body.Span, LumaAnswerJsonContext.Default.LumaError) ?? new();
            var text = new[] { error.Detail, error.Message, error.Error }.Select(Text).FirstOrDefault(t => !string.IsNullOrWhiteSpace(t));
            var param = error.Param();
            return new(error.KindOf(response.Status, text, param), text) { Param = param, RetryAfter = wait };
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // A page of some gateway, or text that is no Unicode.
            return new(ProviderErrorKind.ByStatus, null) { RetryAfter = wait };
        }
    }

    // Of 401 and 402 the status says it all; of 408 and 5xx nobody knows what happened, whatever the text.
    private ProviderErrorKind KindOf(int status, string? text, string? param) => (FailureCode ?? Code) switch
    {
        _ when status is 401 or 402 or 408 or < 400 or >= 500 => ProviderErrorKind.ByStatus,
        "content_moderated" => ProviderErrorKind.Moderation,
        "budget_exhausted" => ProviderErrorKind.InsufficientQuota,
        "rate_limited" => ProviderErrorKind.RateLimited,
        _ when status is 429 => ProviderErrorKind.ByStatus,
        // A list of fields at fault is a check of forms, whatever words it holds.
        _ when param == "model" => ProviderErrorKind.ModelNotFound,
        _ when param is not null || text is null => ProviderErrorKind.ByStatus,
        _ when Has(text, "moderation") || Has(text, "moderated") || Has(text, "content policy") || Has(text, "content guidelines") => ProviderErrorKind.Moderation,
        _ when !Has(text, "not found") && !Has(text, "does not exist") => ProviderErrorKind.ByStatus,
        _ when Has(text, "generation") => ProviderErrorKind.NotFound,
        _ when Has(text, "model") => ProviderErrorKind.ModelNotFound,
        _ => ProviderErrorKind.ByStatus,
    };

    // The first field at fault, e.g. ["body", "video", "duration"], by the name that callers know.
    private string? Param()
    {
        if (Detail is not { ValueKind: JsonValueKind.Array } problems) return null;
        return problems.EnumerateArray().SelectMany(Path).FirstOrDefault(name => name is not ("video" or "edit")) switch
        {
            "duration" => "seconds",
            "aspect_ratio" or "resolution" => "size",
            "source" => "video",
            "start_frame" => "input_reference",
            var name => name,
        };
    }

    private static string? Text(JsonElement? value) => value switch
    {
        { ValueKind: JsonValueKind.String } text => text.GetString(),
        { ValueKind: JsonValueKind.Object } inner => Text(Member(inner, "message")) ?? Text(Member(inner, "msg")),
        { ValueKind: JsonValueKind.Array } problems => string.Join("; ", problems.EnumerateArray().Take(MostProblems).Select(Problem)),
        _ => null,
    };

    private static string Problem(JsonElement problem) =>
        string.Join(": ", new[] { string.Join('.', Path(problem)), Text(problem) }.Where(part => !string.IsNullOrEmpty(part)));

    private static IEnumerable<string> Path(JsonElement problem) =>
        Member(problem, "loc") is { ValueKind: JsonValueKind.Array } path
            ? path.EnumerateArray().Where(p => p.ValueKind == JsonValueKind.String).Select(p => p.GetString()!).Where(p => p != "body")
            : [];

    private static JsonElement? Member(JsonElement value, string name) => value.ValueKind == JsonValueKind.Object && value.TryGetProperty(name, out var member) ? member : null;

    private static bool Has(string text, string part) => text.Contains(part, StringComparison.OrdinalIgnoreCase);

    private static TimeSpan? Wait(NativeResponse response) =>
        response.Headers.TryGetValue("Retry-After", out var text) && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds <= LongestWait
            ? TimeSpan.FromSeconds(seconds)
            : null;
}
