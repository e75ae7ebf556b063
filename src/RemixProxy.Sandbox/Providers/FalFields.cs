using RemixProxy.Sandbox.Fields;
using static RemixProxy.Sandbox.Fields.Field;

namespace RemixProxy.Sandbox.Providers;

/// <summary>
/// What fal's models take, by path. Source: the types of fal's own client 1.10.1; of Gemini Omni fal's page of the model; of Ray 3.2 reports of others.
/// </summary>
internal static class FalFields
{
    private static readonly FieldRule ImageUrl = Image(MediaForms.Url | MediaForms.DataUri);

    private static readonly FieldRule VideoUrl = Video(MediaForms.Url | MediaForms.DataUri);

    private static readonly FieldList Edit = new(("prompt", Text().Required), ("video_url", VideoUrl.Required));

    private static readonly FieldList Kling = new FieldList(
        ("prompt", Text(2500)), ("multi_prompt", List(Object(("prompt", Text(512).Required), ("duration", Word(Lengths(1, 15)))))),
        ("duration", Word(Lengths(3, 15))), ("generate_audio", Flag()), ("negative_prompt", Text(2500)), ("cfg_scale", Number(0, 1)),
        ("shot_type", Word("customize", "intelligent")))
        .But(Need("prompt", body => !body.Has("multi_prompt")));

    private static readonly FieldList KlingEdit = Edit.With(
        ("keep_audio", Flag()), ("image_urls", List(ImageUrl, 4)), ("elements", List(Object(), 4)));

    private static readonly FieldList Veo = new(
        ("prompt", Text().Required), ("duration", Word("4s", "6s", "8s")), ("resolution", Word("720p", "1080p")), ("generate_audio", Flag()),
        ("negative_prompt", Text()), ("seed", Whole(int.MinValue, uint.MaxValue)), ("auto_fix", Flag()),
        ("safety_tolerance", Word("1", "2", "3", "4", "5", "6")));

    private static readonly FieldList Grok = new(("prompt", Text(4096).Required), ("duration", Whole(1, 15)), ("resolution", Word("480p", "720p")));

    /// <summary>What <c>POST {path}</c> takes.</summary>
    internal static IReadOnlyDictionary<string, FieldRule> Models { get; } = new Dictionary<string, FieldRule>(StringComparer.Ordinal)
    {
        ["fal-ai/kling-video/v3/standard/text-to-video"] = Object(Kling.With(("aspect_ratio", Word("16:9", "9:16", "1:1")))),
        ["fal-ai/kling-video/v3/standard/image-to-video"] = Object(
            Kling.With(("start_image_url", ImageUrl.Required), ("end_image_url", ImageUrl), ("elements", List(Object())))),
        ["fal-ai/kling-video/o1/video-to-video/edit"] = Object(KlingEdit),
        ["fal-ai/kling-video/o3/standard/video-to-video/edit"] = Object(KlingEdit.With(("shot_type", Text()))),
        ["fal-ai/veo3.1"] = Object(Veo.With(("aspect_ratio", Word("16:9", "9:16")))),
        ["fal-ai/veo3.1/image-to-video"] = Object(Veo.With(("aspect_ratio", Word("auto", "16:9", "9:16")), ("image_url", ImageUrl.Required))),
        ["xai/grok-imagine-video/text-to-video"] = Object(Grok.With(("aspect_ratio", Word("16:9", "4:3", "3:2", "1:1", "2:3", "3:4", "9:16")))),
        ["xai/grok-imagine-video/image-to-video"] = Object(
            Grok.With(("aspect_ratio", Word("auto", "16:9", "4:3", "3:2", "1:1", "2:3", "3:4", "9:16")), ("image_url", ImageUrl.Required))),
        ["xai/grok-imagine-video/edit-video"] = Object(Edit.With(("resolution", Word("auto", "480p", "720p")))),
        ["xai/grok-imagine-video/extend-video"] = Object(Edit.With(("duration", Whole(2, 10)))),
        ["google/gemini-omni-flash/edit"] = Object(Edit),
        ["google/gemini-omni-flash/v1.1/edit"] = Object(Edit),
        ["fal-ai/wan/v2.7/edit-video"] = Object(Edit.With(
            ("aspect_ratio", Word("16:9", "9:16", "1:1", "4:3", "3:4")), ("audio_setting", Word("auto", "origin")),
            ("duration", Word(["0", .. Lengths(2, 10)])), ("enable_safety_checker", Flag()), ("reference_image_url", ImageUrl),
            ("resolution", Word("720p", "1080p")), ("seed", Whole(0, int.MaxValue)))),
        ["luma/agent/ray/v3.2/video-to-video"] = Object(Edit.With(("duration", Word("5s", "10s")), ("resolution", Word("540p", "720p", "1080p")))),
    };

    /// <summary>The category in which fal lists a model.</summary>
    internal static string CategoryOf(string model) =>
        model.EndsWith("/image-to-video", StringComparison.Ordinal) ? "image-to-video"
        : model.EndsWith("/text-to-video", StringComparison.Ordinal) || model == "fal-ai/veo3.1" ? "text-to-video"
        : "video-to-video";

    private static string[] Lengths(int from, int to) => [.. Enumerable.Range(from, to - from + 1).Select(s => Invariant($"{s}"))];
}
