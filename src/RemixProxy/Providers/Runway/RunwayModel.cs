using RemixProxy.Adapters;
using RemixProxy.Contract;

namespace RemixProxy.Providers.Runway;

/// <summary>How an endpoint of Runway's API takes the size of a video.</summary>
internal enum RunwayShape
{
    /// <summary>Not at all; the provider decides, or the size follows the source.</summary>
    None,

    /// <summary>As <c>ratio</c> in pixels, e.g. <c>1280:720</c>.</summary>
    Pixels,

    /// <summary>As <c>ratio</c>, e.g. <c>16:9</c>, and <c>resolution</c>.</summary>
    Words,

    /// <summary>As <c>resolution</c> alone.</summary>
    Resolution,

    /// <summary>As <c>ratio</c> without an aspect ratio, e.g. <c>auto_720p</c>.</summary>
    Auto,
}

/// <summary>
/// A model, and what each endpoint takes for it. Source: Runway's SDK 4.20.1. Lengths and numbers of references that it does not give are those of the model's
/// own maker.
/// </summary>
internal sealed record RunwayModel(string Id, VideoOperation Operations) : VideoModel(Id, Operations)
{
    private const VideoOperation Edits = VideoOperation.Remix | VideoOperation.Edit;

    private static readonly string[] Profiles = ["422", "4444", "422 Proxy", "422 LT", "422 HQ", "4444 XQ"];

    private static readonly ModelField Seed = ModelField.Integer("seed");

    private static readonly IReadOnlyList<ModelField> OfGen4 = [Seed, .. Twice(ModelField.Object("content_moderation"))];

    private static readonly ModelInputs Frames = new() { FirstFrame = true, LastFrame = true };

    private static readonly IReadOnlyList<SizeOption> WideOrTall = SizeOption.Standard(["16:9", "9:16"], ["720p"]);

    private static readonly IReadOnlyList<SizeOption> Gen4Sizes = SizeOption.Standard(
        ["16:9", "9:16", "4:3", "3:4", "1:1", "21:9"], ["720p"],
        Option("4:3", "720p", 1104, 832), Option("1:1", "720p", 960, 960), Option("21:9", "720p", 1584, 672));

    private static readonly string[] SixAspects = ["16:9", "9:16", "21:9", "4:3", "3:4", "1:1"];

    private static readonly IReadOnlyList<SizeOption> SeedanceOptions =
    [
        Option("21:9", "480p", 992, 432), Option("4:3", "480p", 752, 560), Option("1:1", "480p", 640, 640),
        Option("21:9", "720p", 1470, 630), Option("4:3", "720p", 1112, 834), Option("1:1", "720p", 960, 960),
        Option("21:9", "1080p", 2206, 946), Option("4:3", "1080p", 1664, 1248), Option("1:1", "1080p", 1440, 1440),
        Option("21:9", "4k", 3840, 1646), Option("4:3", "4k", 3840, 2880), Option("1:1", "4k", 3840, 3840),
    ];

    private static readonly IReadOnlyList<SizeOption> Seedance2Options = [Option("16:9", "480p", 864, 496), .. SeedanceOptions];

    private static readonly IReadOnlyList<SizeOption> HappyhorseSizes = SizeOption.Standard(
        ["16:9", "9:16", "1:1", "4:3", "3:4"], ["720p", "1080p"],
        Option("1:1", "720p", 960, 960), Option("4:3", "720p", 1108, 832), Option("1:1", "1080p", 1440, 1440), Option("4:3", "1080p", 1662, 1248));

    private static readonly IReadOnlyList<SizeOption> WanSizes = SizeOption.Standard(
        ["16:9", "9:16", "4:3", "3:4", "1:1"], ["480p", "720p", "1080p"],
        Option("16:9", "480p", 832, 480), Option("4:3", "480p", 720, 544), Option("1:1", "480p", 624, 624),
        Option("4:3", "720p", 1104, 832), Option("1:1", "720p", 960, 960), Option("4:3", "1080p", 1648, 1248), Option("1:1", "1080p", 1440, 1440));

