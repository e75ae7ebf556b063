using RemixProxy.Adapters;
using RemixProxy.Contract;

namespace RemixProxy.Providers.Runway;

/// <summary>A model and how Runway wants to be asked for it. Source: Runway's SDK 4.20.1.</summary>
/// <param name="Video">What callers are told.</param>
internal sealed record RunwayModel(VideoModel Video)
{
    private const VideoOperation Edits = VideoOperation.Remix | VideoOperation.Edit;

    // OpenAI's Videos API has no limit of its own that is lower; a model that nobody described decides itself.
    private static readonly Durations AnyWholeSeconds = Durations.Range(1, 60);

    private static readonly SizeOption[] Gen4TextSizes = [Option("16:9", "720p", 1280, 720), Option("9:16", "720p", 720, 1280)];

    private static readonly SizeOption[] Gen4Sizes =
    [
        .. Gen4TextSizes,
        Option("4:3", "720p", 1104, 832), Option("3:4", "720p", 832, 1104), Option("1:1", "720p", 960, 960), Option("21:9", "720p", 1584, 672),
    ];

    private static readonly SizeOption[] VeoSizes = [.. Gen4TextSizes, Option("16:9", "1080p", 1920, 1080), Option("9:16", "1080p", 1080, 1920)];

    private static readonly SizeOption[] OmniSizes =
    [
        Option("16:9", "360p", 640, 360), Option("9:16", "360p", 360, 640), .. VeoSizes, Option("16:9", "4k", 3840, 2160), Option("9:16", "4k", 2160, 3840),
    ];

    private static readonly SizeOption[] SeedanceSizes =
    [
        Option("16:9", "480p", 854, 480), Option("9:16", "480p", 480, 854), Option("21:9", "480p", 992, 432),
        Option("4:3", "480p", 752, 560), Option("3:4", "480p", 560, 752), Option("1:1", "480p", 640, 640),
        Option("16:9", "720p", 1280, 720), Option("9:16", "720p", 720, 1280), Option("21:9", "720p", 1470, 630),
        Option("4:3", "720p", 1112, 834), Option("3:4", "720p", 834, 1112), Option("1:1", "720p", 960, 960),
        Option("16:9", "1080p", 1920, 1080), Option("9:16", "1080p", 1080, 1920), Option("21:9", "1080p", 2206, 946),
        Option("4:3", "1080p", 1664, 1248), Option("3:4", "1080p", 1248, 1664), Option("1:1", "1080p", 1440, 1440),
    ];

    private static readonly RunwayModel Omni11 = new(
        new VideoModel("gemini_omni_flash_1.1", VideoOperation.Submit) { Sizes = OmniSizes, Seconds = Durations.Range(3, 10) })
    {
        HasModes = true,
    };

    private static readonly RunwayModel Seedance25 = new(
        new VideoModel("seedance2_5", VideoOperation.Submit) { Sizes = SeedanceSizes, Seconds = Durations.Range(4, 15) })
    {
        MaxPrompt = 15_000, Fields = RunwayFields.Seed | RunwayFields.Audio, TakesPromptVideo = true, HasModes = true, EditLengthIsAuto = true,
    };

    /// <summary>The models known by name.</summary>
    public static IReadOnlyList<RunwayModel> All { get; } =
    [
        new(new VideoModel("gen4.5", VideoOperation.Create) { Sizes = Gen4Sizes, Seconds = Durations.Range(2, 10) })
        {
            TextSizes = Gen4TextSizes, MaxPrompt = 1000, Fields = RunwayFields.Seed | RunwayFields.ContentModeration,
        },
        new(new VideoModel("gen4_turbo", VideoOperation.Create) { Sizes = Gen4Sizes, Seconds = Durations.Range(2, 10) })
        {
            NeedsImage = true, MaxPrompt = 1000, Fields = RunwayFields.Seed | RunwayFields.ContentModeration,
        },
        Veo("veo3.1"),
        Veo("veo3.1_fast"),
        Omni11,
        new(new VideoModel("gemini_omni_flash", VideoOperation.Create | Edits) { Sizes = Gen4TextSizes, Seconds = Durations.Range(3, 10) }),
        Seedance25,
        new(new VideoModel("aleph2", Edits))
        {
            Fields = RunwayFields.Seed | RunwayFields.ContentModeration | RunwayFields.Keyframes | RunwayFields.TargetAspectRatio | RunwayFields.OutputFormat,
        },
    ];

    /// <summary>The sizes of a create without an image, where they are fewer.</summary>
    public IReadOnlyList<SizeOption>? TextSizes { get; private init; }

    /// <summary>Whether a create takes nothing but an image and a prompt.</summary>
    public bool NeedsImage { get; private init; }

    /// <summary>The longest prompt, in UTF-16 code units.</summary>
    public int? MaxPrompt { get; private init; }

    /// <summary>Further fields that it takes.</summary>
    public RunwayFields Fields { get; private init; }

    /// <summary>Whether the source of a remix is called <c>promptVideo</c>, not <c>videoUri</c>.</summary>
    public bool TakesPromptVideo { get; private init; }

    /// <summary>Whether an edit must be asked for by <c>mode</c>; an extension always is.</summary>
    public bool HasModes { get; private init; }

    /// <summary>Whether an edit must say <c>duration: "auto"</c>.</summary>
    public bool EditLengthIsAuto { get; private init; }

    /// <summary>Whether nothing is known of its sizes: an aspect ratio and a resolution go out as they come.</summary>
    public bool IsOpen { get; private init; }

    /// <summary>The model of that name, or one of that name that is asked like the nearest known one.</summary>
    public static RunwayModel Find(string id) => All.FirstOrDefault(m => m.Video.Id == id) ?? id switch
    {
        // Their video is a reference and there is no mode; their sizes and lengths are not described.
        "seedance2" or "seedance2_fast" or "seedance2_mini" or "hailuo3" => Open(id, VideoOperation.Create | Edits) with { TakesPromptVideo = true },
        _ when id.StartsWith("seedance", StringComparison.Ordinal) => Seedance25 with { Video = Seedance25.Video with { Id = id } },
        _ when id.StartsWith("gemini_omni", StringComparison.Ordinal) => Omni11 with { Video = Omni11.Video with { Id = id } },
        _ => Open(id, VideoOperation.Submit),
    };

    private static RunwayModel Open(string id, VideoOperation operations) =>
        new(new VideoModel(id, operations) { Sizes = Gen4Sizes, Seconds = AnyWholeSeconds })
        {
            TextSizes = Gen4TextSizes, Fields = RunwayFields.All, IsOpen = true,
        };

    private static RunwayModel Veo(string id) => new(new VideoModel(id, VideoOperation.Create) { Sizes = VeoSizes, Seconds = Durations.Of(4, 6, 8) })
    {
        MaxPrompt = 1000, Fields = RunwayFields.Seed | RunwayFields.Audio | RunwayFields.NegativePrompt,
    };

    private static SizeOption Option(string aspect, string resolution, int width, int height) => new(aspect, resolution, new(width, height));
}
