using System.Text.Json;
using RemixProxy.Adapters;
using RemixProxy.Contract;
using RemixProxy.Providers.Kit;

namespace RemixProxy.Providers.Ark;

/// <summary>
/// Seedance on BytePlus ModelArk (in China: Volcengine Ark): videos from text, images, videos and sounds. Seedance 2.5 edits and extends a video given as a
/// URL; 2.0 makes a new one that refers to it.
/// </summary>
/// <remarks>
/// Source: the AI SDK's provider for ByteDance 1.0.29, and the vendor's pages of tasks and errors as integrations of others have them. All models have one
/// endpoint. What a clip is used for is always said, because a task that the model itself takes for another fails only later.
/// </remarks>
internal sealed class ArkAdapter : TaskAdapter
{
    private const string Tasks = "contents/generations/tasks";
    private const VideoOperation Edits = VideoOperation.Remix | VideoOperation.Edit;

    // The ratio of what the video is made from.
    private const string Adaptive = "adaptive";

    // The length of what the video is made from.
    private const int Automatic = -1;

    private static readonly IReadOnlyList<SizeOption> Sizes = SizeOption.Standard(
        ["16:9", "9:16", "4:3", "3:4", "1:1", "21:9"], ["480p", "720p", "1080p"],
        new("16:9", "480p", new(864, 496)), new("4:3", "480p", new(752, 560)), new("1:1", "480p", new(640, 640)), new("21:9", "480p", new(992, 432)),
        new("4:3", "720p", new(1112, 834)), new("1:1", "720p", new(960, 960)), new("21:9", "720p", new(1470, 630)),
        new("4:3", "1080p", new(1664, 1248)), new("1:1", "1080p", new(1440, 1440)), new("21:9", "1080p", new(2206, 946)));

    private static readonly VideoModel Seedance2 = new("dreamina-seedance-2-0-260128", VideoOperation.Create | Edits)
    {
        Sizes = Sizes,
        Seconds = Durations.Range(4, 15),
        Fields =
        [
            ModelField.Integer("seed"), ModelField.Boolean("watermark"), ModelField.Boolean("camera_fixed"),
            ModelField.Word("service_tier", VideoOperation.Submit, "default", "flex"), ModelField.Integer("execution_expires_after"),
            ModelField.Integer("priority"), ModelField.Text("safety_identifier"),
        ],
        Inputs = ModelInputs.OfFirstFrame with { LastFrame = true, ReferenceImages = 9, ReferenceVideos = 3, ReferenceAudio = 3 },
        // The source is one of the videos.
        SourceInputs = new() { ReferenceImages = 9, ReferenceVideos = 2, ReferenceAudio = 3 },
        Sound = ModelSound.Switch,
        Remix = RemixKind.Reference,
    };

    private static readonly VideoModel Seedance2Fast = Seedance2 with
    {
        Id = "dreamina-seedance-2-0-fast-260128",
        Sizes = [.. Sizes.Where(size => size.Resolution != "1080p")],
    };

    private static readonly VideoModel Seedance25 = Seedance2 with
    {
        Id = "dreamina-seedance-2-5-260628",
        Operations = VideoOperation.Submit,
        Seconds = Durations.Range(4, 30),
        Fields = [.. Seedance2.Fields!, ModelField.Word("output_format", VideoOperation.Submit, "mp4", "mov")],
        Inputs = Seedance2.Inputs with { ReferenceImages = 30, ReferenceVideos = 10, ReferenceAudio = 10 },
        SourceInputs = new() { ReferenceImages = 30, ReferenceVideos = 9, ReferenceAudio = 10 },
        Remix = null,
    };

    // A body has 64 MB at most, so the limit of one image is that of all together, too.
    private static readonly MediaInput Image = new(
        "input_reference", SourceForms.Url | SourceForms.File, "{provider} takes '{param}' as a URL or a file of at most 30 MB, all files together.")
    {
        AsDataUrl = true, MaxInlineBytes = 30_000_000,
    };

    private static readonly MediaInput Sound = Image with
    {
        Takes = "{provider} takes '{param}' as a URL or a file of at most 15 MB, all files together.",
        MaxInlineBytes = 15_000_000,
    };

