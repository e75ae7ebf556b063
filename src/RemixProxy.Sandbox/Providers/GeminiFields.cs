using System.Text.Json;
using System.Text.Json.Nodes;
using RemixProxy.Sandbox.Fields;
using static RemixProxy.Sandbox.Fields.Field;

namespace RemixProxy.Sandbox.Providers;

/// <summary>
/// What a create of an Omni model takes at the Interactions API. Sources: the types of Google's SDK, <c>@google/genai</c> 3.3 (fields, words); lengths, the
/// number of references, what a task needs, and that <c>safety_settings</c> are refused are only reported by others.
/// </summary>
internal static class GeminiFields
{
    /// <summary>The largest image or clip that may travel inside a request, in bytes.</summary>
    private const int MaxInlineBytes = 20 * 1024 * 1024;

    private const int MaxReferenceImages = 3;

    private static readonly FieldRule Size = Either(Text(), Whole(0, long.MaxValue));

    private static readonly FieldRule Detail = Word("low", "medium", "high", "ultra_high");

    private static (string Type, FieldList Fields)[] Parts(FieldRule imageUri) =>
    [
        ("text", new(("text", Text().Required), ("annotations", List(Object())))),
        ("image", Media("image/", imageUri, Image(MediaForms.Base64, MaxInlineBytes)).With(("resolution", Detail))),
        ("video", Media("video/", Video(MediaForms.Upload), Video(MediaForms.Base64, MaxInlineBytes)).With(
            ("name", Text()), ("processing", Either(Word("static", "agentic"), Object())), ("resolution", Detail))),
        ("audio", Media("audio/", Text(), new MediaRule("audio/", MediaForms.Base64, MaxInlineBytes)).With(
            ("channels", Whole(1, 16)), ("sample_rate", Whole(1, 384_000)))),
    ];

    private static readonly FieldRule Generation = Object(
        ("seed", Whole(int.MinValue, int.MaxValue)),
        ("video_config", Object(("task", Word("text_to_video", "image_to_video", "reference_to_video", "edit", "extend", "upscale")))),
        ("image_config", Object()),
        ("max_output_tokens", Whole(1, int.MaxValue)),
        ("speech_config", Either(Object(), List(Object()))),
        ("stop_sequences", List(Text())),
        ("temperature", Number(0, 2)),
        ("thinking_level", Word("minimal", "low", "medium", "high", "xhigh")),
        ("thinking_summaries", Word("auto", "none")),
        ("tool_choice", Either(Text(), Object())),
        ("top_p", Number(0, 1)),
        ("transcription_config", Object()));

    private static FieldList Interaction(FieldRule imageUri, double longest, params FieldCondition[] conditions) => new FieldList(
        ("input", Either(Text(min: 0), Variant("type", Parts(imageUri)), List(PartOrStep(imageUri), 50)).Required),
        ("previous_interaction_id", Video(MediaForms.Job)),
        ("background", Flag()),
        ("store", Flag()),
        ("stream", Flag(only: false)),
        ("generation_config", Generation),
        ("response_format", Either(Format(longest), List(Format(longest), 1))),
        ("response_mime_type", Text()),
        ("response_modalities", List(Word("text", "image", "audio", "video", "document"))),
        ("webhook_config", Object(("uris", List(Text())), ("user_metadata", Object()))),
        ("cached_content", Prefixed("cachedContents/")),
        ("continuation_token", Text()),
        ("environment", Either(Text(), Object())),
        ("labels", Object()),
        ("service_tier", Word("flex", "standard", "priority", "deferred")),
        ("system_instruction", Text(min: 0)),
        ("tools", List(Object())))
        .But(
            Refuse("input", "The input has no text.", body => string.IsNullOrWhiteSpace(PromptOf(body))),
            Refuse("input", $"At most {MaxReferenceImages} images are allowed.", body => PartsOf(body, "image").Count() > MaxReferenceImages),
            Refuse("input", "A previous interaction and a video part exclude each other.", body =>
                body.Has("previous_interaction_id") && PartsOf(body, "video").Any()),
            RefuseTask("This task needs a video or a previous interaction.", (task, body) => task is "edit" or "extend" or "upscale" && !HasSource(body)),
            RefuseTask("This task takes text only.", (task, body) => task == "text_to_video" && (HasSource(body) || PartsOf(body, "image").Any())),
            RefuseTask("This task needs an image.", (task, body) =>
                task is "image_to_video" or "reference_to_video" && !PartsOf(body, "image").Any() && !PartsOf(body, "video").Any()),
            Refuse("response_format.duration", "The output of an edit follows the input: duration is not allowed.", body =>
                TaskOf(body) is "edit" or "upscale" && FormatOf(body)?.Has("duration") == true),
            Refuse("store", "A background interaction, and one that follows another, must be stored.", body =>
                body.Flag("store") == false && (body.Flag("background") == true || body.Has("previous_interaction_id"))))
        .But(conditions);