    private static readonly string[] GrokAspects = ["16:9", "9:16", "1:1", "4:3", "3:4", "3:2", "2:3"];

    private static readonly RunwayModel Gen45 = new("gen4.5", VideoOperation.Create)
    {
        Sizes = Gen4Sizes, TextSizes = WideOrTall, Seconds = Durations.Range(2, 10), MaxPrompt = 1000, Inputs = ModelInputs.OfFirstFrame,
        Fields =
        [
            .. OfGen4,
            .. Twice(ModelField.Word(
                "output_format", VideoOperation.Submit, "mp4", "prores", "png_sequence", "hdr10", "hlg", "sdr_rec709_10bit", "hdr_pq_12bit_master",
                "hdr_prores", "hdr_png_sequence", "hdr_exr_sequence", "hdr_exr_acescg_sequence_1_3", "hdr_exr_acescg_sequence_2_0")),
            .. Twice(ModelField.Word("prores_profile", VideoOperation.Submit, Profiles)),
        ],
    };

    private static readonly RunwayModel Veo = new("veo3.1", VideoOperation.Create)
    {
        Sizes = SizeOption.Standard(["16:9", "9:16"], ["720p", "1080p"]), Seconds = Durations.Of(4, 6, 8), MaxPrompt = 1000, Inputs = Frames,
        Sound = ModelSound.Switch, Fields = [Seed, ModelField.Text("negative_prompt")],
    };

    private static readonly RunwayModel Omni = new("gemini_omni_flash", VideoOperation.Create | Edits)
    {
        Sizes = WideOrTall, Seconds = Durations.Range(3, 10), Inputs = ModelInputs.OfFirstFrame, SourceInputs = new() { ReferenceImages = 3 },
        Sound = ModelSound.Always, Fields = [],
    };

    private static readonly RunwayModel Omni11 = Omni with
    {
        Id = "gemini_omni_flash_1.1",
        Operations = VideoOperation.Submit,
        Sizes = SizeOption.Standard(["16:9", "9:16"], ["360p", "720p", "1080p", "4k"]),
        Inputs = Frames with { ReferenceImages = 3, ReferenceVideos = 3 },
        HasModes = true,
        EditShape = RunwayShape.Pixels,
        TypesReferenceVideos = false,
    };

    private static readonly RunwayModel Seedance2 = Mixed("seedance2", Seedance(Seedance2Options, "480p", "720p", "1080p", "4k"), 9, 3, 3) with
    {
        Operations = VideoOperation.Create | Edits,
        Seconds = Durations.Range(4, 15),
        MaxPrompt = 3500,
        Sound = ModelSound.Switch,
        Fields = [Seed],
        SourceInputs = new() { ReferenceImages = 9, ReferenceVideos = 3, ReferenceAudio = 3 },
        TakesPromptVideo = true,
        EditShape = RunwayShape.Pixels,
        Remix = RemixKind.Reference,
    };

    private static readonly RunwayModel Seedance2Fast = Seedance2 with { Id = "seedance2_fast", Sizes = Seedance(Seedance2Options, "480p", "720p") };

    private static readonly RunwayModel Seedance25 = Mixed("seedance2_5", Seedance(SeedanceOptions, "480p", "720p", "1080p"), 30, 10, 10) with
    {
        Operations = VideoOperation.Submit,
        Seconds = Durations.Range(4, 30),
        MaxPrompt = 15_000,
        Sound = ModelSound.Switch,
        Fields = [Seed],
        SourceInputs = new() { ReferenceImages = 30, ReferenceVideos = 10, ReferenceAudio = 10 },
        TakesPromptVideo = true,
        HasModes = true,
        EditLengthIsAuto = true,
    };