    private static readonly MediaInput Source = new("video", SourceForms.Url, "{provider} takes '{param}' as a URL that anybody may fetch.");

    public override ProviderProfile Profile { get; } = new()
    {
        Type = "ark",
        DisplayName = "BytePlus ModelArk",
        BaseUrl = "https://ark.ap-southeast.bytepluses.com",
        Version = "api/v3",
        KeyVariables = ["ARK_API_KEY"],
        CreateModel = Seedance2.Id,
        RemixModel = Seedance25.Id,
        ExtendModel = Seedance25.Id,
        Models = [Seedance2, Seedance2Fast, Seedance2Fast with { Id = "dreamina-seedance-2-0-mini-260615" }, Seedance25],
        Operations = VideoOperation.Submit | VideoOperation.Retrieve | VideoOperation.Cancel | VideoOperation.Delete | VideoOperation.Content,
        Remix = RemixKind.Edit,
        Sources = Source.Forms,
        ExtendSources = Source.Forms,
        MaxSourceSeconds = 30,
        PollInterval = TimeSpan.FromSeconds(5),
        BytesLifetime = TimeSpan.FromHours(24),
        Statuses =
        [
            new("queued", VideoStatus.Queued), new("running", VideoStatus.InProgress), new("succeeded", VideoStatus.Completed),
            new("failed", VideoStatus.Failed), new("cancelled", VideoStatus.Failed, "cancelled", "The video was cancelled."),
            new("expired", VideoStatus.Failed, "expired", "The provider gave the video up."),
        ],
    };

