using System.Text.Json.Nodes;
using RemixProxy.Sandbox.Fields;
using static RemixProxy.Sandbox.Fields.Field;

namespace RemixProxy.Sandbox.Providers;

/// <summary>
/// What each of Runway's models takes, by endpoint. Fields, words, prompt lengths and what excludes what: the types and comments of Runway's SDK 4.20.1
/// (<c>text-to-video.d.ts</c>, <c>image-to-video.d.ts</c>, <c>video-to-video.d.ts</c>). Where it gives a duration no range, the range is that of the
/// model's own maker.
/// </summary>
internal static class RunwayFields
{
    private const int MaxDataBytes = 5 * 1024 * 1024;
    private const long MaxSeed = uint.MaxValue;

    private static readonly string[] Gen4Text = ["1280:720", "720:1280"];

    private static readonly string[] Gen4Image = ["1280:720", "720:1280", "1104:832", "832:1104", "960:960", "1584:672"];

    private static readonly string[] Veo = ["1280:720", "720:1280", "1080:1920", "1920:1080"];

    private static readonly string[] Omni = ["640:360", "360:640", "1280:720", "720:1280", "1920:1080", "1080:1920", "3840:2160", "2160:3840"];

    private static readonly string[] Seedance2Small =
    [
        "992:432", "864:496", "752:560", "640:640", "560:752", "496:864", "1470:630", "1280:720", "1112:834", "960:960", "834:1112", "720:1280",
    ];

    private static readonly string[] Seedance1080 = ["2206:946", "1920:1080", "1664:1248", "1440:1440", "1248:1664", "1080:1920"];

    private static readonly string[] Seedance2Large =
        [.. Seedance2Small, .. Seedance1080, "3840:1646", "3840:2160", "3840:2880", "3840:3840", "2880:3840", "2160:3840"];

    private static readonly string[] Seedance25Ratios =
    [
        "992:432", "854:480", "752:560", "640:640", "560:752", "480:854", "1470:630", "1280:720", "1112:834", "960:960", "834:1112", "720:1280",
        .. Seedance1080,
    ];

    private static readonly string[] HappyhorseRatios =
        ["1280:720", "720:1280", "960:960", "1108:832", "832:1108", "1920:1080", "1080:1920", "1440:1440", "1662:1248", "1248:1662"];

    private static readonly string[] WanAuto = ["auto_480p", "auto_720p", "auto_1080p"];

    private static readonly string[] WanRatios =
    [
        "832:480", "720:544", "624:624", "544:720", "480:832", "1280:720", "1104:832", "960:960", "832:1104", "720:1280",
        "1920:1080", "1648:1248", "1440:1440", "1248:1648", "1080:1920", .. WanAuto,
    ];

    private static readonly string[] Resolutions = ["480p", "720p", "1080p"];

    private static readonly string[] Profiles = ["422", "4444", "422 Proxy", "422 LT", "422 HQ", "4444 XQ"];

    private static readonly string[] FirstAndLast = ["first", "last"];

    private static readonly FieldRule Seed = Whole(0, MaxSeed);

    private static readonly FieldRule Picture = Media("image/");

    private static readonly FieldRule Clip = Media("video/");

    private static readonly FieldRule Moderation = Object(("publicFigureThreshold", Word("auto", "low")));

    private static readonly FieldRule Clips = List(Object(("type", Word("video").Required), ("uri", Clip.Required)));

    private static readonly FieldRule Sounds = List(Object(("type", Word("audio").Required), ("uri", Media("audio/").Required)));

    // Each list is what a text, an image and a video start have in common.
    private static readonly FieldList Gen4 = new(("promptText", Text(1000)), ("contentModeration", Moderation), ("seed", Seed));

