using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using RemixProxy.Adapters;
using RemixProxy.Contract;
using RemixProxy.Providers;

namespace RemixProxy.FunctionalTests.OpenApi;

/// <summary>What each field of an answer means, and which values it takes.</summary>
internal static class ApiFields
{
    private const string Id = "^[A-Za-z0-9._~-]+:[a-z0-9-]{1,32}$";
    private const string Size = "^([0-9]+x[0-9]+)?$";

    /// <summary>The words of <c>request_type</c>.</summary>
    public static IEnumerable<string> RequestTypes =>
        Enum.GetValues<VideoOperation>().Where(o => o != VideoOperation.Submit).Select(VideoOperationExtensions.RequestType).Distinct(StringComparer.Ordinal);

    /// <summary>By <c>Type.field</c>; new ones each time, for the document completes and keeps them.</summary>
    public static Dictionary<string, OpenApiSchema> All() => new(StringComparer.Ordinal)
    {
        ["Video.id"] = new() { Description = "`{native id}:{provider}`; it never needs escaping in a path.", Pattern = Id, Examples = ["task_abc123:runway"] },
        ["Video.object"] = new() { Description = "Always `video`.", Const = "video" },
        ["Video.model"] = new() { Description = "The native model used; of a remix the one that edits. Empty where unknown." },
        ["Video.status"] = new() { Description = "`queued`: accepted, not begun. `in_progress`: being made. `completed`: there is a video. `failed`: there will be none, see `error`." },
        ["Video.progress"] = new()
        {
            Description = "Percent. It never falls; 100 when completed. An estimate where the provider tells none.", Minimum = "0",
            Maximum = "100"
        },
        ["Video.prompt"] = new() { Description = "The caller's prompt; null where it isn't known." },
        ["Video.remixed_from_video_id"] = new() { Description = "The id of the video that this one was made from; null for a create." },
        ["Video.seconds"] = new()
        {
            Description = "Length in seconds, as text: what was used. Of an extension the stitched total. Empty where unknown.",
            Pattern = @"^([0-9]+(\.[0-9]+)?)?$", Examples = ["8"]
        },
        ["Video.size"] = new() { Description = "Pixels, width x height: what was used. Empty where unknown.", Pattern = Size, Examples = ["1280x720"] },
        ["Video.created_at"] = new() { Description = "Unix time in seconds.", Minimum = "0" },
        ["Video.completed_at"] = new() { Description = "Unix time in seconds; null until it is completed, and where nobody says.", Minimum = "0" },
        ["Video.expires_at"] = new() { Description = "Unix time in seconds at which the bytes go; null where they stay or nobody says.", Minimum = "0" },
        ["Video.error"] = new() { Description = "Why it failed; else null." },
        ["Video.videos"] = new() { Description = "The outputs, one entry each; only when completed." },
        ["Video.content_filter"] = new() { Description = "Outputs that the provider held back; only where it did." },
        ["Video.extra_fields"] = new() { Description = "What this proxy says about the call." },

        ["VideoError.code"] = new() { Description = "`moderation_blocked`, `cancelled`, `expired`, `aborted`, `no_output`, `provider_error`, or a stable word of the provider's own.", MinLength = 1 },
        ["VideoError.message"] = new() { Description = "For people.", MinLength = 1 },

        ["VideoEntry.type"] = new() { Description = "`base64` only where it was asked for with `include=base64`.", Enum = Words("url", "base64") },
        ["VideoEntry.url"] = new()
        {
            Description = "Of `url`: where the bytes are. The provider's own address where anybody may fetch it, else this proxy's: while clients are configured signed, so that it needs no key for 55 to 60 minutes.",
            Format = "uri"
        },
        ["VideoEntry.base64"] = new() { Description = "Of `base64`: the bytes." },
        ["VideoEntry.content_type"] = new() { Description = "Media type of the bytes.", Examples = ["video/mp4"] },

        ["ContentFilter.filtered_count"] = new() { Description = "How many outputs were held back.", Minimum = "0" },
        ["ContentFilter.reasons"] = new() { Description = "The provider's words." },

        ["Adjustment.param"] = new() { Description = "The field of the request." },
        ["Adjustment.requested"] = new() { Description = "What the caller sent." },
        ["Adjustment.used"] = new() { Description = "What was sent on; null where the field was left out." },
        ["Adjustment.reason"] = new() { Description = "Why." },

        ["Attempt.provider"] = new() { Description = "The configured name of the provider." },
        ["Attempt.model"] = new() { Description = "The model." },
        ["Attempt.error"] = new() { Description = "Why it did not make the video." },

        ["ExtraFields.request_type"] = new() { Description = "Which operation was answered.", Enum = Words(RequestTypes) },
        ["ExtraFields.provider"] = new() { Description = "The configured name of the provider: the suffix of the id." },
        ["ExtraFields.model_requested"] = new() { Description = "The model as the caller named it." },
        ["ExtraFields.model_deployment"] = new() { Description = "The native model that served it." },
        ["ExtraFields.latency"] = new() { Description = "Whole milliseconds that this call waited for the provider.", Minimum = "0" },
        ["ExtraFields.chunk_index"] = new() { Description = "Always 0: a video is one piece.", Minimum = "0", Maximum = "0" },
        ["ExtraFields.adjustments"] = new() { Description = "Wishes that were not met to the letter, and fields that the provider doesn't know." },
        ["ExtraFields.attempts"] = new() { Description = "The alias's targets that were tried before and created nothing, in order; absent where there were none." },
        ["ExtraFields.cache_debug"] = new() { Description = "What the cache did; on the answer of every submit, nowhere else." },
        ["ExtraFields.raw_request"] = new() { Description = "The native request of this call, or a list of them, without credentials; on `x-remix-raw: true` where the operator allows it. Up to 64 KiB each." },
        ["ExtraFields.raw_response"] = new() { Description = "The native response of this call, or a list of them, without signed queries; on `x-remix-raw: true` where the operator allows it. Up to 64 KiB each." },

        ["CacheDebug.cache_hit"] = new() { Description = "Whether a stored video, or one being submitted, answered the request." },
        ["CacheDebug.cache_id"] = new() { Description = "The entry hit, or the one that this request will store." },
        ["CacheDebug.hit_type"] = new() { Description = "Of a hit. `direct`: an equal request. `in_flight`: an equal one under way. `semantic`: one that says the same.", Enum = Words("direct", "in_flight", "semantic") },
        ["CacheDebug.provider_used"] = new() { Description = "Who embedded the prompt; `builtin` in this process." },
        ["CacheDebug.model_used"] = new() { Description = "The embedding model." },
        ["CacheDebug.input_tokens"] = new() { Description = "Tokens that the embedder consumed.", Minimum = "0" },
        ["CacheDebug.threshold"] = new() { Description = "The least similarity that is a hit.", Minimum = "0", Maximum = "1" },
        ["CacheDebug.similarity"] = new() { Description = "Cosine of the nearest neighbour measured, on misses too.", Minimum = "-1", Maximum = "1" },

        ["VideoList.object"] = new() { Description = "Always `list`.", Const = "list" },
        ["VideoList.data"] = new() { Description = "The videos of all providers, newest first unless asked for otherwise." },
        ["VideoList.first_id"] = new() { Description = "Id of the first one; null where the page is empty." },
        ["VideoList.last_id"] = new() { Description = "Id of the last one, for `after`; null where the page is empty." },
        ["VideoList.has_more"] = new() { Description = "Whether another page follows." },

        ["DeletedVideo.object"] = new() { Description = "Always `video.deleted`.", Const = "video.deleted" },
        ["DeletedVideo.id"] = new() { Description = "The video's id.", Pattern = Id },
        ["DeletedVideo.deleted"] = new() { Description = "Always true.", Enum = [true] },

        ["ModelList.object"] = new() { Description = "Always `list`.", Const = "list" },
        ["ModelList.data"] = new() { Description = "Aliases first, then each provider's models." },
        ["ModelEntry.object"] = new() { Description = "Always `model`.", Const = "model" },
        ["ModelEntry.id"] = new() { Description = "What a request's `model` may say.", Examples = ["sora-2", "runway/gen4.5"] },
        ["ModelEntry.owned_by"] = new() { Description = "The provider's configured name; of an alias the first target's." },
        ["ModelEntry.capabilities"] = new() { Description = "What it can do." },
        ["ModelEntry.created"] = new() { Description = "0: nobody tells. The field is part of the OpenAI model.", Minimum = "0" },
        ["ModelCapabilities.operations"] = new()
        {
            Description = "What can be done with it, and with its videos.",
            Enum = Words(Enum.GetValues<VideoOperation>().Where(o => o is not (VideoOperation.None or VideoOperation.Submit)).Select(o => o.Name())),
        },
        ["ModelCapabilities.remix"] = new()
        {
            Description = "How it remixes. `native`: by the id of its own video. `edit`: from an address or an upload. `reference`: the source is only a reference. `none`: not at all.",
            Enum = Words(Enum.GetNames<RemixKind>().Select(k => k.ToLowerInvariant())),
        },
        ["ModelCapabilities.sizes"] = new() { Description = "Pixels, width x height. Empty: the provider decides.", Pattern = Size },
        ["ModelCapabilities.seconds"] = new() { Description = "Lengths in seconds, or the ends of a range and what lies between in whole seconds. Empty: the provider decides." },
        ["ModelCapabilities.aspect_ratios"] = new() { Description = "Width:height.", Examples = [new JsonArray("16:9", "9:16")] },

        ["ModelCapabilities.inputs"] = new() { Description = "The images, videos and sounds that it takes beside the prompt and the source." },
        ["ModelCapabilities.audio"] = new()
        {
            Description = "Whether its videos have sound: `always`, `never`, or as `audio` says (`switch`).",
            Enum = Words(Enum.GetNames<ModelSound>().Select(k => k.ToLowerInvariant())),
        },
        ["InputCapabilities.images"] = new() { Description = "Any image." },
        ["InputCapabilities.first_frame"] = new() { Description = "`input_reference`: an image that the video starts from." },
        ["InputCapabilities.last_frame"] = new() { Description = "`last_frame`: an image that the video ends with." },
        ["InputCapabilities.reference_images"] = new() { Description = "`reference_images`: images that the video refers to." },
        ["InputCapabilities.reference_videos"] = new() { Description = "`reference_videos`: videos that the video refers to." },
        ["InputCapabilities.reference_audio"] = new() { Description = "`reference_audio`: sounds that the video refers to." },

        ["ErrorEnvelope.error"] = new() { Description = "The error." },
        ["ErrorEnvelope.extra_fields"] = new() { Description = "Where it came from." },
        ["ErrorBody.message"] = new() { Description = "For people: what to do next.", MinLength = 1 },
        ["ErrorBody.type"] = new() { Description = "By the status.", Enum = Words(ApiErrors.Types) },
        ["ErrorBody.param"] = new() { Description = "The field, query parameter or header at fault; null where none is." },
        ["ErrorBody.code"] = new() { Description = "The stable word.", Enum = Words(ApiErrors.Codes) },
        ["ErrorOrigin.request_type"] = new() { Description = "Which operation failed; `video` where the request is none.", Enum = Words(RequestTypes) },
        ["ErrorOrigin.provider"] = new() { Description = "The configured name of the provider, where one was concerned." },
    };

    /// <summary>What content's <c>variant</c> may be at the built-in providers.</summary>
    public static IEnumerable<string> Variants => BuiltInAdapters.All.SelectMany(p => p.Profile.Variants).Distinct(StringComparer.Ordinal);

    public static IList<JsonNode> Words(params IEnumerable<string> words) => [.. words.Select(word => JsonValue.Create(word))];
}
