using System.Globalization;
using System.Text.Json;
using RemixProxy.Adapters;
using RemixProxy.Providers.Kit;

namespace RemixProxy.Providers.Google;

/// <summary>Reads Google's errors: beside a failed interaction, inside one of its steps, or as the body of a refusal.</summary>
internal static class GeminiErrors
{
    private static readonly string[] FilterWords = ["SAFETY", "PROHIBITED_CONTENT", "BLOCKLIST", "SPII"];

    private static readonly char[] Separators = [' ', '.', ',', ':', ';', '\'', '"', '`', '(', ')', '[', ']', '{', '}', '/', '=', '\n', '\r', '\t'];

    public static ErrorRules Rules { get; } = new()
    {
        Special = response => Find(response.ReadAny()),
        Rules =
        [
            new(ProviderErrorKind.InsufficientQuota) { Statuses = [429], When = IsOutOfCredit },
            new(ProviderErrorKind.InsufficientQuota) { Codes = ["RESOURCE_EXHAUSTED"], When = IsOutOfCredit },
            new(ProviderErrorKind.RateLimited) { Statuses = [429] },
            new(ProviderErrorKind.RateLimited) { Codes = ["RESOURCE_EXHAUSTED"] },
            new(ProviderErrorKind.Unauthorized) { Statuses = [400], Codes = ["API_KEY_INVALID"] },
            new(ProviderErrorKind.Unauthorized) { Statuses = [400], Says = ["API key not valid", "API key expired"] },
            // Since 2026-10-04 polls of newer keys get this although one credential is sent. The job is made and billed all the same.
            new(ProviderErrorKind.PollRefused) { Statuses = [400], Says = ["Multiple authentication credentials"] },
            new(ProviderErrorKind.NotFound) { Statuses = [400, 404], Says = ["Invalid interaction name", "interaction*not found", "not found*interaction"] },
            new(ProviderErrorKind.Moderation) { Statuses = [400, 422], When = IsModeration },
            new(ProviderErrorKind.ModelNotFound) { Statuses = [404], Says = ["models/"] },
            new(ProviderErrorKind.Expired) { Statuses = [403], Says = ["access the File*may not exist"] },
        ],
    };

    private static IReadOnlyDictionary<string, string> Names { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["model"] = "model", ["input"] = "prompt", ["text"] = "prompt", ["duration"] = "seconds", ["aspect_ratio"] = "size", ["resolution"] = "size",
        ["seed"] = "seed", ["previous_interaction_id"] = "video", ["durationSeconds"] = "seconds", ["aspectRatio"] = "size",
        ["negativePrompt"] = "negative_prompt", ["sampleCount"] = "n", ["image"] = "input_reference", ["lastFrame"] = "last_frame",
        ["referenceImages"] = "reference_images", ["video"] = "video",
    };

    /// <summary>The error in <c>error</c>, or the first one in <c>errors</c>; null where there is none. Some refusals are an array of one.</summary>
    public static NativeFault? Find(JsonElement body)
    {
        if (body.ValueKind == JsonValueKind.Array) return body.GetArrayLength() > 0 ? Find(body[0]) : null;
        var error = body.Items("error").Concat(body.Items("errors")).FirstOrDefault();
        if (error.ValueKind == JsonValueKind.Undefined) return null;
        var details = error.Items("details");
        var field = details.SelectMany(d => d.Items("fieldViolations")).Select(v => v.Text("field")).FirstOrDefault(f => f is not null);
        return new()
        {
            Text = error.Text("message") ?? error.Text(),
            Codes = [.. new[] { error.Text("code"), error.Text("status") }.Concat(details.Select(d => d.Text("reason"))).OfType<string>()],
            Param = field is null ? null : Names.GetValueOrDefault(field[(field.LastIndexOf('.') + 1)..]),
            RetryAfter = details.Select(d => d.Text("retryDelay")).OfType<string>().Select(Delay).FirstOrDefault(),
        };
    }

    /// <summary>
    /// Whether a content filter caused the error. Ordinary errors also mention <c>safety_settings</c> or a policy, so single words count only where they are
    /// the filters' own constants.
    /// </summary>
    public static bool IsModeration(NativeFault fault) =>
        fault.Codes.Any(code => IsFilterWord(code.ToUpperInvariant()))
        || fault.Text?.Split(Separators).Any(IsFilterWord) == true
        || fault.Says("blocked*polic", "violat*polic");

    // Every rate limit says "…check your plan and billing details" too. With a retry delay it is only a rate limit.
    private static bool IsOutOfCredit(NativeFault fault) => fault.RetryAfter is null && fault.Says("billing", "credit");

    private static TimeSpan? Delay(string text) =>
        double.TryParse(text.TrimEnd('s'), NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) && seconds is >= 0 and <= 86_400
            ? TimeSpan.FromSeconds(seconds)
            : null;

    private static bool IsFilterWord(string word) => FilterWords.Any(f => word == f || word.EndsWith("_" + f, StringComparison.Ordinal));
}