    private static readonly FieldList Gen45 = Gen4
        .With(
            ("promptText", Text(1000).Required), ("duration", Whole(2, 10).Required), ("proresProfile", Word(Profiles)),
            ("outputFormat", Word(
                "mp4", "prores", "png_sequence", "hdr10", "hlg", "sdr_rec709_10bit", "hdr_pq_12bit_master", "hdr_prores", "hdr_png_sequence",
                "hdr_exr_sequence", "hdr_exr_acescg_sequence_1_3", "hdr_exr_acescg_sequence_2_0")))
        .But(ProfileNeeds("prores", "hdr_prores"), Refuse("proresProfile", "hdr_prores has 422, 422 HQ and 4444 only.", body =>
            body.Text("outputFormat") == "hdr_prores" && body.Text("proresProfile") is "422 Proxy" or "422 LT" or "4444 XQ"));

    private static readonly FieldList Veo31 = new(
        ("promptText", Text(1000)), ("ratio", Word(Veo).Required), ("duration", OneOf(4, 6, 8)), ("audio", Flag()), ("negativePrompt", Text()), ("seed", Seed));

    // Lengths: MiniMax's page.
    private static readonly FieldList Hailuo3 = new(
        ("promptText", Text().Required), ("duration", Whole(4, 15)), ("referenceAudio", Sounds), ("resolution", Word("768p", "2k", "768P", "2K")),
        ("ratio", Word("adaptive", "21:9", "16:9", "4:3", "1:1", "3:4", "9:16")));

    private static readonly FieldList H3Max = new(
        ("promptText", Text().Required), ("duration", Whole(5, 15)), ("promptExpansionMode", Word("disabled", "balanced", "quality")),
        ("resolution", Word("480p", "768p")), ("seed", Seed));

    // Lengths: Alibaba's pages.
    private static readonly FieldList Happyhorse = new(("promptText", Text(2500)), ("duration", Whole(3, 15)));

    private static readonly FieldList Wan3 = new(
        ("promptText", Text().Required), ("duration", Whole(2, 15)), ("ratio", Word(WanRatios)), ("audio", Flag()), ("referenceAudio", Sounds),
        ("referenceVideos", Clips));

    // Lengths: xAI's page.
    private static readonly FieldList Grok15 = new(("promptText", Text()), ("duration", Whole(1, 15)), ("resolution", Word(Resolutions)));

    private static readonly FieldList OmniFlash = new(("promptText", Text()), ("duration", Whole(3, 10)), ("ratio", Word(Gen4Text)));

    private static readonly FieldList OmniFlash11 = new(
        ("promptText", Text().Required), ("duration", Either(Whole(3, 10), Word("auto"))), ("ratio", Word(Omni)));

    private static readonly FieldCondition WanFollowsFrame = Refuse(
        "ratio", "Keyframes need one of auto_480p, auto_720p, auto_1080p.", body =>
            body.Text("ratio") is { } ratio && !WanAuto.Contains(ratio) && Positions(body).Any(position => position is not null));

    private static readonly FieldList Seedance2 = Seedance(3500, 15, Seedance2Large);

    private static readonly FieldList Seedance2Less = Seedance(3500, 15, Seedance2Small);

    private static readonly FieldList Seedance25 = Seedance(15_000, 30, Seedance25Ratios);

