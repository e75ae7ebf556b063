using RemixProxy.Adapters;
using RemixProxy.Contract;
using RemixProxy.Providers.Kit;

namespace RemixProxy.Providers.Fal;

/// <summary>The models of fal that need no configuration.</summary>
/// <remarks>
/// Source: the types of fal's own client 1.10.1, and for Gemini Omni fal's page of the model. Ray 3.2's fields and the resolution of Kling's standard models
/// are reported by others.
/// </remarks>
internal static class FalModels
{
    public const string KlingText = "fal-ai/kling-video/v3/standard/text-to-video";
    public const string OmniEdit = "google/gemini-omni-flash/v1.1/edit";
    public const string GrokExtend = "xai/grok-imagine-video/extend-video";

    private const VideoOperation Edits = VideoOperation.Remix | VideoOperation.Edit;

    private static readonly string[] Aspects = ["9:16", "16:9", "1:1"];

    private static readonly ConfiguredModel Edit = new("", Edits)
    {
        Fields = [], Spellings = CatalogAdapter.Spell(("video", "video_url")), Sound = ModelSound.Always,
    };

    private static readonly ConfiguredModel KlingEdit = Edit with
    {
        Id = "fal-ai/kling-video/o1/video-to-video/edit",
        Spellings = CatalogAdapter.Spell(("video", "video_url"), ("audio", "keep_audio"), ("reference_images", "image_urls")),
        SourceInputs = new() { ReferenceImages = 4 },
        Sound = ModelSound.Switch,
    };

    public static IReadOnlyList<ConfiguredModel> All { get; } =
    [
        new(KlingText, VideoOperation.Create)
        {
            Sizes = SizeOption.Standard(Aspects, ["720p"]),
            Seconds = Durations.Range(3, 15),
            Fields = [ModelField.Text("negative_prompt"), ModelField.Any("cfg_scale")],
            Inputs = ModelInputs.OfFirstFrame with { LastFrame = true },
            Sound = ModelSound.Switch,
            Spellings = CatalogAdapter.Spell(("aspect_ratio", "aspect_ratio"), ("seconds", "duration=text"), ("audio", "generate_audio")),
            WithImage = new("fal-ai/kling-video/v3/standard/image-to-video", VideoOperation.Create)
            {
                Fields = [],
                Spellings = CatalogAdapter.Spell(
                    ("seconds", "duration=text"), ("audio", "generate_audio"), ("input_reference", "start_image_url"), ("last_frame", "end_image_url")),
            },
        },
        new("fal-ai/veo3.1", VideoOperation.Create)
        {
            Sizes = SizeOption.Standard(["9:16", "16:9"], ["720p", "1080p"]),
            Seconds = Durations.Of(4, 6, 8),
            Fields = [ModelField.Text("negative_prompt"), ModelField.Integer("seed")],
            Inputs = ModelInputs.OfFirstFrame,
            Sound = ModelSound.Switch,
            Spellings = CatalogAdapter.Spell(
                ("aspect_ratio", "aspect_ratio"), ("resolution", "resolution"), ("seconds", "duration={value}s"), ("audio", "generate_audio")),
            WithImage = new("fal-ai/veo3.1/image-to-video", VideoOperation.Create)
            {
                Fields = [],
                Spellings = CatalogAdapter.Spell(
                    ("resolution", "resolution"), ("seconds", "duration={value}s"), ("audio", "generate_audio"), ("input_reference", "image_url")),
            },
        },
        new("xai/grok-imagine-video/text-to-video", VideoOperation.Create)
        {
            Sizes = SizeOption.Standard(["9:16", "2:3", "3:4", "1:1", "4:3", "3:2", "16:9"], ["480p", "720p"]),
            Seconds = Durations.Range(1, 15),
            Fields = [],
            Inputs = ModelInputs.OfFirstFrame,
            Sound = ModelSound.Always,
            Spellings = CatalogAdapter.Spell(("aspect_ratio", "aspect_ratio"), ("resolution", "resolution"), ("seconds", "duration")),
            WithImage = new("xai/grok-imagine-video/image-to-video", VideoOperation.Create)
            {
                Fields = [],
                Spellings = CatalogAdapter.Spell(("resolution", "resolution"), ("seconds", "duration"), ("input_reference", "image_url")),
            },
        },
        Edit with { Id = OmniEdit },
        Edit with { Id = "google/gemini-omni-flash/edit" },
        Edit with { Id = "xai/grok-imagine-video/edit-video" },
        KlingEdit,
        KlingEdit with { Id = "fal-ai/kling-video/o3/standard/video-to-video/edit" },
        Edit with
        {
            Id = "fal-ai/wan/v2.7/edit-video",
            Sizes = SizeOption.Standard(["9:16", "3:4", "1:1", "4:3", "16:9"], ["720p", "1080p"]),
            Fields = [ModelField.Integer("seed"), ModelField.Word("audio_setting", Edits, "auto", "origin")],
            SourceInputs = new() { ReferenceImages = 1 },
            // fal's own default is 1080p, whatever the source.
            Spellings = CatalogAdapter.Spell(("video", "video_url"), ("resolution", "resolution"), ("reference_images", "reference_image_url")),
        },
        Edit with
        {
            Id = "luma/agent/ray/v3.2/video-to-video",
            Sizes = SizeOption.Standard(["9:16", "3:4", "1:1", "4:3", "16:9", "21:9"], ["540p", "720p", "1080p"]),
            Seconds = Durations.Of(5, 10),
            Sound = ModelSound.Never,
            // fal's own defaults are 5 s and 1080p, whatever the source.
            Spellings = CatalogAdapter.Spell(("video", "video_url"), ("resolution", "resolution"), ("seconds", "duration={value}s")),
        },
        new(GrokExtend, VideoOperation.Extend)
        {
            Seconds = Durations.Range(2, 10),
            Fields = [],
            Sound = ModelSound.Always,
            Spellings = CatalogAdapter.Spell(("video", "video_url"), ("seconds", "duration")),
        },
    ];
}
