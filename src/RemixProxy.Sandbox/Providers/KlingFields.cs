using System.Text.Json.Nodes;
using RemixProxy.Sandbox.Fields;
using static RemixProxy.Sandbox.Fields.Field;

namespace RemixProxy.Sandbox.Providers;

/// <summary>
/// What Kling's models take, by path. Source: Kling's page of the Omni models; text to video and the turbo model through integrations of others. That images
/// may be bare base64 is known of the older API only.
/// </summary>
internal static class KlingFields
{
    private static readonly string[] Frames = ["first_frame", "last_frame"];

    private static readonly FieldRule ImageUrl = Either(Image(MediaForms.Url), Image(MediaForms.Base64)).Required;

    private static readonly FieldList OfPrompt = new(("text", Text(3072).Required));

    private static readonly FieldList OfImage = new(("url", ImageUrl), ("id", Text()));

    private static readonly FieldList OfVideo = new(("url", Video(MediaForms.Url).Required), ("id", Text()));

    private static readonly FieldRule Options = Object(
        ("callback_url", Prefixed("https://")), ("external_task_id", Text(256)), ("watermark_info", Object(("enabled", Flag().Required))));

    private static readonly FieldList Full = Settings("720p", "1080p", "4k");

    private static readonly FieldList Turbo = Settings("720p", "1080p");

    private static readonly FieldList OmniSettings = Full.With(("audio", Word("native", "off", "original")));

    private static readonly FieldList OmniFields = new FieldList(
        ("contents", List(Variant(
            "type", ("prompt", OfPrompt), ("first_frame", OfImage), ("last_frame", OfImage), ("refer_image", OfImage), ("feature_video", OfVideo),
            ("base_video", OfVideo), ("element", new(("id", Text())))))
            .Required),
        ("settings", Object(OmniSettings)),
        ("options", Options))
        .But(
            Refuse("contents", "Exactly one prompt is needed.", body => Count(body, "prompt") != 1),
            Refuse("contents", "At most one base_video, and no frame beside it.", body =>
                Edits(body) && (Count(body, "base_video") > 1 || Frames.Any(frame => Count(body, frame) > 0))),
            Refuse("contents", "At most one feature_video.", body => Count(body, "feature_video") > 1),
            Refuse("settings.multi_shot", "multi_shot must be false beside a base_video.", body =>
                Edits(body) && body.Object("settings").Flag("multi_shot") != false),
            Refuse("settings.audio", "audio must be original or off beside a base_video, and original nowhere else.", body =>
                body.Object("settings").Text("audio") is { } audio && audio == (Edits(body) ? "native" : "original")),
            Refuse("settings.duration", "duration and aspect_ratio follow the base_video.", body =>
                Edits(body) && body.Object("settings") is { } settings && (settings.Has("duration") || settings.Has("aspect_ratio"))),
            Refuse("settings.aspect_ratio", "aspect_ratio is required without a first frame.", body =>
                !Edits(body) && Count(body, "first_frame") == 0 && body.Object("settings").Text("aspect_ratio") is null));

    /// <summary>What <c>POST text-to-video/{model}</c> takes.</summary>
    internal static IReadOnlyDictionary<string, FieldRule> TextToVideo { get; } = new Dictionary<string, FieldRule>(StringComparer.Ordinal)
    {
        ["kling-3.0"] = OfText(Full), ["kling-3.0-turbo"] = OfText(Turbo),
    };

    /// <summary>What <c>POST image-to-video/{model}</c> takes.</summary>
    internal static IReadOnlyDictionary<string, FieldRule> ImageToVideo { get; } = new Dictionary<string, FieldRule>(StringComparer.Ordinal)
    {
        ["kling-3.0"] = OfFrames(Full, ("prompt", OfPrompt), ("first_frame", OfImage), ("last_frame", OfImage)),
        ["kling-3.0-turbo"] = OfFrames(Turbo, ("prompt", OfPrompt), ("first_frame", OfImage)),
    };

    /// <summary>What <c>POST omni-video/{model}</c> takes.</summary>
    internal static IReadOnlyDictionary<string, FieldRule> OmniVideo { get; } = new Dictionary<string, FieldRule>(StringComparer.Ordinal)
    {
        ["kling-3.0-omni"] = Object(OmniFields),
    };

    /// <summary>The first of the contents of a type.</summary>
    public static JsonNode? Content(JsonObject body, string type) => body.List("contents").FirstOrDefault(content => content.Text("type") == type);

    private static FieldList Settings(params string[] resolutions) => new(
        ("resolution", Word(resolutions)), ("aspect_ratio", Word("16:9", "9:16", "1:1")), ("duration", Whole(3, 15)), ("audio", Word("native", "off")),
        ("multi_shot", Flag()));

    private static FieldRule OfText(FieldList settings) => Object(
        ("prompt", Text(3072).Required),
        ("settings", Object(settings.With(("aspect_ratio", Word("16:9", "9:16", "1:1").Required))).Required),
        ("options", Options));

    private static FieldRule OfFrames(FieldList settings, params (string Type, FieldList Fields)[] contents) => Object(
        new FieldList(("contents", List(Variant("type", contents)).Required), ("settings", Object(settings)), ("options", Options))
            .But(Refuse("contents", "Exactly one first_frame and at most one prompt are needed.", body =>
                Count(body, "first_frame") != 1 || Count(body, "prompt") > 1 || Count(body, "last_frame") > 1)));

    private static bool Edits(JsonObject body) => Count(body, "base_video") > 0;

    private static int Count(JsonObject body, string type) => body.List("contents").Count(content => content.Text("type") == type);
}