    public static FieldRule TextToVideo { get; } = Variant("model",
        ("gen4.5", Gen45.With(("ratio", Word(Gen4Text).Required))),
        ("veo3.1", Veo31.With(("promptText", Text(1000).Required))),
        ("veo3.1_fast", Veo31.With(("promptText", Text(1000).Required))),
        ("hailuo3", WithReferences(Hailuo3, 9)
            .But(Refuse("ratio", "Text alone needs a concrete ratio.", body =>
                body.Text("ratio") == "adaptive" && !body.Has("references") && !body.Has("referenceVideos")))),
        ("happyhorse_1_0", Happyhorse.With(("promptText", Text(2500).Required), ("ratio", Word(HappyhorseRatios)))),
        ("seedance2", WithReferences(Seedance2.With(("promptText", Text(3500).Required)), 9)),
        ("seedance2_fast", WithReferences(Seedance2Less.With(("promptText", Text(3500).Required)), 9)),
        ("seedance2_mini", WithReferences(Seedance2Less.With(("promptText", Text(3500).Required)), 9)),
        ("seedance2_5", WithReferences(Seedance25, 30)),
        ("gemini_omni_flash", OmniFlash.With(("promptText", Text().Required))),
        ("gemini_omni_flash_1.1", OmniFlash11.With(("references", Pictures()), ("referenceVideos", List(Object(("uri", Clip.Required)))))),
        ("grok_imagine_1_5", Grok15.With(
            ("promptText", Text().Required), ("ratio", Word("1:1", "16:9", "9:16", "4:3", "3:4", "3:2", "2:3")), ("references", Pictures()),
            ("referenceAudio", Sounds))
            .But(Refuse("referenceAudio", "Audio references need an image reference.", body => body.Has("referenceAudio") && !body.Has("references")))
            .But(Refuse("resolution", "Image references are capped at 720p.", body => body.Text("resolution") == "1080p" && body.Has("references")))),
        ("wan3", Wan3.With(("references", Pictures(10)))),
        ("wan3_prime", Wan3.With(("references", Pictures(10)))),
        ("h3_max", H3Max));

    public static FieldRule ImageToVideo { get; } = Variant("model",
        ("gen4.5", FromFirst(Gen45.With(("ratio", Word(Gen4Image).Required)))),
        ("gen4_turbo", FromFirst(Gen4.With(("ratio", Word(Gen4Image).Required), ("duration", Whole(2, 10))))),
        ("veo3.1", FromFrames(Veo31)),
        ("veo3.1_fast", FromFrames(Veo31)),
        ("hailuo3", FromImages(Hailuo3, 9)),
        ("happyhorse_1_0", FromFirst(Happyhorse.With(("resolution", Word("720p", "1080p", "720P", "1080P"))))),
        ("seedance2", FromImages(Seedance2, 9)),
        ("seedance2_fast", FromImages(Seedance2Less, 9)),
        ("seedance2_mini", FromImages(Seedance2Less, 9)),
        ("seedance2_5", FromImages(Seedance25, 30)),
        ("gemini_omni_flash", FromFirst(OmniFlash)),
        ("gemini_omni_flash_1.1", FromFrames(OmniFlash11)),
        ("grok_imagine_1_5", FromFirst(Grok15)),
        ("wan3", FromImages(Wan3, 10).But(WanFollowsFrame)),
        ("wan3_prime", FromImages(Wan3, 10).But(WanFollowsFrame)),
        ("h3_max", FromFrames(H3Max)));

    public static FieldRule VideoToVideo { get; } = Variant("model",
        ("aleph2", new FieldList(
            ("videoUri", Clip.Required), ("promptText", Text()), ("contentModeration", Moderation), ("seed", Seed), ("keyframes", List(Keyframe(), 5)),
            ("outputFormat", Word("mp4", "prores", "png_sequence", "sdr_rec709_10bit")), ("proresProfile", Word(Profiles)), ("ratio", Text()),
            ("targetAspectRatio", Word("16:9", "4:3", "3:2", "1:1", "2:3", "3:4", "9:16", "21:9")))
            .But(ProfileNeeds("prores"), Refuse("keyframes", "All keyframes must set a range, or none.", body =>
                body.List("keyframes").Select(keyframe => keyframe.Object("range") is null).Distinct().Count() > 1))),
        ("gemini_omni_flash", new(("videoUri", Clip.Required), ("promptText", Text().Required), ("references", Pictures()))),
        ("gemini_omni_flash_1.1", OmniFlash11.With(("videoUri", Clip.Required), ("references", Pictures()), ("mode", Word("reference", "extend", "edit")))),
        ("seedance2", FromVideo(Seedance2, 9)),
        ("seedance2_fast", FromVideo(Seedance2Less, 9)),
        ("seedance2_mini", FromVideo(Seedance2Less, 9)),
        ("seedance2_5", FromVideo(Seedance25, 30).With(("mode", Word("reference", "extend", "edit"))).But(
            Need("promptText", body => body.Text("mode") is "edit" or "extend"),
            Refuse("ratio", "Not allowed in the modes edit and extend.", body => body.Text("mode") is "edit" or "extend" && body.Has("ratio")),
            Refuse("duration", "Expected \"auto\" in mode edit.", body => body.Text("mode") == "edit" && body.Text("duration") != "auto"))),
        ("hailuo3", FromVideo(Hailuo3, 9)));