    protected override ErrorRules Errors { get; } = new()
    {
        Messages = ["error.message", "error", "message"],
        Codes = ["error.code", "code"],
        Params = ["error.param"],
        Names = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["model"] = "model", ["duration"] = "seconds", ["ratio"] = "aspect_ratio", ["resolution"] = "resolution", ["generate_audio"] = "audio",
            ["seed"] = "seed", ["service_tier"] = "service_tier", ["output_format"] = "output_format", ["priority"] = "priority",
            ["execution_expires_after"] = "execution_expires_after", ["safety_identifier"] = "safety_identifier",
        },
        Rules =
        [
            new(ProviderErrorKind.Moderation) { When = IsModeration },
            new(ProviderErrorKind.Unauthorized) { Codes = ["AuthenticationError", "InvalidAccountStatus"] },
            new(ProviderErrorKind.InsufficientQuota) { Codes = ["AccountOverdueError", "OperationDenied.ServiceOverdue", "SetLimitExceeded"] },
            // The same code is also said of too many tasks at once, which time mends.
            new(ProviderErrorKind.InsufficientQuota) { Codes = ["QuotaExceeded"], Says = ["free trial", "monthly", "weekly", "hour"] },
            new(ProviderErrorKind.ModelNotFound)
            {
                Codes =
                [
                    "InvalidEndpointOrModel", "InvalidEndpointOrModel.NotFound", "InvalidEndpointOrModel.ModelIDAccessDisabled", "ModelNotOpen",
                    "UnsupportedModel", "OperationDenied.ServiceNotOpen",
                ],
            },
        ],
    };

    /// <summary>Cancels a task that waits, or deletes one that has ended. The vendor refuses both for one that runs.</summary>
    public override ProviderStep? Delete(string nativeId, VideoStatus status)
    {
        var delete = Remove(HttpMethod.Delete, Target(nativeId), nativeId, "The task was cancelled or deleted.");
        // A cancelled task can't be deleted; it goes by itself.
        return status == VideoStatus.Failed
            ? Look(nativeId, task => task.Error?.Code == "cancelled" ? new Refusal(new(ProviderErrorKind.NotFound, "The task is cancelled.")) : delete)
            : delete;
    }

    /// <summary>Cancels a task that waits. The same call would delete one that has just ended, and never stops one that runs.</summary>
    public override ProviderStep? Cancel(string nativeId) => Look(nativeId, task => task.Status == VideoStatus.Queued
        ? Stop(HttpMethod.Delete, Target(nativeId), nativeId)
        : new Refusal(new(ProviderErrorKind.InvalidRequest, "A task can be cancelled only before it runs.")));

    protected override string Target(string nativeId) => $"{Tasks}/{NativeRequest.Segment(nativeId)}";

    // In China the same models have other names, and an endpoint of one's own has any.
    protected override VideoModel ModelOf(string id)
    {
        var like = id.Contains("seedance-2-5", StringComparison.Ordinal) ? Seedance25
            : id.Contains("seedance-2-0-fast", StringComparison.Ordinal) || id.Contains("seedance-2-0-mini", StringComparison.Ordinal) ? Seedance2Fast
            : Seedance2;
        return Profile.FindModel(id) ?? like with { Id = id };
    }

    protected override ProviderStep Create(Wish wish)
    {
        var request = wish.Request;
        var hasFrame = request.InputReference is not null || request.LastFrame is not null;
        CheckInputs(request, hasFrame, mayHearOnly: KnowsTasks(wish));
        var refers = request.ReferenceImages.Count + request.ReferenceVideos.Count + request.ReferenceAudio.Count > 0;
        var shape = hasFrame && KnowsTasks(wish) ? Following(wish.FitResolution()) : Shape(wish);
        return Send(wish, refers && KnowsTasks(wish) ? "reference" : null, shape, (int)wish.FitSeconds());
    }

    protected override ProviderStep Edit(Wish wish)
    {
        if (!KnowsTasks(wish)) return Refer(wish);
        var shape = FollowSource(wish);
        wish.FollowSourceSeconds();
        return Send(wish, "edit", shape, Automatic);
    }

    protected override ProviderStep Extend(Wish wish)
    {
        var shape = FollowSource(wish);
        var added = wish.FitSeconds();
        wish.Append(added);
        return Send(wish, "extend", shape, (int)added);
    }

    protected override VideoSnapshot Read(JsonElement root, string? nativeId)
    {
        var (id, error) = (root.Text("id"), Errors.Read(root));
        // Nobody knows whether the task was made, so the answer names none.
        if (nativeId is null && id is null && error.Text is not null) return VideoSnapshot.Failed("provider_error", error.Text);
        NativeOutput[] outputs = root.At("content.video_url").WebUrl() is { } url ? [ToOutput(url)] : [];
        // The answer to a submit has only an id.
        var state = State(root.Text("status") ?? (nativeId is null ? "queued" : null), outputs, CodeOf(root.Member("error"), error), error.Text);
        var (ratio, resolution) = (root.Text("ratio"), root.Text("resolution"));
        return state with
        {
            Id = id,
            Model = root.Text("model"),
            Size = Sizes.FirstOrDefault(o => o.Aspect == ratio && o.Resolution.Equals(resolution, StringComparison.OrdinalIgnoreCase))?.Pixels.ToString(),
            Seconds = root.Seconds("duration"),
            CreatedAt = root.UnixTime("created_at"),
            CompletedAt = state.Status == VideoStatus.Completed ? root.UnixTime("updated_at") : null,
        };
    }

    /// <summary>A new video that refers to its source, of the size and length asked for, else the source's.</summary>
    private ProviderStep Refer(Wish wish)
    {
        var request = wish.Request;
        var isShaped = request.Size is not null || wish.SourceSize is not null || request.Fields.ContainsKey("aspect_ratio");
        NativeObject shape;
        if (isShaped) shape = Shape(wish);
        else
        {
            shape = Following(wish.NearestToSource(wish.AtResolution(wish.Model.Sizes)).Resolution);
            wish.Size = "";
        }

        return Send(wish, null, shape, (int?)wish.FitSecondsLikeSource());
    }

    private static NativeObject FollowSource(Wish wish)
    {
        var size = wish.NearestToSource(wish.AtResolution(wish.Model.Sizes));
        // The ratio is the nearest that the vendor has; the poll tells it.
        wish.Size = wish.SourceSize is null ? null : size.Pixels.ToString();
        wish.FollowSourceRatio();
        return Following(size.Resolution);
    }

    private ProviderStep Send(Wish wish, string? task, NativeObject shape, int? seconds)
    {
        var request = wish.Request;
        var settings = new NativeObject
        {
            { "omni_reference_task_type", task },
            shape,
            { "duration", seconds },
            { "generate_audio", wish.Audio },
        };
        foreach (var field in wish.Model.Fields ?? []) settings.Add(field.Name, wish.Fields.Value(field.Name));
        if (wish.Fields.Boolean("watermark") is null) settings.Add("watermark", false);
        var source = request.Operation == VideoOperation.Create ? null : Source.Check(request, request.Source);
        return NativeInputs.Bring(request, Image, Source, Sound, inputs => Source.BringAny(request, source, video => Post(
            Tasks, new NativeObject { { "model", request.Model }, { "content", Contents(request.Prompt, video, inputs) }, settings }.ToBody())));
    }

    /// <summary>Looks how a task stands, and goes on by that.</summary>
    private Exchange Look(string nativeId, Func<VideoSnapshot, ProviderStep> next) =>
        new(new(HttpMethod.Get, Target(nativeId)), response => next(Read(response.ReadObject(), nativeId))) { Forward = false };

    private static bool KnowsTasks(Wish wish) => wish.Model.Operations.HasFlag(VideoOperation.Extend);

    private static NativeObject Shape(Wish wish)
    {
        // The vendor's 720p has up to 960 lines, so a ratio alone would be taken for 480p.
        var isOpen = wish.Request.Size is null && wish.SourceSize is null && wish.Fields.Text("resolution") is null;
        var size = wish.FitSize(isOpen ? [.. wish.Model.Sizes.Where(option => option.Resolution == "720p")] : null);
        return new() { { "ratio", size.Aspect }, { "resolution", size.Resolution } };
    }

    private static NativeObject Following(string resolution) => new() { { "ratio", Adaptive }, { "resolution", resolution } };

    /// <summary>Refuses images, videos and sounds that the model takes, but not together.</summary>
    private static void CheckInputs(SubmitRequest request, bool hasFrame, bool mayHearOnly)
    {
        var refers = new[]
        {
            ("reference_images", request.ReferenceImages), ("reference_videos", request.ReferenceVideos), ("reference_audio", request.ReferenceAudio),
        };
        RequireFirstFrame(request);
        if (hasFrame && refers.FirstOrDefault(r => r.Item2.Count > 0).Item1 is { } name)
            throw Refused(name, $"takes no '{name}' beside a first or last frame: leave out one of them.");
        if (!mayHearOnly && request.ReferenceAudio.Count > 0 && request.ReferenceImages.Count + request.ReferenceVideos.Count == 0)
            throw Refused("reference_audio", "takes sounds only beside 'reference_images' or 'reference_videos'.");

        VideoRequestException Refused(string param, string what) => new("unsupported_parameter", param, $"'{request.Model}' {what}");
    }

    private static List<NativeObject> Contents(string prompt, NativeMedia? source, NativeInputs inputs)
    {
        List<NativeObject> contents = [new() { { "type", "text" }, { "text", prompt } }];
        Add("video_url", "reference_video", source);
        Add("image_url", "first_frame", inputs.FirstFrame);
        Add("image_url", "last_frame", inputs.LastFrame);
        foreach (var image in inputs.Images) Add("image_url", "reference_image", image);
        foreach (var video in inputs.Videos) Add("video_url", "reference_video", video);
        foreach (var sound in inputs.Sounds) Add("audio_url", "reference_audio", sound);
        return contents;

        void Add(string type, string role, NativeMedia? media)
        {
            if (media is not null) contents.Add(new() { { "type", type }, { type, new NativeObject { { "url", media } } }, { "role", role } });
        }
    }

    private static NativeOutput ToOutput(Uri url) => new(url.OriginalString)
    {
        Public = true, ContentType = Path.GetExtension(url.AbsolutePath) == ".mov" ? "video/quicktime" : "video/mp4",
    };

    // InternalServiceError says no more than the status.
    private static string? CodeOf(JsonElement error, NativeFault fault) =>
        IsModeration(fault) ? "moderation_blocked" : error.Word("code") is not "InternalServiceError" and var code ? code : null;

    // InputTextSensitiveContentDetected, OutputVideoSensitiveContentDetected.PolicyViolation and the like.
    private static bool IsModeration(NativeFault fault) => fault.Codes.Any(code => code.Says("SensitiveContent", "RiskDetection", "PolicyViolation"));
}
