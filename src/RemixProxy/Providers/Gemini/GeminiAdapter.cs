using System.Text.Json;
using RemixProxy.Adapters;
using RemixProxy.Contract;
using RemixProxy.Providers.Kit;

namespace RemixProxy.Providers.Gemini;

/// <summary>Google's Gemini API: Omni models through the Interactions API. A remix is the next turn of the stored interaction that made its source.</summary>
internal sealed class GeminiAdapter : TaskAdapter
{
    private const string DefaultModel = "gemini-omni-1.1-flash";
    private const string DefaultType = "video/mp4";

    private static readonly VideoModel Omni = new(DefaultModel, VideoOperation.Submit)
    {
        Sizes = SizeOption.Standard(["16:9", "9:16"], ["360p", "720p", "1080p", "4k"]),
        Seconds = Durations.Any(3, 10),
        Fields = [ModelField.Integer("seed")],
        // At most three of each, and each video at most 3 s long (other vendors' live tests).
        Inputs = ModelInputs.OfFirstFrame with { ReferenceImages = 3, ReferenceVideos = 3 },
        Sound = ModelSound.Always,
    };

    private static readonly MediaInput Image = new(
        "input_reference", SourceForms.Url | SourceForms.File, "{provider} takes '{param}' as a URL or a file.")
    {
        // In base64 such a file still fits into a request of 20 MB. Larger files go through the Files API.
        MaxInlineBytes = 14 << 20,
        Upload = (request, file, use) => new GeminiUpload(request.BaseUrl, file, "input_reference", use).Begin(),
    };

    private static readonly MediaInput Source = Image with
    {
        Param = "video",
        Forms = SourceForms.Id | SourceForms.File,
        Takes = "{provider} takes the source video by id or as a file.",
        Code = "unsupported_operation",
        Upload = (request, file, use) => new GeminiUpload(request.BaseUrl, file, "video", use).Begin(),
    };

    private static readonly MediaInput ReferenceVideo = Source with
    {
        Forms = SourceForms.File,
        Takes = "{provider} takes '{param}' as files.",
        Code = "invalid_value",
        Upload = (request, file, use) => new GeminiUpload(request.BaseUrl, file, "reference_videos", use).Begin(),
    };

    public override ProviderProfile Profile { get; } = new()
    {
        Type = "gemini",
        AliasRank = 0,
        TelemetryName = "gcp.gemini",
        DisplayName = "Google Gemini",
        BaseUrl = "https://generativelanguage.googleapis.com",
        Version = "v1beta",
        KeyVariables = ["GOOGLE_API_KEY", "GEMINI_API_KEY"],
        Signing = new SigningScheme.InHeader("x-goog-api-key"),
        CreateModel = DefaultModel,
        RemixModel = DefaultModel,
        ExtendModel = DefaultModel,
        Models = [Omni, Omni with { Id = "gemini-omni-1.2-flash" }],
        Operations = VideoOperation.Submit | VideoOperation.Retrieve | VideoOperation.Delete | VideoOperation.Content | VideoOperation.Cancel,
        Remix = RemixKind.Native,
        Sources = Source.Forms,
        ExtendSources = Source.Forms,
        MaxSourceSeconds = 10,
        PollInterval = TimeSpan.FromSeconds(5),
        BytesLifetime = TimeSpan.FromHours(48),
        MaxIdLength = 400,
        Statuses =
        [
            new("queued", VideoStatus.Queued), new("in_progress", VideoStatus.InProgress), new("failed", VideoStatus.Failed),
            new(
                "completed", VideoStatus.Completed, "moderation_blocked",
                "The provider finished without a video and without a reason, which is how it refuses one."),
            new("cancelled", VideoStatus.Failed, "cancelled", "The video was cancelled at the provider."),
            new("incomplete", VideoStatus.Failed, "aborted", "The provider stopped before the video was made."),
            new("budget_exceeded", VideoStatus.Failed, "budget_exceeded", "The provider's budget for this video was used up."),
            new("requires_action", VideoStatus.Failed, Message: "The provider waits for an action that the Videos API has no call for."),
        ],
    };