    private static readonly RunwayModel Wan3 = Mixed("wan3", WanSizes, 10, 5, 5) with
    {
        Seconds = Durations.Range(2, 15),
        Sound = ModelSound.Switch,
        Fields = [],
        ImageShape = RunwayShape.Auto,
        BesideFrames = new() { ReferenceVideos = 5, ReferenceAudio = 5 },
        NativeRatios = ["auto_480p", "auto_720p", "auto_1080p"],
    };

    // An unknown model decides itself what it takes.
    private static readonly RunwayModel Open = new("", VideoOperation.Submit)
    {
        Inputs = Frames, SourceInputs = Frames, Sound = ModelSound.Switch, IsOpen = true,
    };

    /// <summary>The models known by name.</summary>
    public static IReadOnlyList<RunwayModel> All { get; } =
    [
        Gen45,
        Gen45 with { Id = "gen4_turbo", TextSizes = null, NeedsImage = true, Fields = OfGen4 },
        Veo,
        Veo with { Id = "veo3.1_fast" },
        Omni11,
        Omni,
        Seedance25,
        Seedance2,
        Seedance2Fast,
        Seedance2Fast with { Id = "seedance2_mini" },
        Mixed("hailuo3", SizeOption.Standard(SixAspects, ["768p", "2k"]), 9, 3, 3) with
        {
            Operations = VideoOperation.Create | Edits, Seconds = Durations.Range(4, 15), Sound = ModelSound.Always, Fields = [],
            SourceInputs = new() { ReferenceImages = 9, ReferenceVideos = 3, ReferenceAudio = 3 }, TakesPromptVideo = true,
            TextShape = RunwayShape.Words, ImageShape = RunwayShape.Words, EditShape = RunwayShape.Words, Remix = RemixKind.Reference,
            NativeRatios = ["adaptive"],
        },
        new("h3_max", VideoOperation.Create)
        {
            Tiers = SizeOption.Standard(["16:9"], ["480p", "768p"]), Seconds = Durations.Range(5, 15), Inputs = Frames, Sound = ModelSound.Always,
            Fields = [Seed, .. Twice(ModelField.Word("prompt_expansion_mode", VideoOperation.Create, "disabled", "balanced", "quality"))],
            TextShape = RunwayShape.Resolution, ImageShape = RunwayShape.Resolution,
        },
        new("happyhorse_1_0", VideoOperation.Create)
        {
            Sizes = HappyhorseSizes, Seconds = Durations.Range(3, 15), MaxPrompt = 2500, Inputs = ModelInputs.OfFirstFrame, Sound = ModelSound.Always,
            Fields = [], ImageShape = RunwayShape.Resolution,
        },
        new("grok_imagine_1_5", VideoOperation.Create)
        {
            Sizes = SizeOption.Standard(GrokAspects, ["480p", "720p", "1080p"]), ReferenceSizes = SizeOption.Standard(GrokAspects, ["480p", "720p"]),
            Seconds = Durations.Range(1, 15), Inputs = ModelInputs.OfFirstFrame with { ReferenceImages = 7, ReferenceAudio = 3 }, Sound = ModelSound.Always,
            Fields = [], TextShape = RunwayShape.Words, ImageShape = RunwayShape.Resolution, SoundNeedsImage = true,
        },
        Wan3,
        Wan3 with { Id = "wan3_prime" },
        new("aleph2", Edits)
        {
            Fields =
            [
                .. OfGen4, ModelField.Array("keyframes"),
                .. Twice(ModelField.Word("target_aspect_ratio", VideoOperation.Submit, "16:9", "4:3", "3:2", "1:1", "2:3", "3:4", "9:16", "21:9")),
                .. Twice(ModelField.Word("output_format", VideoOperation.Submit, "mp4", "prores", "png_sequence", "sdr_rec709_10bit")),
                .. Twice(ModelField.Word("prores_profile", VideoOperation.Submit, Profiles)),
            ],
        },
    ];

    /// <summary>How <c>text_to_video</c> takes the size.</summary>
    public RunwayShape TextShape { get; private init; } = RunwayShape.Pixels;

