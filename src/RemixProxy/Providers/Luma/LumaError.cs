using System.Text.Json;
using RemixProxy.Adapters;
using RemixProxy.Providers.Kit;

namespace RemixProxy.Providers.Luma;

/// <summary>The body of an error: a <c>detail</c> (text, or a list of fields at fault), a <c>message</c>, or an <c>error</c> with one.</summary>
/// <param name="root">The body.</param>
internal sealed class LumaError(JsonElement root)
{
    private const int MostProblems = 5;

    private string? Message { get; } = new[] { "detail", "message", "error" }.Select(name => Text(root.Member(name))).FirstOrDefault(
        t => !string.IsNullOrWhiteSpace(t));

    // The first field at fault, e.g. ["body", "video", "duration"], by the name that callers know.
    private string? FieldAtFault { get; } = root.Items("detail").SelectMany(Path).FirstOrDefault(name => name is not ("video" or "edit")) switch
    {
        "duration" => "seconds",
        "aspect_ratio" or "resolution" => "size",
        "source" => "video",
        "start_frame" => "input_reference",
        var name => name,
    };

    public static ProviderError Read(NativeResponse response)
    {
        var error = new LumaError(response.ReadAny());
        return new(error.KindAt(response.Status), error.Message) { Param = error.FieldAtFault, RetryAfter = response.RetryAfter };
    }

    // Of 401 and 402 the status says it all; of 408 and 5xx nobody knows what happened, whatever the text.
    private ProviderErrorKind KindAt(int status) => (root.Text("failure_code") ?? root.Text("code")) switch
    {
        _ when status is 401 or 402 or 408 or < 400 or >= 500 => ProviderErrorKind.ByStatus,
        "content_moderated" => ProviderErrorKind.Moderation,
        "budget_exhausted" => ProviderErrorKind.InsufficientQuota,
        "rate_limited" => ProviderErrorKind.RateLimited,
        _ when status is 429 => ProviderErrorKind.ByStatus,
        // A list of fields at fault is a check of forms, whatever words it holds.
        _ when FieldAtFault == "model" => ProviderErrorKind.ModelNotFound,
        _ when FieldAtFault is not null => ProviderErrorKind.ByStatus,
        _ when Message.Says("moderation", "moderated", "content policy", "content guidelines") => ProviderErrorKind.Moderation,
        _ when !Message.Says("not found", "does not exist") => ProviderErrorKind.ByStatus,
        _ when Message.Says("generation") => ProviderErrorKind.NotFound,
        _ when Message.Says("model") => ProviderErrorKind.ModelNotFound,
        _ => ProviderErrorKind.ByStatus,
    };

    private static string? Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.Text(),
        JsonValueKind.Object => Text(value.Member("message")) ?? Text(value.Member("msg")),
        JsonValueKind.Array => string.Join("; ", value.EnumerateArray().Take(MostProblems).Select(Problem)),
        _ => null,
    };

    private static string Problem(JsonElement problem) =>
        string.Join(": ", new[] { string.Join('.', Path(problem)), Text(problem) }.Where(part => !string.IsNullOrEmpty(part)));

    private static IEnumerable<string> Path(JsonElement problem) =>
        problem.Items("loc").Where(p => p.ValueKind == JsonValueKind.String).Select(p => p.Text()).OfType<string>().Where(p => p != "body");
}
