using System.Text.Json;
using RemixProxy.Adapters;
using RemixProxy.Contract;
using RemixProxy.Providers.Kit;

namespace RemixProxy.Providers.Xai;

/// <summary>xAI's Grok Imagine: videos from text, images and sounds, and edits and extensions of a video given as a URL or in the body.</summary>
/// <remarks>Source: the AI SDK's provider for xAI 5.0.12 and xAI's own gRPC SDK. The API has no list, cancel or delete.</remarks>
internal sealed class XaiAdapter : TaskAdapter
{
    private const string Imagine = "grok-imagine-video";
    private const VideoOperation Edits = VideoOperation.Remix | VideoOperation.Edit;

    private static readonly string[] Aspects = ["9:16", "2:3", "3:4", "1:1", "4:3", "3:2", "16:9", "21:9", "5:2"];

    /// <summary>The only resolutions that a reference to images or sounds, and an edit, can have.</summary>
    private static readonly IReadOnlyList<SizeOption> Small = SizeOption.Standard(Aspects, ["480p", "720p"]);

    private static readonly VideoModel Model = new(Imagine, VideoOperation.Submit)
    {
        Sizes = Small,
        Seconds = Durations.Range(1, 15),
        ExtendSeconds = Durations.Range(2, 10),
        Fields = [ModelField.Text("user", VideoOperation.Create | Edits), ModelField.Object("storage_options")],
        Inputs = ModelInputs.OfFirstFrame with { ReferenceImages = 7, ReferenceAudio = 3 },
        Sound = ModelSound.Switch,
        // An edit or extend has no such switch.
        SourceSound = ModelSound.Always,
    };

    private static readonly VideoModel Model15 = Model with
    {
        Id = "grok-imagine-video-1.5",
        Operations = VideoOperation.Create,
        Sizes = SizeOption.Standard(Aspects, ["480p", "720p", "1080p"]),
        Fields = [.. Model.Fields!, ModelField.Array("keyframes")],
        Inputs = Model.Inputs with { LastFrame = true },
    };

    private static readonly MediaInput Image = new(
        "input_reference", SourceForms.Url | SourceForms.File, "{provider} takes '{param}' as a URL or a file.")
    {
        AsDataUrl = true,
    };

    private static readonly MediaInput Source = Image with { Param = "video" };

    public override ProviderProfile Profile { get; } = new()
    {
        Type = "xai",
        TelemetryName = "x_ai",
        DisplayName = "xAI Grok Imagine",
        BaseUrl = "https://api.x.ai",
        Version = "v1",
        KeyVariables = ["XAI_API_KEY"],
        CreateModel = Imagine,
        RemixModel = Imagine,
        ExtendModel = Imagine,
        Models = [Model, Model15, Model15 with { Id = "grok-imagine-video-1.5-lite", Fields = Model.Fields, Inputs = ModelInputs.OfFirstFrame }],
        Operations = VideoOperation.Submit | VideoOperation.Retrieve | VideoOperation.Delete | VideoOperation.Content,
        Remix = RemixKind.Edit,
        Sources = Source.Forms,
        ExtendSources = Source.Forms,
        MaxSourceSeconds = 8.7m,
        PollInterval = TimeSpan.FromSeconds(5),
        BytesLifetime = TimeSpan.FromHours(24),
        Statuses =
        [
            new("pending", VideoStatus.InProgress), new("done", VideoStatus.Completed), new("failed", VideoStatus.Failed),
            new("expired", VideoStatus.Failed, "expired", "The provider gave the video up."),
        ],
    };

