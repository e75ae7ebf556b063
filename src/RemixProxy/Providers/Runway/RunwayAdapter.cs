using System.Text.Json;
using System.Text.Json.Nodes;
using RemixProxy.Adapters;
using RemixProxy.Contract;
using RemixProxy.Providers.Kit;

namespace RemixProxy.Providers.Runway;

/// <summary>Runway: text or image to video, and edits and extensions of a video given as a URL or an upload. Source: Runway's SDK 4.20.1.</summary>
internal sealed class RunwayAdapter : TaskAdapter
{
    private static readonly string[] ModerationPhrases =
    [
        "content moderation", "by moderation", "pass moderation", "safety system", "safety filter", "safety polic", "safety guideline", "content polic",
        "SAFETY.INPUT", "SAFETY.OUTPUT",
    ];

    private static readonly MediaInput Image = new(
        "input_reference", SourceForms.Url | SourceForms.File, "Runway takes a reference image as a URL or a file.")
    {
        AsDataUrl = true, DataUrlLimit = 5 * 1024 * 1024, InlineTypes = ["image/png", "image/jpeg", "image/webp"], Upload = (_, file, use) => Upload(file, use),
    };

    private static readonly MediaInput Source = new("video", SourceForms.Url | SourceForms.File, "Runway takes a source video as a URL or a file.")
    {
        MaxInlineBytes = 0, Upload = Image.Upload,
    };

    public override ProviderProfile Profile { get; } = new()
    {
        Type = "runway",
        AliasRank = 2,
        DisplayName = "Runway",
        BaseUrl = "https://api.dev.runwayml.com",
        Version = "v1",
        KeyVariables = ["RUNWAYML_API_SECRET"],
        Headers = [new("X-Runway-Version", "2024-11-06")],
        CreateModel = "gen4.5",
        RemixModel = "aleph2",
        ExtendModel = "seedance2_5",
        Models = RunwayModel.All,
        PassesUndeclared = true,
        Operations = VideoOperation.Submit | VideoOperation.Retrieve | VideoOperation.Delete | VideoOperation.Content,
        Remix = RemixKind.Edit,
        Sources = Source.Forms,
        ExtendSources = Source.Forms,
        MaxSourceSeconds = 30,
        PollInterval = TimeSpan.FromSeconds(6),
        UrlLifetime = TimeSpan.FromHours(24),
        RefreshesUrls = true,
        Statuses =
        [
            new("PENDING", VideoStatus.Queued), new("THROTTLED", VideoStatus.Queued), new("RUNNING", VideoStatus.InProgress),
            new("SUCCEEDED", VideoStatus.Completed, "no_output", "The task succeeded without a video."), new("FAILED", VideoStatus.Failed),
            new("CANCELLED", VideoStatus.Failed, "cancelled", "The task was cancelled."),
        ],
    };

