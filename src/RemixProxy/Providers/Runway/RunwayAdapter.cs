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
        "input_reference", SourceForms.Url | SourceForms.File, "{provider} takes '{param}' as a URL or a file.")
    {
        AsDataUrl = true, DataUrlLimit = 5 * 1024 * 1024, MaxInlineBytes = 16 << 20, InlineTypes = ["image/png", "image/jpeg", "image/webp"],
        Upload = (_, file, use) => Upload(file, use),
    };

    // Runway's own names for media are not read, and a picture must not be lost.
    private static readonly Dictionary<string, string> OwnMedia = new(StringComparer.Ordinal)
    {
        ["promptImage"] = "input_reference", ["references"] = "reference_images", ["referenceVideos"] = "reference_videos",
        ["referenceAudio"] = "reference_audio", ["promptVideo"] = "video", ["videoUri"] = "video",
    };

    private static readonly MediaInput Source = Image with { Param = "video", MaxInlineBytes = 0 };

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
        Operations = VideoOperation.Submit | VideoOperation.Retrieve | VideoOperation.Delete | VideoOperation.Content | VideoOperation.Cancel,
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
            ["duration"] = "seconds", ["references"] = "reference_images", ["referenceVideos"] = "reference_videos", ["referenceAudio"] = "reference_audio",
            ["negativePrompt"] = "negative_prompt", ["contentModeration"] = "content_moderation", ["targetAspectRatio"] = "target_aspect_ratio",
            ["outputFormat"] = "output_format", ["proresProfile"] = "prores_profile", ["promptExpansionMode"] = "prompt_expansion_mode", ["model"] = "model",
            ["resolution"] = "resolution", ["seed"] = "seed", ["audio"] = "audio", ["keyframes"] = "keyframes",
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

    public override ProviderStep? Cancel(string nativeId) => Stop(HttpMethod.Delete, Target(nativeId), nativeId);

    protected override VideoModel ModelOf(string id) => Profile.FindModel(id) ?? RunwayModel.Unknown(id);

    protected override string Target(string nativeId) => "tasks/" + NativeRequest.Segment(nativeId);

    protected override ProviderStep Create(Wish wish)
    {
        var model = (RunwayModel)wish.Model;
        var request = wish.Request;
        var hasFrame = request.InputReference is not null || request.LastFrame is not null;
        var endpoint = hasFrame ? "image_to_video" : "text_to_video";
        if (model.IsOpen) return WithInputs(wish, endpoint, RunwayUndeclared.Settings(wish, null));
        CheckInputs(request, model, hasFrame);
        var sizes = request.ReferenceImages.Count > 0 ? model.ReferenceSizes : model.Tiers;
        var shape = RunwaySizes.OfCreate(wish, hasFrame ? model.ImageShape : model.TextShape, sizes);
        return WithInputs(wish, endpoint, Settings(wish, null, shape, (int)wish.FitSeconds()));
    }

    protected override ProviderStep Edit(Wish wish)
    {
        var model = (RunwayModel)wish.Model;
        var mode = model.HasModes ? "edit" : null;
        if (model.IsOpen) return OnSource(wish, RunwayUndeclared.Settings(wish, mode));
        var shape = RunwaySizes.OfEdit(wish);
        if (model.MakesFromSource) return OnSource(wish, Settings(wish, null, shape, (int?)wish.FitSecondsLikeSource()));
        wish.FollowSourceSeconds();
        return OnSource(wish, Settings(wish, mode, shape, model.EditLengthIsAuto ? "auto" : null));
    }

    protected override ProviderStep Extend(Wish wish)
    {
        if (((RunwayModel)wish.Model).IsOpen) return OnSource(wish, RunwayUndeclared.Settings(wish, "extend"));
        var shape = RunwaySizes.Following(wish);
        var added = wish.FitSeconds();
        wish.Append(added);
        return OnSource(wish, Settings(wish, "extend", shape, (int)added));
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
            Progress = state.Status == VideoStatus.InProgress ? root.Percent("progress", whole: 1) : null,
            CreatedAt = root.Time("createdAt"),
        };
    }

    private ProviderStep WithInputs(Wish wish, string endpoint, NativeObject settings) => NativeInputs.Bring(
        wish.Request, Image, Source, Source, inputs => Send(wish, endpoint, InputsOf((RunwayModel)wish.Model, inputs), settings));

    private ProviderStep OnSource(Wish wish, NativeObject settings)
    {
        var (request, model) = (wish.Request, (RunwayModel)wish.Model);
        // The source is checked before anything is uploaded, like all others.
        Source.Check(request, request.Source);
        return NativeInputs.Bring(request, Image, Source, Source, inputs => Source.Bring(request, request.Source, video => Send(
            wish, "video_to_video", new() { { model.TakesPromptVideo ? "promptVideo" : "videoUri", video }, InputsOf(model, inputs) }, settings)));
    }

    private Exchange Send(Wish wish, string endpoint, NativeObject media, NativeObject settings) => Post(
        endpoint, new NativeObject { { "model", wish.Request.Model }, { "promptText", wish.Request.Prompt }, media, settings }.ToBody());

    private static NativeObject InputsOf(RunwayModel model, NativeInputs inputs) => new()
    {
        { "promptImage", Frames(inputs) },
        { "promptImage", inputs.LastFrame is null && !model.TakesLooseImages ? inputs.FirstFrame : null },
        { "references", Listed(inputs.Images, null) },
        { "referenceVideos", Listed(inputs.Videos, model.TypesReferenceVideos ? "video" : null) },
        { "referenceAudio", Listed(inputs.Sounds, "audio") },
    };

    private static NativeObject[]? Frames(NativeInputs inputs)
    {
        var all = new[] { (Image: inputs.FirstFrame, Position: "first"), (Image: inputs.LastFrame, Position: "last") };
        NativeObject[] frames = [.. all.Where(f => f.Image is not null).Select(f => new NativeObject { { "uri", f.Image }, { "position", f.Position } })];
        return frames.Length > 0 ? frames : null;
    }

    private static IEnumerable<NativeObject>? Listed(IReadOnlyList<NativeMedia> media, string? type) =>
        media.Count == 0 ? null : media.Select(one => new NativeObject { { "type", type }, { "uri", one } });

    private static NativeObject Settings(Wish wish, string? mode, NativeObject shape, JsonNode? duration)
    {
        if (wish.Request.Fields.Keys.FirstOrDefault(OwnMedia.ContainsKey) is { } native)
            throw new VideoRequestException("unsupported_parameter", native, $"Send '{native}' as '{OwnMedia[native]}'.");
        var settings = new NativeObject
        {
            { "mode", mode },
            shape,
            { "duration", duration },
            { "audio", wish.Audio },
        };
        foreach (var field in wish.Model.Fields ?? [])
        {
            var name = RunwayModel.WireName(field.Name);
            if (name != "targetAspectRatio") settings.Add(name, name == "keyframes" ? Keyframes(wish.Fields) : wish.Fields.Value(field.Name));
        }

        return settings;
    }

    /// <summary>Refuses images, videos and sounds that the model takes, but not together.</summary>
    private static void CheckInputs(SubmitRequest request, RunwayModel model, bool hasFrame)
    {
        RequireFirstFrame(request);
        if (model.SoundNeedsImage && request.ReferenceAudio.Count > 0 && request.ReferenceImages.Count == 0)
            throw Refused("reference_audio", "takes sounds only beside 'reference_images'.");
        if (!hasFrame) return;
        foreach (var (name, given, most) in new[]
        {
            ("reference_images", request.ReferenceImages.Count, model.BesideFrames.ReferenceImages),
            ("reference_videos", request.ReferenceVideos.Count, model.BesideFrames.ReferenceVideos),
            ("reference_audio", request.ReferenceAudio.Count, model.BesideFrames.ReferenceAudio),
        })
        {
            if (given > most) throw Refused(name, $"takes no '{name}' beside a first or last frame: leave out one of them.");
        }

        VideoRequestException Refused(string param, string what) => new("unsupported_parameter", param, $"'{request.Model}' {what}");
    }

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