    /// <summary>What <c>POST interactions</c> takes, by model.</summary>
    public static FieldRule Interactions { get; } =
        Variant("model", ("gemini-omni-1.1-flash", Interaction(Text(), 10)), ("gemini-omni-1.2-flash", Interaction(Text(), 10)));

    /// <summary>The same at Google Cloud, which fetches nothing from the web, and delivers by address into a bucket only.</summary>
    public static FieldRule CloudInteractions { get; } =
        Variant("model", ("gemini-omni-1.1-flash-preview", Cloud(10)), ("gemini-omni-1.2-flash", Cloud(15)));

    /// <summary>What starts an upload; the official SDK names all, others only the display name.</summary>
    public static FieldRule Upload { get; } = Object(("file", Object(
        ("name", Prefixed(GeminiFiles.Collection, 46)), ("display_name", Text(512, min: 0)), ("displayName", Text(512, min: 0)),
        ("mime_type", Text()), ("mimeType", Text()),
        ("size_bytes", Size), ("sizeBytes", Size))));

    /// <summary>The task that is named, or else the one that the model takes it for.</summary>
    public static string TaskOf(JsonObject body) => body.Object("generation_config").Object("video_config").Text("task")
        ?? (HasSource(body) ? "edit" : PartsOf(body, "image").Any() ? "image_to_video" : "text_to_video");

    /// <summary>The format of the output, alone or as the one item of a list.</summary>
    public static JsonObject? FormatOf(JsonObject body) => body.Object("response_format") ?? body.List("response_format").FirstOrDefault() as JsonObject;

    public static string PromptOf(JsonObject body) => body.Text("input") ?? string.Join('\n', PartsOf(body, "text").Select(part => part.Text("text")));

    /// <summary>The parts of the input, in any of the ways in which it may be written.</summary>
    public static IEnumerable<JsonObject> PartsOf(JsonObject body, string type) => Flat(body["input"]).Where(part => part.Text("type") == type);

    /// <summary>The input as a poll gives it back: all parts, without bytes.</summary>
    public static JsonArray InputOf(JsonObject body) => [.. Flat(body["input"]).Select(WithoutBytes)];

    private static JsonObject WithoutBytes(JsonObject part)
    {
        var copy = (JsonObject)part.DeepClone();
        copy.Remove("data");
        return copy;
    }

    private static IEnumerable<JsonObject> Flat(JsonNode? input) => input switch
    {
        JsonArray items => items.SelectMany(Flat),
        JsonObject item => item.Text("type") == "user_input" ? Flat(item["content"]) : [item],
        { } text when text.GetValueKind() == JsonValueKind.String => [new JsonObject { ["type"] = "text", ["text"] = text.GetValue<string>() }],
        _ => [],
    };

    private static FieldRule PartOrStep(FieldRule imageUri) =>
        Variant("type", [.. Parts(imageUri), ("user_input", new(("content", List(Variant("type", Parts(imageUri)), 50))))]);

    private static FieldRule Format(double longest) => Object(
        ("type", Word("video").Required),
        ("delivery", Word("inline", "uri")),
        ("aspect_ratio", Word("16:9", "9:16")),
        ("resolution", Word("360p", "720p", "1080p", "4k")),
        ("duration", Seconds(3, longest)),
        ("gcs_uri", Prefixed("gs://")));

    private static FieldList Cloud(double longest) => Interaction(
        Prefixed("gs://"), longest,
        Refuse("response_format.gcs_uri", "Delivery by uri needs a gcs_uri.", body => FormatOf(body) is { } format
            && format.Text("delivery") == "uri" && !format.Has("gcs_uri")),
        Refuse("response_format", "The output of this task has the size of its source.", body => HasSource(body) && TaskOf(body) is "edit" or "extend"
            && (FormatOf(body)?.Has("aspect_ratio") == true || FormatOf(body)?.Has("resolution") == true)));

    private static bool HasSource(JsonObject body) => body.Has("previous_interaction_id") || PartsOf(body, "video").Any();

    private static FieldList Media(string kind, FieldRule uri, FieldRule data) =>
        new FieldList(("mime_type", Prefixed(kind)), ("uri", uri), ("data", data)).But(ExactlyOne("uri", "data"), Need("mime_type", part => part.Has("data")));

    private static FieldCondition RefuseTask(string message, Func<string, JsonObject, bool> when) =>
        Refuse("generation_config.video_config.task", message, body => when(TaskOf(body), body));
}