    protected override ErrorRules Errors { get; } = new()
    {
        Messages = ["error", "message"],
        Problems = "issues",
        Names = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["promptText"] = "prompt", ["promptImage"] = "input_reference", ["promptVideo"] = "video", ["videoUri"] = "video", ["ratio"] = "size",
            ["duration"] = "seconds", ["negativePrompt"] = "negative_prompt", ["contentModeration"] = "content_moderation",
            ["targetAspectRatio"] = "target_aspect_ratio", ["outputFormat"] = "output_format", ["model"] = "model", ["resolution"] = "resolution",
            ["seed"] = "seed", ["audio"] = "audio", ["keyframes"] = "keyframes",
        },
        Rules =
        [
            new(ProviderErrorKind.InsufficientQuota) { Says = ["enough credits", "insufficient credits", "out of credits"] },
            new(ProviderErrorKind.RateLimited) { Statuses = [429] },
            new(ProviderErrorKind.Moderation) { Statuses = [400], When = IsModeration },
            new(ProviderErrorKind.NotFound) { Statuses = [400], Fields = ["id"] },
            new(ProviderErrorKind.ModelNotFound) { Statuses = [400], Fields = ["model"] },
        ],
    };

    /// <summary>Cancels an unfinished task, or deletes a finished one. Runway has one call for both.</summary>
    public override ProviderStep? Delete(string nativeId, VideoStatus status) =>
        Remove(HttpMethod.Delete, Target(nativeId), nativeId, "The task was cancelled or deleted.");

    protected override VideoModel ModelOf(string id) => Profile.FindModel(id) ?? RunwayModel.Like(id);

    protected override string Target(string nativeId) => "tasks/" + NativeRequest.Segment(nativeId);

    protected override ProviderStep Create(Wish wish)
    {
        var (aspect, resolution) = (wish.Fields.Text("aspect_ratio"), wish.Fields.Text("resolution"));
        // Several models that the SDK does not describe take a ratio such as 16:9, a resolution, or both, instead of pixels.
        if (((RunwayModel)wish.Model).IsOpen && (aspect ?? resolution) is not null) wish.FollowFields();
        else (aspect, resolution) = (wish.FitSize().Pixels is var (width, height) ? Invariant($"{width}:{height}") : null, null);
        var shape = Shape(wish, null, aspect, resolution, (int)wish.FitSeconds());
        return Image.BringAny(
            wish.Request, wish.Request.InputReference,
            image => Send(wish, image is null ? "text_to_video" : "image_to_video", new() { { "promptImage", image } }, shape));
    }

    protected override ProviderStep Edit(Wish wish)
    {
        var model = (RunwayModel)wish.Model;
        var (ratio, resolution, target) = SourceShape(wish);
        wish.FollowSourceSeconds();
        return OnSource(wish, Shape(wish, model.HasModes ? "edit" : null, ratio, resolution, model.EditLengthIsAuto ? "auto" : null, target));
    }

    protected override ProviderStep Extend(Wish wish)
    {
        var (ratio, resolution, target) = SourceShape(wish);
        var added = wish.FitSeconds();
        wish.Append(added);
        return OnSource(wish, Shape(wish, "extend", ratio, resolution, (int)added, target));
    }

    protected override VideoSnapshot Read(JsonElement root, string? nativeId)
    {
        // SAFETY may be any segment: SAFETY.INPUT.TEXT, INPUT_PREPROCESSING.SAFETY.THIRD_PARTY. Runway asks not to show the code to end users.
        var isModeration = root.Text("failureCode")?.Split('.').Contains("SAFETY", StringComparer.OrdinalIgnoreCase) == true;
        NativeOutput[] outputs = [.. root.Items("output").Select(o => o.WebUrl()).OfType<Uri>().Select(ToOutput)];
        // The answer to a submit has only an id.
        var word = root.Text("status") ?? (nativeId is null ? "PENDING" : null);
        var state = State(word, outputs, isModeration ? "moderation_blocked" : null, root.Text("failure"));
        return state with
        {
            Id = root.Text("id"),
            Progress = state.Status == VideoStatus.InProgress ? (double?)root.Number("progress") * 100 : null,
            CreatedAt = root.Time("createdAt"),
        };
    }

    private ProviderStep OnSource(Wish wish, NativeObject shape) => Source.Bring(
        wish.Request, wish.Request.Source,
        video => Send(wish, "video_to_video", new() { { ((RunwayModel)wish.Model).TakesPromptVideo ? "promptVideo" : "videoUri", video } }, shape));

    private Exchange Send(Wish wish, string endpoint, NativeObject media, NativeObject shape) => Post(
        endpoint, new NativeObject { { "model", wish.Request.Model }, { "promptText", wish.Request.Prompt }, media, shape }.ToBody());

    private static NativeObject Shape(Wish wish, string? mode, string? ratio, string? resolution, JsonNode? duration, string? target = null) => new()
    {
        { "mode", mode },
        { "ratio", ratio },
        { "resolution", resolution },
        { "duration", duration },
        { "seed", wish.Fields.Value("seed") },
        { "audio", wish.Fields.Value("audio") },
        { "negativePrompt", wish.Fields.Value("negative_prompt") },
        { "contentModeration", wish.Fields.Value("content_moderation") },
        { "keyframes", Keyframes(wish.Fields) },
        { "targetAspectRatio", target },
        { "outputFormat", wish.Fields.Value("output_format") },
    };

    /// <summary>The shape of an edit or extend: that of the source, unless the caller asks for another and the model allows it.</summary>
    private static (string? Ratio, string? Resolution, string? Target) SourceShape(Wish wish)
    {
        var target = wish.Fields.Text("target_aspect_ratio");
        var (ratio, resolution) = (target is null ? wish.Fields.Text("aspect_ratio") : null, wish.Fields.Text("resolution"));
        if (!((RunwayModel)wish.Model).IsOpen)
        {
            if (resolution is not null) throw FollowsSource(wish, "resolution");
            if (ratio is not null && wish.Model.FindField("target_aspect_ratio") is null) throw FollowsSource(wish, "aspect_ratio");
            (target, ratio) = (target ?? ratio, null);
        }

        if ((target ?? ratio ?? resolution) is null)
        {
            wish.FollowSourceSize();
        }
        else
        {
            // The size is no longer the source's. Runway chooses the pixels, so they are unknown.
            wish.FollowFields();
            wish.Size = "";
        }

        return (ratio, resolution, target);
    }

    private static VideoRequestException FollowsSource(Wish wish, string field) =>
        new("invalid_value", field, $"'{wish.Request.Model}' takes '{field}' from the source video: leave it out.");

    // Runway fetches these URLs itself. A private address is refused all the same.
    private static JsonElement? Keyframes(FieldReader fields)
    {
        var keyframes = fields.Value("keyframes");
        var uris = keyframes?.EnumerateArray().Where(k => k.ValueKind == JsonValueKind.Object).Select(k => k.Text("uri")).OfType<string>() ?? [];
        return uris.All(
            uri => uri.StartsWith("data:", StringComparison.Ordinal) || uri.StartsWith("runway://", StringComparison.Ordinal) || PublicAddress.IsUrl(uri))
            ? keyframes
            : throw new VideoRequestException(
                "invalid_value", "keyframes", "Each 'uri' of 'keyframes' must be a public https URL, a data URI or a runway:// URI.");
    }

    /// <summary>Asks Runway for a temporary upload address, and sends the file there.</summary>
    private static Exchange Upload(MediaFile file, Func<string, ProviderStep> use)
    {
        var body = new NativeObject { { "filename", file.Name }, { "type", "ephemeral" } }.ToBody();
        return new(new(HttpMethod.Post, "uploads") { Body = body }, SendBytes) { Forward = false };

        Exchange SendBytes(NativeResponse response)
        {
            var place = response.ReadObject();
            if (place.Text("runwayUri") is not { } uri || place.Member("uploadUrl").WebUrl() is not { } url) throw new JsonException("No place to upload to.");
            // The fields keep the answer's order, and the file comes last, because a bucket ignores what follows it. The bucket is another host and must not
            // see the key.
            var fields = place.Member("fields") is { ValueKind: JsonValueKind.Object } form ? form.EnumerateObject().ToArray() : [];
            var parts = new MultipartBody([.. fields.Select(f => new MultipartPart(f.Name, f.Value.ToString())), new("file", null, file)]);
            return new(new(HttpMethod.Post, url.OriginalString) { Body = parts, Authenticated = false }, _ => use(uri)) { Forward = false };
        }
    }

    private static bool IsModeration(NativeFault fault) =>
        fault.Text.Says(ModerationPhrases) || fault.Problems.Any(p => p.Path is not ["contentModeration", ..] && p.Message.Says(ModerationPhrases));

    // An aleph2 edit may come as ProRes or as a sequence of pictures. Only the file's name says which.
    private static NativeOutput ToOutput(Uri url) => new(url.OriginalString)
    {
        Public = true,
        ContentType = Path.GetExtension(url.AbsolutePath) switch
        {
            ".mp4" => "video/mp4",
            ".mov" => "video/quicktime",
            ".zip" => "application/zip",
            _ => null,
        },
    };
}