    // Lengths: ModelArk's pages, 4–15 s and with 2.5 up to 30 s.
    private static FieldList Seedance(int maxPrompt, int maxSeconds, string[] ratios) => new(
        ("promptText", Text(maxPrompt)), ("duration", Either(Whole(4, maxSeconds), Word("auto"))), ("ratio", Word(ratios)), ("audio", Flag()),
        ("referenceAudio", Sounds), ("seed", Seed));

    private static FieldList WithReferences(FieldList fields, int max) => fields.With(("references", Pictures(max)), ("referenceVideos", Clips));

    private static FieldList FromVideo(FieldList fields, int max) => WithReferences(fields, max).With(("promptVideo", Clip.Required));

    private static MediaRule Media(string kind) => new(kind, MediaForms.Url | MediaForms.DataUri | MediaForms.Upload, MaxDataBytes);

    private static FieldRule Pictures(int max = int.MaxValue) => List(Object(("uri", Picture.Required)), max);

    /// <summary>The list of a start with a first frame only.</summary>
    private static FieldList FromFirst(FieldList fields) => From(fields, Word("first").Required, 1);

    /// <summary>The list of a start with a first frame, and perhaps a last one.</summary>
    private static FieldList FromFrames(FieldList fields) => From(fields, Word(FirstAndLast).Required, 2).But(
        Refuse("promptImage", "A last frame needs a first frame.", body => Positions(body) is ["last"]));

    /// <summary>The list of a start with frames or, without a position, with references.</summary>
    private static FieldList FromImages(FieldList fields, int max) => From(fields, Word(FirstAndLast), max).But(
        Refuse("promptImage", "Frames and references exclude each other.", body =>
            Positions(body) is var all && all.Contains(null) && all.Distinct(StringComparer.Ordinal).Count() > 1));

    private static FieldList From(FieldList fields, FieldRule position, int max) => fields
        .With(("promptImage", Either(Picture, List(Object(("uri", Picture.Required), ("position", position)), max)).Required))
        .But(
            Refuse("promptImage", "Expected at least one image.", body => body["promptImage"] is JsonArray { Count: 0 }),
            Refuse("promptImage", "Each position may be taken once.", body =>
                Positions(body).OfType<string>().ToArray() is var taken && taken.Distinct(StringComparer.Ordinal).Count() < taken.Length));

    private static string?[] Positions(JsonObject body) => [.. body.List("promptImage").Select(image => image.Text("position"))];

    private static FieldRule Keyframe() => Object(new FieldList(
        ("seconds", Number(0)), ("at", Number(0, 1)), ("uri", Picture.Required),
        ("range", Object(("start_seconds", Whole(0, int.MaxValue).Required), ("end_seconds", Whole(0, int.MaxValue).Required))))
        .But(
            ExactlyOne("seconds", "at"),
            Refuse("range", "The keyframe must lie within its range.", keyframe =>
                keyframe.Object("range") is { } range && keyframe.Number("seconds") is { } at
                && (at < range.Number("start_seconds") || at >= range.Number("end_seconds")))));

    private static FieldCondition ProfileNeeds(params string[] formats) => Refuse(
        "proresProfile", $"Only valid with an outputFormat of {string.Join(", ", formats)}.", (JsonObject body) =>
            body.Has("proresProfile") && !formats.Contains(body.Text("outputFormat")));
}
