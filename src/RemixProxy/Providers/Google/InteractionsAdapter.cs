using System.Text.Json;
using RemixProxy.Adapters;
using RemixProxy.Contract;
using RemixProxy.Providers.Kit;

namespace RemixProxy.Providers.Google;

/// <summary>
/// Google's Interactions API with its Omni models, as the Gemini API and Google Cloud serve it. A remix is the next turn of the stored interaction that made
/// its source.
/// </summary>
internal abstract class InteractionsAdapter : TaskAdapter
{
    private const string DefaultType = "video/mp4";

    /// <summary>The words for the state of an interaction.</summary>
    protected static readonly IReadOnlyList<StatusWord> Words =
    [
        new("queued", VideoStatus.Queued), new("in_progress", VideoStatus.InProgress), new("failed", VideoStatus.Failed),
        new(
            "completed", VideoStatus.Completed, "moderation_blocked",
            "The provider finished without a video and without a reason, which is how it refuses one."),
        new("cancelled", VideoStatus.Failed, "cancelled", "The video was cancelled at the provider."),
        new("incomplete", VideoStatus.Failed, "aborted", "The provider stopped before the video was made."),
        new("budget_exceeded", VideoStatus.Failed, "budget_exceeded", "The provider's budget for this video was used up."),
        new("requires_action", VideoStatus.Failed, Message: "The provider waits for an action that the Videos API has no call for."),
    ];

    /// <summary>An Omni model.</summary>
    protected static VideoModel Omni(string id) => new(id, VideoOperation.Submit)
    {
        Sizes = SizeOption.Standard(["16:9", "9:16"], ["360p", "720p", "1080p", "4k"]),
        Seconds = Durations.Any(3, 10),
        Fields = [ModelField.Integer("seed")],
        // At most three of each, and each video at most 3 s long (other vendors' live tests).
        Inputs = ModelInputs.OfFirstFrame with { ReferenceImages = 3, ReferenceVideos = 3 },
        Sound = ModelSound.Always,
    };

    protected override ErrorRules Errors => GeminiErrors.Rules;

    /// <summary>How the provider takes an image.</summary>
    protected abstract MediaInput Image { get; }

    /// <summary>How the provider takes the source of an edit or extend.</summary>
    protected abstract MediaInput Source { get; }

    /// <summary>How the provider takes a video that is referred to.</summary>
    protected abstract MediaInput ReferenceVideo { get; }

    /// <summary>Whether an edit may have another aspect ratio than its source.</summary>
    protected virtual bool EditChoosesAspect => true;

    /// <summary>The path of all interactions.</summary>
    protected virtual string Collection => "interactions";

    /// <summary>Deletes a video. If it is not finished, cancels it first.</summary>
    public override ProviderStep? Delete(string nativeId, VideoStatus status)
    {
        var delete = Remove(HttpMethod.Delete, Target(nativeId), nativeId, "The video was deleted.");
        return status is VideoStatus.Queued or VideoStatus.InProgress ? Before(HttpMethod.Post, Target(nativeId) + "/cancel", delete) : delete;
    }

    public override ProviderStep? Cancel(string nativeId) => Stop(HttpMethod.Post, Target(nativeId) + "/cancel", nativeId);

    protected override string Target(string nativeId) => $"{Collection}/{NativeRequest.Segment(nativeId)}";

    protected override ProviderStep Create(Wish wish)
    {
        // All images are parts alike, so beside others a first frame would be one that is only referred to.
        RefuseFrameBesideReferences(wish.Request);
        var size = wish.FitSize();
        var body = Body(wish, TaskOf(wish.Request), size.Aspect, size.Resolution, wish.FitSeconds());
        return NativeInputs.Bring(wish.Request, Image, ReferenceVideo, null, inputs => Interact(wish, body, null, inputs));
    }

    protected override ProviderStep Edit(Wish wish)
    {
        var sizes = EditChoosesAspect ? wish.OfAspect(wish.Model.Sizes) : wish.Model.Sizes;
        var aspect = sizes.Count < wish.Model.Sizes.Count ? sizes[0].Aspect : null;
        // The edit keeps the tier of its source, but may have another aspect ratio.
        if (aspect is not null && wish.SourceSize is { } source) wish.Size = SizeOption.Fit(sizes, source).Pixels.ToString();
        if (aspect is null) wish.FollowSourceSize();
        else wish.FollowFields();
        wish.FollowSourceSeconds();
        return Continue(wish, Body(wish, null, aspect), Body(wish, "edit", aspect));
    }

