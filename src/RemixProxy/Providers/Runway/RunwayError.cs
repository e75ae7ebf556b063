using System.Text.Json;
using System.Text.Json.Serialization;

namespace RemixProxy.Providers.Runway;

/// <summary>A refusal: a text, and for a wrong body one issue a field.</summary>
internal sealed record RunwayError
{
    private static readonly string[] ModerationPhrases =
        ["content moderation", "by moderation", "pass moderation", "safety system", "safety filter", "safety polic", "safety guideline", "content polic", "SAFETY.INPUT", "SAFETY.OUTPUT"];

    private static readonly string[] CreditPhrases = ["enough credits", "insufficient credits", "out of credits"];

    /// <summary>A text; an object with a <c>message</c> is read too.</summary>
    public JsonElement Error { get; init; }

    [JsonConverter(typeof(ScalarTextConverter))]
    public string? Message { get; init; }

    public JsonElement Issues { get; init; }

    public ProviderError ToProviderError(int status)
    {
        var text = Text();
        var issues = ReadIssues().ToArray();
        var details = string.Join("; ", issues.Select(i => i.ToString()));
        return new(Kind(status, text, issues), string.Join(": ", new[] { text, details }.Where(t => !string.IsNullOrEmpty(t))))
        {
            Param = issues.Select(i => UnifiedName(i.Field)).FirstOrDefault(name => name is not null),
        };
    }

    private string? Text() => Error.ValueKind switch
    {
        JsonValueKind.String => Error.GetString(),
        JsonValueKind.Object when Error.TryGetProperty("message", out var message) => message.ToString(),
        _ => Message,
    };

    private IEnumerable<Issue> ReadIssues() => Issues.ValueKind == JsonValueKind.Array ? Issues.EnumerateArray().Select(Issue.Read) : [];

    private static ProviderErrorKind Kind(int status, string? text, Issue[] issues)
    {
        if (status is < 400 or >= 500) return ProviderErrorKind.ByStatus;
        if (Says(text, CreditPhrases)) return ProviderErrorKind.InsufficientQuota;
        if (status == 429) return ProviderErrorKind.RateLimited;
        if (status != 400) return ProviderErrorKind.ByStatus;
        if (Says(text, ModerationPhrases) || issues.Any(i => i.Field != "contentModeration" && Says(i.Message, ModerationPhrases))) return ProviderErrorKind.Moderation;
        if (issues.Any(i => i.Field == "id")) return ProviderErrorKind.NotFound;
        return issues.Any(i => i.Field == "model") ? ProviderErrorKind.ModelNotFound : ProviderErrorKind.ByStatus;
    }

    private static bool Says(string? text, string[] phrases) => text is not null && phrases.Any(p => text.Contains(p, StringComparison.OrdinalIgnoreCase));

    private static string? UnifiedName(string field) => field switch
    {
        "promptText" => "prompt",
        "promptImage" => "input_reference",
        "promptVideo" or "videoUri" => "video",
        "ratio" => "size",
        "duration" => "seconds",
        "negativePrompt" => "negative_prompt",
        "contentModeration" => "content_moderation",
        "targetAspectRatio" => "target_aspect_ratio",
        "outputFormat" => "output_format",
        "model" or "resolution" or "seed" or "audio" or "keyframes" => field,
        _ => null,
    };

    /// <summary>What is wrong with one field.</summary>
    /// <param name="Path">Dotted; empty where it is the whole body.</param>
    /// <param name="Message">For people.</param>
    private sealed record Issue(string Path, string Message)
    {
        public string Field => Path.Split('.')[0];

        public static Issue Read(JsonElement issue) => issue.ValueKind == JsonValueKind.Object
            ? new(issue.TryGetProperty("path", out var path) ? ReadPath(path) : "", issue.TryGetProperty("message", out var message) ? message.ToString() : "")
            : new("", issue.ToString());

        public override string ToString() => string.Join(": ", new[] { Path, Message }.Where(t => t.Length > 0));

        private static string ReadPath(JsonElement path) =>
            path.ValueKind == JsonValueKind.Array ? string.Join('.', path.EnumerateArray().Select(p => p.ToString())) : path.ToString();
    }
}