    /// <summary>How <c>image_to_video</c> takes the size.</summary>
    public RunwayShape ImageShape { get; private init; } = RunwayShape.Pixels;

    /// <summary>How an edit takes the size.</summary>
    public RunwayShape EditShape { get; private init; }

    /// <summary>The sizes for a create that refers to images, where there are fewer; null: those of any create.</summary>
    public IReadOnlyList<SizeOption>? ReferenceSizes { get; private init; }

    /// <summary>
    /// Sizes that stand only for their resolutions, where no create can choose the aspect ratio; null: those of any create. Such a model has no sizes.
    /// </summary>
    public IReadOnlyList<SizeOption>? Tiers { get; private init; }

    /// <summary>The vendor's own words for <c>ratio</c> that name no size.</summary>
    public IReadOnlyList<string> NativeRatios { get; private init; } = [];

    /// <summary>What a create takes beside a first and a last frame.</summary>
    public ModelInputs BesideFrames { get; private init; } = ModelInputs.None;

    /// <summary>Whether an image without a position is one that is only referred to.</summary>
    public bool TakesLooseImages { get; private init; }

    /// <summary>Whether a video that is referred to has a <c>type</c>.</summary>
    public bool TypesReferenceVideos { get; private init; } = true;

    /// <summary>Whether sounds are taken only beside an image that is referred to.</summary>
    public bool SoundNeedsImage { get; private init; }

    /// <summary>Whether the source of an edit is named <c>promptVideo</c> instead of <c>videoUri</c>.</summary>
    public bool TakesPromptVideo { get; private init; }

    /// <summary>Whether an edit is a new video that refers to its source, with a size and a length of its own.</summary>
    public bool MakesFromSource => Remix == RemixKind.Reference;

    /// <summary>Whether an edit must send a <c>mode</c>; an extend always does.</summary>
    public bool HasModes { get; private init; }

    /// <summary>Whether an edit must send <c>duration: "auto"</c>.</summary>
    public bool EditLengthIsAuto { get; private init; }

    /// <summary>Whether nobody declares the model; a request for it then goes as the caller wrote it.</summary>
    public bool IsOpen { get; private init; }

    /// <summary>
    /// Makes a model of an unknown name. It names the source of an edit, and the edit itself, like its known relatives, since both follow from the operation.
    /// </summary>
    public static RunwayModel Unknown(string id) => Open with
    {
        Id = id,
        TakesPromptVideo = id.StartsWith("seedance", StringComparison.Ordinal) || id.StartsWith("hailuo", StringComparison.Ordinal),
        HasModes = id.StartsWith("seedance", StringComparison.Ordinal) || id.StartsWith("gemini_omni", StringComparison.Ordinal),
    };

    /// <summary>Runway's name for a field: <c>negativePrompt</c> for <c>negative_prompt</c>.</summary>
    public static string WireName(string field) =>
        string.Concat(field.Split('_').Select((word, at) => at == 0 ? word : char.ToUpperInvariant(word[0]) + word[1..]));

    /// <summary>A model that starts from frames, or else refers to images, videos and sounds.</summary>
    private static RunwayModel Mixed(string id, IReadOnlyList<SizeOption> sizes, int images, int videos, int sounds) => new(id, VideoOperation.Create)
    {
        Sizes = sizes, Inputs = Frames with { ReferenceImages = images, ReferenceVideos = videos, ReferenceAudio = sounds },
        BesideFrames = new() { ReferenceAudio = sounds }, TakesLooseImages = true,
    };

    private static IReadOnlyList<SizeOption> Seedance(IReadOnlyList<SizeOption> options, params IReadOnlyList<string> resolutions) =>
        SizeOption.Standard(SixAspects, resolutions, options);

    /// <summary>A field that callers may name as this API does or as Runway does.</summary>
    private static ModelField[] Twice(ModelField field) => [field, field with { Name = WireName(field.Name) }];

    private static SizeOption Option(string aspect, string resolution, int width, int height) => new(aspect, resolution, new(width, height));
}