    protected override ProviderStep Extend(Wish wish)
    {
        wish.FollowSourceSize();
        var added = wish.FitSeconds();
        wish.Append(added);
        var body = Body(wish, "extend", seconds: added);
        return Continue(wish, body, body);
    }

    protected override VideoSnapshot Read(JsonElement root, string? nativeId)
    {
        var steps = StepsOf(root);
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

    /// <summary>The model's outputs of this turn, last first. Earlier turns may stand before the last user_input.</summary>
    protected static IReadOnlyList<JsonElement> StepsOf(JsonElement root) =>
        [.. root.Items("steps").Reverse().TakeWhile(s => s.Text("type") != "user_input").Where(s => s.Text("type") == "model_output")];

    /// <summary>The output that a video at an address is.</summary>
    protected virtual NativeOutput? At(string uri, string? type) => new(AsMedia(uri)) { ContentType = type };

    /// <summary>The form of the result that the provider is asked for.</summary>
    protected virtual NativeObject Format(string? task, string? aspect, string? resolution, decimal? seconds) => new()
    {
        { "type", "video" }, { "delivery", "uri" }, { "aspect_ratio", aspect }, { "resolution", resolution }, { "duration", InSeconds(seconds) },
    };

    /// <summary>Plans the turn that goes on from a video that the provider made, which is named by the id of its interaction.</summary>
    /// <param name="wish">The wish.</param>
    /// <param name="turn">What the body has beside model, prompt and media, where the source is the turn before.</param>
    /// <param name="other">The same where the source is a video like any other.</param>
    /// <param name="media">The source.</param>
    protected virtual ProviderStep FromOwn(Wish wish, NativeObject turn, NativeObject other, NativeMedia media) => Interact(wish, turn, media, new());

    /// <summary>Makes the exchange of a submit.</summary>
    protected Exchange Interact(Wish wish, NativeObject body, NativeMedia? source, NativeInputs inputs)
    {
        NativeObject[] media =
        [
            .. new[] { inputs.FirstFrame }.Concat(inputs.Images).OfType<NativeMedia>().Select(image => Part(image, "image")),
            .. inputs.Videos.Append(source).OfType<NativeMedia>().Where(video => video.Id is null).Select(video => Part(video, "video")),
        ];
        return Post(Collection, new NativeObject
        {
            { "model", wish.Request.Model },
            { "previous_interaction_id", source?.Id },
            { "input", wish.Request.Prompt },
            { "input", media.Length == 0 ? null : [new() { { "type", "text" }, { "text", wish.Request.Prompt } }, .. media] },
            body,
        }.ToBody());
    }

    // Google rejects a number without a unit.
    protected static string? InSeconds(decimal? seconds) => seconds is { } length ? Durations.Text(length) + "s" : null;

    // No field can be read once the plan is made, and an upload ends later.
    private ProviderStep Continue(Wish wish, NativeObject turn, NativeObject other) => Source.Bring(
        wish.Request, wish.Request.Source,
        media => media.Id is null ? Interact(wish, other, media, new()) : FromOwn(wish, turn, other, media));

    private static string TaskOf(SubmitRequest request) =>
        request.ReferenceImages.Count + request.ReferenceVideos.Count > 0 ? "reference_to_video"
        : request.InputReference is not null ? "image_to_video"
        : "text_to_video";

    // Only a stored background interaction can be polled and remixed.
    private NativeObject Body(Wish wish, string? task, string? aspect = null, string? resolution = null, decimal? seconds = null)
    {
        var seed = wish.Fields.Integer("seed");
        var video = task is null ? null : new NativeObject { { "task", task } };
        return new()
        {
            { "background", true },
            { "store", true },
            { "generation_config", video is null && seed is null ? null : new NativeObject { { "seed", seed }, { "video_config", video } } },
            { "response_format", Format(task, aspect, resolution, seconds) },
        };
    }

    private static NativeObject Part(NativeMedia media, string kind) => new()
    {
        { "type", kind }, { "mime_type", media.ContentType ?? TypeByExtension(media.Url!) }, { "data", media.Inline }, { "uri", media.Url },
    };

    // Paid tokens prove that a video was made, so this is no refusal, although the video can't be found.
    private static bool PaidForVideo(JsonElement root) => root.Member("usage").Items("output_tokens_by_modality").Any(
        m => m.Text("modality")?.ToLowerInvariant() == "video" && m.Number("tokens") > 0);

    private NativeOutput? Output(JsonElement part)
    {
        var type = part.Text("mime_type");
        if (part.Text("uri") is { } uri) return At(uri, type);
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
        ".mp4" => "video/mp4",
        _ => null,
    };
}
