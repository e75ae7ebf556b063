using System.Globalization;
using System.Text.Json;
using RemixProxy.Adapters;
using RemixProxy.Providers.Kit;

namespace RemixProxy.Providers.Gemini;

/// <summary>An error as Google writes it: beside a failed interaction, inside one of its steps, or as the body of a refusal.</summary>
/// <param name="error">The value of <c>error</c>: an object, or just a text.</param>
internal sealed class GeminiError(JsonElement error)
{
    private static readonly string[] FilterWords = ["SAFETY", "PROHIBITED_CONTENT", "BLOCKLIST", "SPII"];

    private static readonly char[] Separators = [' ', '.', ',', ':', ';', '\'', '"', '`', '(', ')', '[', ']', '{', '}', '/', '=', '\n', '\r', '\t'];

    private static readonly TimeSpan LongestRetry = TimeSpan.FromDays(1);

    public string? Message { get; } = error.Text("message") ?? error.Text();

    /// <summary>
    /// Whether a content filter speaks here. Ordinary refusals mention <c>safety_settings</c> or a policy too, so single words count only as the filters' own
    /// constants.
    /// </summary>
    public bool IsModeration =>
        Constants.Any(c => IsFilterWord(c.ToUpperInvariant()))
        || (Message is { } message && (message.Split(Separators).Any(IsFilterWord) || message.SaysInOrder("blocked", "polic")
            || message.SaysInOrder("violat", "polic")));

    private IEnumerable<string> Constants => new[] { error.Text("code"), error.Text("status") }.Concat(Details.Select(d => d.Text("reason"))).OfType<string>();

    private IReadOnlyList<JsonElement> Details => error.Items("details");

    /// <summary>The error in <c>error</c>, or the first of <c>errors</c>; null where there is none. Some refusals come as an array of one.</summary>
    public static GeminiError? Find(JsonElement body)
    {
        if (body.ValueKind == JsonValueKind.Array) return body.GetArrayLength() > 0 ? Find(body[0]) : null;
        return body.Items("error").Concat(body.Items("errors")).FirstOrDefault() is { ValueKind: not JsonValueKind.Undefined } first ? new(first) : null;
    }

    /// <summary>What the body of a response that is not 2xx says.</summary>
    public static ProviderError Read(NativeResponse response) => Find(response.ReadAny()) is { } found
        ? new(found.KindAt(response.Status), found.Message) { Param = found.FieldAtFault(), RetryAfter = found.RetryDelay() }
        : new(ProviderErrorKind.ByStatus, null);

    private ProviderErrorKind KindAt(int status) => status switch
    {
        429 => IsOutOfCredit ? ProviderErrorKind.InsufficientQuota : ProviderErrorKind.RateLimited,
        < 500 and not 408 when Has("RESOURCE_EXHAUSTED") => IsOutOfCredit ? ProviderErrorKind.InsufficientQuota : ProviderErrorKind.RateLimited,
        400 when Has("API_KEY_INVALID") || Message.Says("API key not valid", "API key expired") => ProviderErrorKind.Unauthorized,
        400 or 404 when IsUnknownInteraction => ProviderErrorKind.NotFound,
        400 or 422 when IsModeration => ProviderErrorKind.Moderation,
        404 when Message.Says("models/") => ProviderErrorKind.ModelNotFound,
        403 when Message.Says("access the File") && Message.Says("may not exist") => ProviderErrorKind.Expired,
        _ => ProviderErrorKind.ByStatus,
    };

    private bool IsUnknownInteraction => Message.Says("Invalid interaction name") || (Message.Says("interaction") && Message.Says("not found"));

    // "…check your plan and billing details" stands in every exhausted rate too; with a delay it is only a rate.
    private bool IsOutOfCredit => RetryDelay() is null && Message.Says("billing", "credit");

    private TimeSpan? RetryDelay()
    {
        var text = Details.Select(d => d.Text("retryDelay")).FirstOrDefault(t => t is not null);
        return double.TryParse(text?.TrimEnd('s'), NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) && seconds >= 0
            && seconds <= LongestRetry.TotalSeconds
            ? TimeSpan.FromSeconds(seconds)
            : null;
    }

    private string? FieldAtFault()
    {
        var path = Details.SelectMany(d => d.Items("fieldViolations")).Select(v => v.Text("field")).FirstOrDefault(f => f is not null);
        return path?[(path.LastIndexOf('.') + 1)..] switch
        {
            "model" => "model",
            "input" or "text" => "prompt",
            "duration" => "seconds",
            "aspect_ratio" or "resolution" => "size",
            "seed" => "seed",
            "previous_interaction_id" => "video",
            _ => null,
        };
    }

    private bool Has(string constant) => Constants.Any(c => c.Equals(constant, StringComparison.OrdinalIgnoreCase));

    private static bool IsFilterWord(string word) => FilterWords.Any(f => word == f || word.EndsWith("_" + f, StringComparison.Ordinal));
}
