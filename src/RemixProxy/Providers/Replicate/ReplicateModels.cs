using System.Text.Json;
using RemixProxy.Adapters;
using RemixProxy.Contract;
using RemixProxy.Providers.Kit;

namespace RemixProxy.Providers.Replicate;

/// <summary>The models of Replicate that need no configuration.</summary>
/// <remarks>Source: what others report of Replicate's pages of the models, which change.</remarks>
internal static class ReplicateModels
{
    public const string Veo = "google/veo-3.1";
    public const string Aleph = "runwayml/aleph-2";
    public const string GrokExtend = "xai/grok-imagine-video-extension";

    private const VideoOperation Edits = VideoOperation.Remix | VideoOperation.Edit;

    public static IReadOnlyList<ConfiguredModel> All { get; } =
    [
        new(Veo, VideoOperation.Create)
        {
            Sizes = SizeOption.Standard(["9:16", "16:9"], ["720p", "1080p"]),
            Seconds = Durations.Of(4, 6, 8),
            Fields = [ModelField.Text("negative_prompt"), ModelField.Integer("seed")],
            Inputs = ModelInputs.OfFirstFrame with { LastFrame = true },
            Sound = ModelSound.Switch,
            Spellings = CatalogAdapter.Spell(
                ("aspect_ratio", "aspect_ratio"), ("resolution", "resolution"), ("seconds", "duration"), ("audio", "generate_audio"),
                ("input_reference", "image"), ("last_frame", "last_frame")),
        },
        // A create from an image has the aspect ratio of the image, and an edit its source's.
        new("xai/grok-imagine-video", VideoOperation.Create | Edits)
        {
            Sizes = SizeOption.Standard(["9:16", "2:3", "3:4", "1:1", "4:3", "3:2", "16:9"], ["480p", "720p"]),
            Seconds = Durations.Range(1, 15),
            Fields = [],
            Inputs = ModelInputs.OfFirstFrame,
            Sound = ModelSound.Always,
            Spellings = CatalogAdapter.Spell(
                ("aspect_ratio", "aspect_ratio"), ("resolution", "resolution"), ("seconds", "duration"), ("video", "video")),
            WithImage = new("xai/grok-imagine-video", VideoOperation.Create)
            {
                Fields = [], Spellings = CatalogAdapter.Spell(("resolution", "resolution"), ("seconds", "duration"), ("input_reference", "image")),
            },
        },
        new(Aleph, Edits)
        {
            Fields = [ModelField.Array("keyframe_images"), ModelField.Array("keyframe_positions"), ModelField.Integer("seed")],
            Sound = ModelSound.Always,
            Spellings = CatalogAdapter.Spell(("video", "video")),
        },
        new("kwaivgi/kling-v3-omni-video", Edits)
        {
            Fields = [ModelField.Word("mode", Edits, "standard", "pro")],
            SourceInputs = new() { ReferenceImages = 4 },
            Sound = ModelSound.Switch,
            Spellings = CatalogAdapter.Spell(("video", "reference_video"), ("audio", "keep_original_sound"), ("reference_images", "reference_images")),
            Fixed = new Dictionary<string, JsonElement>(StringComparer.Ordinal) { ["video_reference_type"] = JsonElement.Parse("\"base\"") },
        },
        new("luma/modify-video", Edits) { Fields = [], Spellings = CatalogAdapter.Spell(("video", "video")) },
        new(GrokExtend, VideoOperation.Extend)
        {
            Seconds = Durations.Range(2, 10),
            Fields = [],
            Sound = ModelSound.Always,
            Spellings = CatalogAdapter.Spell(("video", "video"), ("seconds", "duration")),
        },
    ];
}
