using System.Text.Json.Nodes;
using RemixProxy.Sandbox.Fields;
using static RemixProxy.Sandbox.Fields.Field;

namespace RemixProxy.Sandbox.Providers;

/// <summary>
/// What ModelArk's models take. Sources: the AI SDK's provider for ByteDance 1.0.29 (names, roles), the vendor's page of tasks as others quote it (limits, what
/// goes together, what each task needs).
/// </summary>
internal static class ArkFields
{
    /// <summary>What the vendor has a code of its own for: values that do not fit the task.</summary>
    public const string TaskConstraint = "For this task type";

    private const string Adaptive = "adaptive";
    private const int Automatic = -1;

    private static readonly string[] Frames = ["first_frame", "last_frame"];

    private static readonly string[] References = ["reference_image", "reference_video", "reference_audio"];

    private static readonly FieldRule Content = List(Variant(
        "type",
        ("text", new FieldList(("text", Text().Required))),
        ("image_url", Media("image_url", Image(MediaForms.Url | MediaForms.DataUri, 30_000_000), "first_frame", "last_frame", "reference_image")),
        ("video_url", Media("video_url", Video(MediaForms.Url), "reference_video")),
        ("audio_url", Media("audio_url", new MediaRule("audio/", MediaForms.Url | MediaForms.DataUri, 15_000_000), "reference_audio"))));

    private static readonly FieldList Common = new FieldList(
        ("content", Content.Required),
        ("ratio", Word("16:9", "4:3", "1:1", "3:4", "9:16", "21:9", Adaptive)),
        ("resolution", Word("480p", "720p")),
        ("duration", Lengths(15)),
        ("seed", Whole(-1, uint.MaxValue)),
        ("generate_audio", Flag()),
        ("watermark", Flag()),
        ("camera_fixed", Flag()),
        ("return_last_frame", Flag()),
        ("service_tier", Word("default", "flex")),
        ("callback_url", Prefixed("https://")),
        ("draft", Flag()),
        ("execution_expires_after", Whole(3600, 259_200)),
        ("priority", Whole(0, 9)),
        ("safety_identifier", Text(64)))
        .But(
            Refuse("content", "Exactly one text is needed.", body => Count(body, "text", null) != 1),
            Refuse("content", "At most one first frame, and a last one only beside it.", body =>
                Frames.Any(frame => Of(body, frame) > 1) || (Of(body, "last_frame") > 0 && Of(body, "first_frame") == 0)),
            Refuse("content", "First or last frame content cannot be mixed with reference media content.", body =>
                Frames.Any(frame => Of(body, frame) > 0) && References.Any(role => Of(body, role) > 0)),
            Refuse("ratio", "adaptive needs an image or a video.", body =>
                body.Text("ratio") == Adaptive && Frames.Concat(References).All(role => role == "reference_audio" || Of(body, role) == 0)));

    private static readonly FieldList Seedance2Fast = Common.But(
        AtMost("reference_image", 9), AtMost("reference_video", 3), AtMost("reference_audio", 3),
        Refuse("content", "Audio needs an image or a video beside it.", body =>
            Of(body, "reference_audio") > 0 && Of(body, "reference_image") + Of(body, "reference_video") == 0));

    private static readonly FieldList Seedance2 = Seedance2Fast.With(("resolution", Word("480p", "720p", "1080p")));

    private static readonly FieldList Seedance25 = Common
        .With(
            ("resolution", Word("480p", "720p", "1080p")), ("duration", Lengths(30)), ("output_format", Word("mp4", "mov")),
            ("omni_reference_task_type", Word("auto", "edit", "extend", "reference")))
        .But(
            AtMost("reference_image", 30), AtMost("reference_video", 10), AtMost("reference_audio", 10),
            Refuse("omni_reference_task_type", "There is nothing to refer to.", body =>
                TaskOf(body) is not null && References.All(role => Of(body, role) == 0)),
            Refuse("content", $"{TaskConstraint} a reference_video is needed.", body => DerivesFrom(body) && Of(body, "reference_video") == 0),
            Refuse("ratio", $"{TaskConstraint} the output ratio follows the input: it must be adaptive.", body =>
                (DerivesFrom(body) || Of(body, "first_frame") > 0) && body.Text("ratio") is not (null or Adaptive)),
            Refuse("ratio", $"{TaskConstraint} ratio must be adaptive.", body => DerivesFrom(body) && body.Text("ratio") is null),
            Refuse("duration", $"{TaskConstraint} the output duration follows the input video: it must be -1.", body =>
                TaskOf(body) == "edit" && body.Number("duration") is not Automatic));

    /// <summary>What <c>POST contents/generations/tasks</c> takes, by model.</summary>
    internal static FieldRule Tasks { get; } = Variant(
        "model",
        ("dreamina-seedance-2-0-260128", Seedance2),
        ("dreamina-seedance-2-0-fast-260128", Seedance2Fast),
        ("dreamina-seedance-2-0-mini-260615", Seedance2Fast),
        ("dreamina-seedance-2-5-260628", Seedance25));

    /// <summary>What the clips beside the text are used for; <see langword="null"/>: the model decides, or there are none.</summary>
    public static string? TaskOf(JsonObject body) => body.Text("omni_reference_task_type");

    private static FieldList Media(string name, FieldRule url, params string[] roles) =>
        new((name, Object(("url", url.Required)).Required), ("role", Word(roles).Required));

    private static FieldRule Lengths(int longest) => OneOf([Automatic, .. Enumerable.Range(4, longest - 3).Select(seconds => (long)seconds)]);

    private static FieldCondition AtMost(string role, int most) =>
        Refuse("content", Invariant($"At most {most} of role {role}."), body => Of(body, role) > most);

    private static bool DerivesFrom(JsonObject body) => TaskOf(body) is "edit" or "extend";

    private static int Of(JsonObject body, string role) => Count(body, null, role);

    private static int Count(JsonObject body, string? type, string? role) =>
        body.List("content").Count(item => (type is null || item.Text("type") == type) && (role is null || item.Text("role") == role));
}
