using RemixProxy.Contract;

namespace RemixProxy.Operations.Submit;

/// <summary>The names of the fields that requests give a common meaning, and the names that clients of other servers use for them.</summary>
internal static class FieldNames
{
    private const int LongestShown = 64;

    public const string Prompt = "prompt";
    public const string Model = "model";
    public const string Seconds = "seconds";
    public const string Size = "size";
    public const string Resolution = "resolution";
    public const string AspectRatio = "aspect_ratio";
    public const string FirstFrame = "input_reference";
    public const string LastFrame = "last_frame";
    public const string ReferenceImages = "reference_images";
    public const string ReferenceVideos = "reference_videos";
    public const string ReferenceAudio = "reference_audio";
    public const string Audio = "audio";
    public const string Seed = "seed";
    public const string NegativePrompt = "negative_prompt";
    public const string Outputs = "n";
    public const string Video = "video";

    /// <summary>Every name of our own, in the order of the contract.</summary>
    public static readonly string[] Own =
    [
        Prompt, Model, Seconds, Size, Resolution, AspectRatio, FirstFrame, LastFrame, ReferenceImages, ReferenceVideos, ReferenceAudio, Audio, Seed,
        NegativePrompt, Outputs, Video,
    ];

    /// <summary>The fields for images, videos and sounds.</summary>
    public static readonly string[] Media = [FirstFrame, LastFrame, ReferenceImages, ReferenceVideos, ReferenceAudio];

    /// <summary>The fields for people's words, which may speak of any address.</summary>
    public static readonly string[] Prose = [Prompt, Model, NegativePrompt];

    /// <summary>The fields that can't hold a file.</summary>
    public static readonly string[] NeverFiles = [Prompt, Model, Seconds, Size, Resolution, AspectRatio, Audio, Seed, NegativePrompt, Outputs];

    /// <summary>Fields that only mark a request. No server fetches an address in them.</summary>
    public static readonly string[] NeverRead = ["user", "user_id", "metadata", "safety_identifier"];

    /// <summary>The other names, with ours.</summary>
    public static readonly IReadOnlyDictionary<string, string> Others = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["duration"] = Seconds, ["duration_seconds"] = Seconds, ["durationSeconds"] = Seconds,
        ["ratio"] = AspectRatio,
        ["image"] = FirstFrame, ["image_url"] = FirstFrame, ["images"] = FirstFrame, ["first_frame"] = FirstFrame, ["first_frame_url"] = FirstFrame,
        ["start_image"] = FirstFrame,
        ["last_frame_url"] = LastFrame, ["end_image"] = LastFrame, ["end_frame"] = LastFrame,
        ["reference_image_urls"] = ReferenceImages, ["reference_video_urls"] = ReferenceVideos, ["audio_url"] = ReferenceAudio,
        ["generate_audio"] = Audio, ["with_audio"] = Audio, ["sound"] = Audio,
        ["negativePrompt"] = NegativePrompt, ["num_videos"] = Outputs,
    };

    // With several values these are not an image to start from, but images to refer to.
    private static readonly string[] OneOrMoreImages = [FirstFrame, "image", "image_url", "images"];

    /// <summary>Our name for a field; its own name where we have none.</summary>
    /// <param name="name">The name as the caller wrote it.</param>
    /// <param name="values">How many values it has.</param>
    public static string MeaningOf(string name, int values) =>
        values > 1 && OneOrMoreImages.Contains(name) ? ReferenceImages : Others.GetValueOrDefault(name, name);

    /// <summary>Whether a field is a text, also where it reads like a data URL.</summary>
    public static bool IsText(string name) => NeverFiles.Contains(MeaningOf(name, 1));

    /// <summary>A caller's own name as an error may show it: the whole of a reasonable name, the beginning of a long one.</summary>
    public static string Shown(string name) => TextBounds.Cut(name, LongestShown);
}
