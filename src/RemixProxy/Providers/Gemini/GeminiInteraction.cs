using System.Text.Json;
using RemixProxy.Adapters;
using RemixProxy.Contract;
using RemixProxy.Providers.Kit;

namespace RemixProxy.Providers.Gemini;

/// <summary>An interaction as <c>POST interactions</c> and <c>GET interactions/{id}</c> answer it.</summary>
/// <param name="root">The object.</param>
internal sealed class GeminiInteraction(JsonElement root)
{
    private const string DefaultType = "video/mp4";

    /// <summary>What this turn's model said, last first: earlier turns may stand before its <c>user_input</c>.</summary>
    private readonly JsonElement[] _outputs = [.. root.Items("steps").Reverse().TakeWhile(s => s.Text("type") != "user_input").Where(
        s => s.Text("type") == "model_output")];

    /// <exception cref="JsonException">The body is no JSON object.</exception>
    public static VideoSnapshot Read(NativeResponse response) => new GeminiInteraction(response.ReadObject()).ToSnapshot();

    private VideoSnapshot ToSnapshot()
    {
        var told = new VideoSnapshot
        {
            Id = root.Text("id"),
            Status = VideoStatus.InProgress,
            Model = root.Text("model"),
            Prompt = Prompt(),
            RemixedFromId = root.Text("previous_interaction_id"),
            CreatedAt = root.Time("created"),
        };
        return root.Text("status") switch
        {
            "queued" => told with { Status = VideoStatus.Queued },
            "completed" => Completed(told),
            "failed" => Failed(told, "provider_error", "The provider gave no reason."),
            "cancelled" => Failed(told, "cancelled", "The video was cancelled at the provider."),
            "incomplete" => Failed(told, "aborted", "The provider stopped before the video was made."),
            "budget_exceeded" => Failed(told, "budget_exceeded", "The provider's budget for this video was used up."),
            "requires_action" => Failed(told, "provider_error", "The provider waits for an action that the Videos API has no call for."),
            _ => told,
        };
    }

    private VideoSnapshot Completed(VideoSnapshot told)
    {
        if (Parts("video").Select(Output).FirstOrDefault(o => o is not null) is { } output)
            return told with { Status = VideoStatus.Completed, CompletedAt = root.Time("updated"), Outputs = [output] };
        if (Error() is null && !MadeVideo)
            return Failed(told, "moderation_blocked", "The provider finished without a video and without a reason, which is how it refuses one.");
        return Failed(told, "provider_error", "The provider reported a video in a form that is not known here.");
    }

    /// <summary>A failed state with the provider's own reason where it gave one; a content filter's reason decides the code.</summary>
    private VideoSnapshot Failed(VideoSnapshot told, string code, string otherwise)
    {
        var error = Error();
        var message = error?.Message ?? Said() ?? otherwise;
        return told with { Status = VideoStatus.Failed, Error = new(error?.IsModeration == true ? "moderation_blocked" : code, message) };
    }

    private GeminiError? Error() => GeminiError.Find(root) ?? _outputs.Select(GeminiError.Find).FirstOrDefault(e => e is not null);

    /// <summary>Paid tokens or an empty part prove a video that can't be found: no refusal.</summary>
    private bool MadeVideo =>
        Parts("video").Any()
        || root.Member("usage").Items("output_tokens_by_modality").Any(m => m.Text("modality")?.ToLowerInvariant() == "video" && m.Number("tokens") > 0);

    private static NativeOutput? Output(JsonElement part)
    {
        var type = part.Text("mime_type");
        if (part.Text("uri") is { } uri) return new(AsMedia(uri)) { ContentType = type };
        return part.Text("data") is { } data ? new($"data:{type ?? DefaultType};base64,{data}") { ContentType = type ?? DefaultType } : null;
    }

    private static string AsMedia(string uri)
    {
        const string Media = "alt=media";
        return uri.Contains(Media, StringComparison.Ordinal) ? uri : uri + (uri.Contains('?', StringComparison.Ordinal) ? '&' : '?') + Media;
    }

    private string? Said() => Joined(Parts("text").Reverse());

    private string? Prompt() => root.Items("steps").LastOrDefault(s => s.Text("type") == "user_input") is { ValueKind: JsonValueKind.Object } input
        ? input.Text("content") ?? Joined(input.Items("content").Where(p => p.Text("type") == "text"))
        : null;

    /// <summary>This turn's parts of that type, last first.</summary>
    private IEnumerable<JsonElement> Parts(string type) => _outputs.SelectMany(s => s.Items("content").Reverse()).Where(p => p.Text("type") == type);

    private static string? Joined(IEnumerable<JsonElement> parts) => string.Join('\n', parts.Select(p => p.Text("text"))) is { Length: > 0 } text ? text : null;
}