    protected override ErrorRules Errors => GeminiErrors.Rules;

    /// <summary>Deletes a video. If it is not finished, cancels it first.</summary>
    public override ProviderStep? Delete(string nativeId, VideoStatus status)
    {
        var delete = Remove(HttpMethod.Delete, Target(nativeId), nativeId, "The video was deleted.");
        return status is VideoStatus.Queued or VideoStatus.InProgress ? Before(HttpMethod.Post, Target(nativeId) + "/cancel", delete) : delete;
    }

    public override ProviderStep? Cancel(string nativeId) => Stop(HttpMethod.Post, Target(nativeId) + "/cancel", nativeId);

    protected override string Target(string nativeId) => "interactions/" + NativeRequest.Segment(nativeId);

    protected override ProviderStep Create(Wish wish)
    {
        // All images are parts alike, so beside others a first frame would be one that is only referred to.
        if (wish.Request.InputReference is not null && TaskOf(wish.Request) == "reference_to_video")
            throw new VideoRequestException(
                "unsupported_parameter", "input_reference",
                $"'{wish.Request.Model}' starts from an image only without references: send it in 'reference_images', or leave out the others.");
        var size = wish.FitSize();
        var body = Body(wish, TaskOf(wish.Request), size.Aspect, size.Resolution, wish.FitSeconds());
        return NativeInputs.Bring(wish.Request, Image, ReferenceVideo, null, inputs => Interact(wish, body, null, inputs));
    }

    protected override ProviderStep Edit(Wish wish)
    {
        var sizes = wish.OfAspect(wish.Model.Sizes);
        var aspect = sizes.Count < wish.Model.Sizes.Count ? sizes[0].Aspect : null;
        // The edit keeps the tier of its source, but may have another aspect ratio.
        if (aspect is not null && wish.SourceSize is { } source) wish.Size = SizeOption.Fit(sizes, source).Pixels.ToString();
        if (aspect is null) wish.FollowSourceSize();
        else wish.FollowFields();
        wish.FollowSourceSeconds();
        return Continue(wish, Body(wish, wish.Request.Source is NativeIdSource ? null : "edit", aspect));
    }

    protected override ProviderStep Extend(Wish wish)
    {
        wish.FollowSourceSize();
        var added = wish.FitSeconds();
        wish.Append(added);
        return Continue(wish, Body(wish, "extend", seconds: added));
    }

    protected override VideoSnapshot Read(JsonElement root, string? nativeId)
    {
        // The model's outputs of this turn, last first. Earlier turns may stand before the last user_input.
        JsonElement[] steps =
            [.. root.Items("steps").Reverse().TakeWhile(s => s.Text("type") != "user_input").Where(s => s.Text("type") == "model_output")];
        JsonElement[] parts = [.. steps.SelectMany(s => s.Items("content").Reverse())];
        JsonElement[] videos = [.. parts.Where(p => p.Text("type") == "video")];
        var fault = GeminiErrors.Find(root) ?? steps.Select(GeminiErrors.Find).FirstOrDefault(f => f is not null);
        var (code, message) = (fault is not null && GeminiErrors.IsModeration(fault) ? "moderation_blocked" : null, fault?.Text ?? Joined(parts.Reverse()));
        if (root.Text("status") == "completed" && (fault is not null || videos.Length > 0 || PaidForVideo(root)))
            (code, message) = (code ?? "provider_error", message ?? "The provider reported a video in a form that is not known here.");
        var state = State(root.Text("status"), [.. videos.Select(Output).OfType<NativeOutput>().Take(1)], code, message);
        return state with
        {
            Id = nativeId ?? root.Text("id"),
            Model = root.Text("model"),
            Prompt = Prompt(root),
            RemixedFromId = root.Text("previous_interaction_id"),
            CreatedAt = root.Time("created"),
            CompletedAt = state.Status == VideoStatus.Completed ? root.Time("updated") : null,
        };
    }