    protected override ErrorRules Errors { get; } = new()
    {
        // {"code","error":"text"}, {"error":{"message","type","param","code"}} or {"error":"text"}.
        Messages = ["error", "message"],
        Params = ["error.param"],
        Names = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["duration"] = "seconds", ["generate_audio"] = "audio", ["image"] = "input_reference", ["reference_audios"] = "reference_audio",
        },
        KeepsNames = true,
        Rules =
        [
            // That a wrong key is a 400 and what the texts say is seen by others.
            new(ProviderErrorKind.Unauthorized) { Statuses = [400], Says = ["incorrect api key", "invalid api key"] },
            new(ProviderErrorKind.InsufficientQuota) { Statuses = [402, 403, 429], Says = ["credits", "spending limit"] },
            new(ProviderErrorKind.Moderation) { Statuses = [400, 403, 422], Says = ["moderation", "usage guidelines", "content polic", "SAFETY_CHECK"] },
            new(ProviderErrorKind.ModelNotFound) { Statuses = [400, 403, 404], Says = ["model*not found", "model*does not exist"] },
        ],
    };

    protected override string Target(string nativeId) => "videos/" + NativeRequest.Segment(nativeId);

    protected override ProviderStep Create(Wish wish)
    {
        var request = wish.Request;
        var (hasFrame, refers) = (request.InputReference is not null, request.ReferenceImages.Count + request.ReferenceAudio.Count > 0);
        if (refers && (request.InputReference ?? request.LastFrame) is not null)
            throw new VideoRequestException(
                "unsupported_parameter", request.ReferenceImages.Count > 0 ? "reference_images" : "reference_audio",
                $"'{request.Model}' refers to images and sounds only without a first or last frame: leave out one of them.");
        var sizes = refers ? Small : null;
        // The aspect ratio of a video that starts from an image is the image's.
        var size = hasFrame ? null : wish.FitSize(sizes);
        var settings = new NativeObject
        {
            { "duration", (int)wish.FitSeconds() },
            { "aspect_ratio", size?.Aspect },
            { "resolution", size?.Resolution ?? wish.FitResolution(sizes) },
            { "generate_audio", wish.Audio },
        };
        var fields = FieldsOf(wish);
        return NativeInputs.Bring(request, Image, null, Image, inputs => Send(wish, "videos/generations", settings, new()
        {
            { "image", At(inputs.FirstFrame) },
            { "last_frame", At(inputs.LastFrame) },
            { "reference_images", Listed(inputs.Images) },
            { "reference_audios", Listed(inputs.Sounds) },
            fields,
        }));
    }

    protected override ProviderStep Edit(Wish wish)
    {
        FollowSmallSource(wish);
        wish.FollowSourceSeconds();
        return OnSource(wish, "videos/edits", new());
    }

    protected override ProviderStep Extend(Wish wish)
    {
        FollowSmallSource(wish);
        var added = wish.FitSeconds();
        wish.Append(added);
        return OnSource(wish, "videos/extensions", new() { { "duration", (int)added } });
    }

    protected override ProviderStep Answered(NativeResponse response, string? nativeId) =>
        // A poll of a job under way may be answered without a body.
        nativeId is not null && response is { Status: 202 } && response.ReadAny().ValueKind != JsonValueKind.Object
            ? new Answer(State("pending", []))
            : base.Answered(response, nativeId);

    protected override VideoSnapshot Read(JsonElement root, string? nativeId)
    {
        // The answer to a submit has only the id.
        if (nativeId is null && root.Text("status") is null) return new() { Id = root.Text("request_id"), Status = VideoStatus.Queued };
        var video = root.Member("video");
        var isBlocked = video.Member("respect_moderation").ValueKind == JsonValueKind.False;
        var (stored, direct) = (video.Member("file_output"), video.Member("url").WebUrl());
        NativeOutput[] outputs = isBlocked || (direct ?? stored.Member("public_url").WebUrl()) is not { } url
            ? []
            : [new(url.OriginalString) { Public = true, ContentType = "video/mp4" }];
        var word = root.Text("status") ?? (isBlocked || outputs.Length > 0 ? "done" : "pending");
        var error = Errors.Read(root);
        var code = isBlocked || error.Says("moderation", "content polic", "usage guidelines") ? "moderation_blocked" : CodeOf(root.Member("error"));
        return State(word, outputs, code, error.Text ?? (isBlocked ? "The video did not pass the provider's moderation." : null)) with
        {
            Id = root.Text("request_id"),
            Model = root.Text("model"),
            Seconds = video.Seconds("duration"),
            Progress = root.Percent("progress"),
            // With storage_options the video may be only where it was stored.
            ExpiresAt = direct is null ? stored.UnixTime("public_url_expires_at") ?? stored.Time("public_url_expires_at") : null,
        };
    }

    private ProviderStep OnSource(Wish wish, string target, NativeObject settings)
    {
        var fields = FieldsOf(wish);
        return Source.Bring(wish.Request, wish.Request.Source, source => Send(wish, target, settings, new() { { "video", At(source) }, fields }));
    }

    private Exchange Send(Wish wish, string target, NativeObject settings, NativeObject rest) => Post(
        target, new NativeObject { { "model", wish.Request.Model }, { "prompt", wish.Request.Prompt }, settings, rest }.ToBody());

    private static NativeObject FieldsOf(Wish wish) => new()
    {
        { "keyframes", wish.FetchedField("keyframes") },
        { "storage_options", wish.Fields.Value("storage_options") },
        { "user", wish.Fields.Value("user") },
    };

    // The size is the source's, but 720p at most.
    private static void FollowSmallSource(Wish wish)
    {
        const int Most = 720;
        if (wish.SourceSize is { } source && Math.Min(source.Width, source.Height) > Most) wish.Size = source.AtShortSide(Most).ToString();
        wish.FollowSourceRatio();
    }

    private static NativeObject? At(NativeMedia? media) => media is null ? null : new() { { "url", media } };

    private static IEnumerable<NativeObject>? Listed(IReadOnlyList<NativeMedia> media) => media.Count == 0 ? null : media.Select(one => At(one)!);

    // internal_error says no more than the status.
    private static string? CodeOf(JsonElement error) => error.Word("code") is not "internal_error" and var code ? code : null;
}
