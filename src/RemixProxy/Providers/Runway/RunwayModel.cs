using RemixProxy.Adapters;
using RemixProxy.Contract;

namespace RemixProxy.Providers.Runway;

/// <summary>A model, and the parameters that Runway expects for it. Source: Runway's SDK 4.20.1.</summary>
internal sealed record RunwayModel : VideoModel
{
    public RunwayModel(string id, VideoOperation operations)
        : base(id, operations) => Inputs = operations.HasFlag(VideoOperation.Create) ? ModelInputs.OfFirstFrame : ModelInputs.None;

    private const VideoOperation Edits = VideoOperation.Remix | VideoOperation.Edit;

    private static readonly ModelField Seed = ModelField.Integer("seed");
    private static readonly ModelField NegativePrompt = ModelField.Text("negative_prompt");
    private static readonly ModelField Moderation = ModelField.Object("content_moderation");

    private static readonly ModelField[] OfEdits =
    [
        ModelField.Array("keyframes", Edits | VideoOperation.Extend), ModelField.Text("target_aspect_ratio", Edits | VideoOperation.Extend),
        ModelField.Text("output_format"),
    ];

    private static readonly IReadOnlyList<SizeOption> WideOrTall = SizeOption.Standard(["16:9", "9:16"], ["720p"]);

    private static readonly IReadOnlyList<SizeOption> Gen4Sizes = SizeOption.Standard(
        ["16:9", "9:16", "4:3", "3:4", "1:1", "21:9"], ["720p"],
        Option("4:3", "720p", 1104, 832), Option("1:1", "720p", 960, 960), Option("21:9", "720p", 1584, 672));

    private static readonly IReadOnlyList<SizeOption> SeedanceSizes = SizeOption.Standard(
        ["16:9", "9:16", "21:9", "4:3", "3:4", "1:1"], ["480p", "720p", "1080p"],
        Option("21:9", "480p", 992, 432), Option("4:3", "480p", 752, 560), Option("1:1", "480p", 640, 640),
        Option("21:9", "720p", 1470, 630), Option("4:3", "720p", 1112, 834), Option("1:1", "720p", 960, 960),
        Option("21:9", "1080p", 2206, 946), Option("4:3", "1080p", 1664, 1248), Option("1:1", "1080p", 1440, 1440));

    private static readonly RunwayModel Gen45 = new("gen4.5", VideoOperation.Create)
    {
        Sizes = Gen4Sizes, TextSizes = WideOrTall, Seconds = Durations.Range(2, 10), MaxPrompt = 1000, Fields = [Seed, Moderation],
    };

    private static readonly RunwayModel Veo = new("veo3.1", VideoOperation.Create)
    {
        Sizes = SizeOption.Standard(["16:9", "9:16"], ["720p", "1080p"]), Seconds = Durations.Of(4, 6, 8), MaxPrompt = 1000,
        Fields = [Seed, NegativePrompt], Sound = ModelSound.Switch,
    };

    private static readonly RunwayModel Omni11 = new("gemini_omni_flash_1.1", VideoOperation.Submit)
    {
        Sizes = SizeOption.Standard(["16:9", "9:16"], ["360p", "720p", "1080p", "4k"]), Seconds = Durations.Range(3, 10), Fields = [], HasModes = true,
    };

    private static readonly RunwayModel Seedance25 = new("seedance2_5", VideoOperation.Submit)
    {
        Sizes = SeedanceSizes, Seconds = Durations.Range(4, 15), MaxPrompt = 15_000, Fields = [Seed], Sound = ModelSound.Switch,
        TakesPromptVideo = true, HasModes = true,
        EditLengthIsAuto = true,
    };

    // An unknown model decides itself what it takes. These bounds are no lower than those of OpenAI's Videos API.
    private static readonly RunwayModel Open = new("", VideoOperation.Submit)
    {
        Sizes = Gen4Sizes, TextSizes = WideOrTall, Seconds = Durations.Range(1, 60), Fields = [Seed, NegativePrompt, Moderation, .. OfEdits],
        IsOpen = true,
    };

    /// <summary>The models known by name.</summary>
    public static IReadOnlyList<RunwayModel> All { get; } =
    [
        Gen45,
        Gen45 with { Id = "gen4_turbo", TextSizes = null, NeedsImage = true },
        Veo,
        Veo with { Id = "veo3.1_fast" },
        Omni11,
        new("gemini_omni_flash", VideoOperation.Create | Edits) { Sizes = WideOrTall, Seconds = Durations.Range(3, 10), Fields = [] },
        Seedance25,
        new("aleph2", Edits) { Fields = [Seed, Moderation, .. OfEdits] },
    ];

    /// <summary>Whether the source of a remix is named <c>promptVideo</c> instead of <c>videoUri</c>.</summary>
    public bool TakesPromptVideo { get; private init; }

    /// <summary>Whether an edit must send a <c>mode</c>; an extend always does.</summary>
    public bool HasModes { get; private init; }

    /// <summary>Whether an edit must send <c>duration: "auto"</c>.</summary>
    public bool EditLengthIsAuto { get; private init; }

    /// <summary>Whether the model's sizes are unknown; an aspect ratio and a resolution then pass unchanged.</summary>
    public bool IsOpen { get; private init; }

    /// <summary>Makes a model of an unknown name with the parameters of the most similar known one.</summary>
    public static RunwayModel Like(string id) => id switch
    {
        // These models take the video as a reference and have no mode. Their sizes and lengths are not described.
        "seedance2" or "seedance2_fast" or "seedance2_mini" or "hailuo3" =>
            Open with { Id = id, Operations = VideoOperation.Create | Edits, TakesPromptVideo = true },
        _ when id.StartsWith("seedance", StringComparison.Ordinal) => Seedance25 with { Id = id },
        _ when id.StartsWith("gemini_omni", StringComparison.Ordinal) => Omni11 with { Id = id },
        _ => Open with { Id = id },
    };

    private static SizeOption Option(string aspect, string resolution, int width, int height) => new(aspect, resolution, new(width, height));
}
