using System.Text.Json.Nodes;
using RemixProxy.Sandbox.Fields;
using static RemixProxy.Sandbox.Fields.Field;

namespace RemixProxy.Sandbox.Providers;

/// <summary>
/// What <c>predictLongRunning</c> of a Veo 3.1 model takes. Sources: the types of Google's SDK, <c>@google/genai</c> 3.3, and Google Cloud's pages on Veo; what
/// excludes what is as these pages tell it.
/// </summary>
internal static class VeoFields
{
    private static readonly FieldRule Image = Media("image/", new MediaRule("image/", MediaForms.Base64, 20 << 20));

    private static readonly FieldRule Instance = Object(new FieldList(
        ("prompt", Text().Required),
        ("image", Image),
        ("lastFrame", Image),
        ("referenceImages", List(Object(("image", Image.Required), ("referenceType", Word("ASSET", "asset").Required)), 3)),
        ("video", Media("video/", new MediaRule("video/", MediaForms.Base64, int.MaxValue))))
        .But(
            Refuse("lastFrame", "A last frame needs a first one.", body => body.Has("lastFrame") && !body.Has("image")),
            Refuse("referenceImages", "Reference images exclude frames and a video.", body =>
                body.Has("referenceImages") && (body.Has("image") || body.Has("video"))),
            Refuse("video", "A video is extended without images.", body => body.Has("video") && body.Has("image"))));

    private static readonly FieldRule Parameters = Object(
        ("sampleCount", Whole(1, 4)),
        ("storageUri", Prefixed("gs://")),
        ("durationSeconds", OneOf(4, 6, 8)),
        ("fps", Whole(24, 24)),
        ("seed", Whole(0, uint.MaxValue)),
        ("aspectRatio", Word("16:9", "9:16")),
        ("resolution", Word("720p", "1080p", "4k")),
        ("personGeneration", Word("dont_allow", "allow_adult", "allow_all")),
        ("pubsubTopic", Text()),
        ("negativePrompt", Text()),
        ("enhancePrompt", Flag()),
        ("generateAudio", Flag()),
        ("compressionQuality", Word("OPTIMIZED", "LOSSLESS")),
        ("resizeMode", Word("pad", "crop")));

    /// <summary>The models.</summary>
    public static IReadOnlyList<string> Models { get; } = ["veo-3.1-fast-generate-001", "veo-3.1-generate-001"];

    /// <summary>What a submit takes.</summary>
    public static FieldRule Predict { get; } = Object(new FieldList(
        ("instances", List(Instance, 1).Required), ("parameters", Parameters), ("labels", Object()))
        .But(
            Refuse("parameters.durationSeconds", "An extension has a length of its own.", body =>
                InstanceOf(body)?.Has("video") == true && body.Object("parameters")?.Has("durationSeconds") == true),
            Refuse("parameters.durationSeconds", "With reference images a video has 8 seconds.", body =>
                InstanceOf(body)?.Has("referenceImages") == true && body.Object("parameters").Number("durationSeconds") is not (null or 8)),
            Refuse("parameters.resizeMode", "A resize mode needs an image.", body =>
                InstanceOf(body)?.Has("image") != true && body.Object("parameters")?.Has("resizeMode") == true)));

    /// <summary>What a poll takes.</summary>
    public static FieldRule Poll { get; } = Object(("operationName", Text().Required));

    public static JsonObject? InstanceOf(JsonObject body) => body.List("instances").FirstOrDefault() as JsonObject;

    private static FieldRule Media(string kind, FieldRule bytes) => Object(new FieldList(
        ("gcsUri", kind == "video/" ? Video(MediaForms.Upload) : Prefixed("gs://")), ("bytesBase64Encoded", bytes), ("mimeType", Prefixed(kind).Required))
        .But(ExactlyOne("gcsUri", "bytesBase64Encoded")));
}
