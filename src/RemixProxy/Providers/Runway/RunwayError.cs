using System.Text.Json;
using RemixProxy.Adapters;
using RemixProxy.Providers.Kit;

namespace RemixProxy.Providers.Runway;

/// <summary>A refusal: a text, and for a wrong body one issue a field.</summary>
/// <param name="root">The body.</param>
internal sealed class RunwayError(JsonElement root)
{
    private static readonly string[] ModerationPhrases =
        ["content moderation", "by moderation", "pass moderation", "safety system", "safety filter", "safety polic", "safety guideline", "content polic",
            "SAFETY.INPUT", "SAFETY.OUTPUT"];

    private static readonly string[] CreditPhrases = ["enough credits", "insufficient credits", "out of credits"];

    /// <summary>A text; an object with a <c>message</c> is read too.</summary>
    private readonly string? _text = root.Text("error") ?? root.Member("error").Text("message") ?? root.Text("message");

    private readonly Issue[] _issues = root.Member("issues") is { ValueKind: JsonValueKind.Array } issues
        ? [.. issues.EnumerateArray().Select(Issue.Read)]
        : [];

    private string Message => string.Join(": ", new[] { _text, string.Join("; ", _issues.Select(i => i.ToString())) }.Where(t => !string.IsNullOrEmpty(t)));

    private string? FieldAtFault => _issues.Select(i => UnifiedName(i.Field)).FirstOrDefault(name => name is not null);

    public static ProviderError Read(NativeResponse response)
    {
        var error = new RunwayError(response.ReadAny());
        return new(error.KindAt(response.Status), error.Message is { Length: > 0 } message ? message : null)
        {
            Param = error.FieldAtFault,
            RetryAfter = response.RetryAfter
        };
    }

    private ProviderErrorKind KindAt(int status)
    {
        if (status is < 400 or >= 500) return ProviderErrorKind.ByStatus;
        if (_text.Says(CreditPhrases)) return ProviderErrorKind.InsufficientQuota;
        if (status == 429) return ProviderErrorKind.RateLimited;
        if (status != 400) return ProviderErrorKind.ByStatus;
        if (_text.Says(ModerationPhrases) || _issues.Any(i => i.Field != "contentModeration" && i.Message.Says(ModerationPhrases)))
            return ProviderErrorKind.Moderation;
        if (_issues.Any(i => i.Field == "id")) return ProviderErrorKind.NotFound;
        return _issues.Any(i => i.Field == "model") ? ProviderErrorKind.ModelNotFound : ProviderErrorKind.ByStatus;
    }

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
            ? new(string.Join('.', issue.Items("path").Select(p => p.Text()).OfType<string>()), issue.Text("message") ?? "")
            : new("", issue.Text() ?? "");

        public override string ToString() => string.Join(": ", new[] { Path, Message }.Where(t => t.Length > 0));
    }
}