    private ProviderStep Continue(Wish wish, NativeObject body) =>
        Source.Bring(wish.Request, wish.Request.Source, media => Interact(wish, body, media, new()));

    private Exchange Interact(Wish wish, NativeObject body, NativeMedia? source, NativeInputs inputs)
    {
        NativeObject[] media =
        [
            .. new[] { inputs.FirstFrame }.Concat(inputs.Images).OfType<NativeMedia>().Select(image => Part(image, "image")),
            .. inputs.Videos.Append(source).OfType<NativeMedia>().Where(video => video.Id is null).Select(video => Part(video, "video")),
        ];
        return Post("interactions", new NativeObject
        {
            { "model", wish.Request.Model },
            { "previous_interaction_id", source?.Id },
            { "input", wish.Request.Prompt },
            { "input", media.Length == 0 ? null : [new() { { "type", "text" }, { "text", wish.Request.Prompt } }, .. media] },
            body,
        }.ToBody());
    }

    private static string TaskOf(SubmitRequest request) =>
        request.ReferenceImages.Count + request.ReferenceVideos.Count > 0 ? "reference_to_video"
        : request.InputReference is not null ? "image_to_video"
        : "text_to_video";

    // Only a stored background interaction can be polled and remixed. Delivery is by URI, because inline is for small clips only.
    private static NativeObject Body(Wish wish, string? task, string? aspect = null, string? resolution = null, decimal? seconds = null)
    {
        var seed = wish.Fields.Integer("seed");
        var video = task is null ? null : new NativeObject { { "task", task } };
        return new()
        {
            { "background", true },
            { "store", true },
            { "generation_config", video is null && seed is null ? null : new NativeObject { { "seed", seed }, { "video_config", video } } },
            {
                "response_format", new NativeObject
                {
                    { "type", "video" }, { "delivery", "uri" }, { "aspect_ratio", aspect }, { "resolution", resolution }, { "duration", InSeconds(seconds) },
                }
            },
        };
    }

    // Google rejects a number without a unit.
    private static string? InSeconds(decimal? seconds) => seconds is { } length ? Durations.Text(length) + "s" : null;

    private static NativeObject Part(NativeMedia media, string kind) => new()
    {
        { "type", kind }, { "mime_type", media.ContentType ?? TypeByExtension(media.Url!) }, { "data", media.Inline }, { "uri", media.Url },
    };

    // Paid tokens prove that a video was made, so this is no refusal, although the video can't be found.
    private static bool PaidForVideo(JsonElement root) => root.Member("usage").Items("output_tokens_by_modality").Any(
        m => m.Text("modality")?.ToLowerInvariant() == "video" && m.Number("tokens") > 0);

    private static NativeOutput? Output(JsonElement part)
    {
        var type = part.Text("mime_type");
        if (part.Text("uri") is { } uri) return new(AsMedia(uri)) { ContentType = type };
        return part.TextBehind($"data:{type ?? DefaultType};base64,", "data") is { } url ? new(url) { ContentType = type ?? DefaultType } : null;
    }

    private static string AsMedia(string uri) =>
        uri.Contains("alt=media", StringComparison.Ordinal) ? uri : uri + (uri.Contains('?', StringComparison.Ordinal) ? '&' : '?') + "alt=media";

    private static string? Prompt(JsonElement root) =>
        root.Items("steps").LastOrDefault(s => s.Text("type") == "user_input") is { ValueKind: JsonValueKind.Object } input
            ? input.Text("content") ?? Joined(input.Items("content"))
            : null;

    private static string? Joined(IEnumerable<JsonElement> parts) =>
        string.Join('\n', parts.Where(p => p.Text("type") == "text").Select(p => p.Text("text"))) is { Length: > 0 } text ? text : null;

    private static string? TypeByExtension(string url) => Path.GetExtension(url.Split('?', '#')[0]).ToLowerInvariant() switch
    {
        ".png" => "image/png",
        ".jpg" or ".jpeg" => "image/jpeg",
        ".webp" => "image/webp",
        _ => null,
    };
}
