using System.Text.Json;
using RemixProxy.Adapters;
using RemixProxy.Contract;
using RemixProxy.Providers.Kit;

namespace RemixProxy.Providers.Google;

/// <summary>Google Cloud's Vertex AI: Veo models, whose jobs are long-running operations.</summary>
/// <remarks>
/// An operation is asked for by its whole name, in a body. Project and location in it are the account's; model and the operation's own id are the native id,
/// <c>{model}_{id}</c>. Veo 3.1 edits nothing, and extends a video of at most 30 s by 7 s.
/// </remarks>
internal sealed class VertexVeoAdapter : TaskAdapter
{
    private const string DefaultModel = "veo-3.1-fast-generate-001";
    // No model's name has one, so an operation's may.
    private const char Separator = '_';
    private const decimal ReferringSeconds = 8;
    private const string Poll = ":fetchPredictOperation";

    private static readonly VideoModel Veo = new(DefaultModel, VideoOperation.Create | VideoOperation.Extend)
    {
        Sizes = SizeOption.Standard(["16:9", "9:16"], ["720p", "1080p", "4k"]),
        Seconds = Durations.Of(4, 6, 8),
        ExtendSeconds = Durations.Of(7),
        Fields =
        [
            ModelField.Integer("seed"), ModelField.Text("negative_prompt"), ModelField.Boolean("enhance_prompt"),
            ModelField.Word("person_generation", VideoOperation.Submit, "dont_allow", "allow_adult", "allow_all"),
            ModelField.Word("compression_quality", VideoOperation.Submit, "OPTIMIZED", "LOSSLESS"),
        ],
        Inputs = new() { FirstFrame = true, LastFrame = true, ReferenceImages = 3 },
        Sound = ModelSound.Switch,
        MaxOutputs = 4,
    };

    private readonly ProviderAccount? _account;

    public VertexVeoAdapter() : this(null)
    {
    }

    private VertexVeoAdapter(ProviderAccount? account)
    {
        _account = account;
        // The place of a video is known only where there is a bucket.
        var sources = account?.OutputUri is null ? SourceForms.File : SourceForms.Id | SourceForms.File;
        Profile = new()
        {
            Type = "vertex-veo",
            TelemetryName = "gcp.vertex_ai",
            DisplayName = "Google Vertex AI Veo",
            BaseUrl = "https://{region}-aiplatform.googleapis.com",
            RegionBaseUrls = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["global"] = "https://aiplatform.googleapis.com",
                ["us"] = "https://aiplatform.us.rep.googleapis.com",
                ["eu"] = "https://aiplatform.eu.rep.googleapis.com",
            },
            Version = "v1",
            KeyVariables = [],
            Signing = GoogleSigner.Signing,
            Secrets = GoogleSigner.Secrets,
            Region = new("GOOGLE_CLOUD_LOCATION", "GOOGLE_CLOUD_REGION") { Default = "global" },
            Project = new("GOOGLE_CLOUD_PROJECT"),
            Storage = GoogleCloud.Storage,
            CreateModel = DefaultModel,
            Models = [Veo, Veo with { Id = "veo-3.1-generate-001" }],
            Operations = VideoOperation.Create | VideoOperation.Extend | VideoOperation.Retrieve | VideoOperation.Delete | VideoOperation.Content,
            Remix = RemixKind.None,
            ExtendSources = sources,
            Images = SourceForms.File,
            PollInterval = TimeSpan.FromSeconds(10),
        };
    }

    public override ProviderProfile Profile { get; }

    protected override ErrorRules Errors => GeminiErrors.Rules;

    private string Models => GoogleCloud.ParentOf(_account) + "publishers/google/models";

    public override IVideoAdapter For(ProviderAccount account) => new VertexVeoAdapter(account);

    public override bool IsIdOf(string nativeId, IEnumerable<VideoModel> models) => models.Any(m => m.Id == Split(nativeId).Model);

    public override ProviderStep Retrieve(string nativeId) => Ask(PollFor(nativeId), nativeId);

    protected override string Target(string nativeId) => $"{Models}/{NativeRequest.Segment(Split(nativeId).Model)}{Poll}";

    protected override ProviderStep Create(Wish wish)
    {
        RequireFirstFrame(wish.Request);
        RefuseFrameBesideReferences(wish.Request);
        var refers = wish.Request.ReferenceImages.Count > 0;
        var size = wish.FitSize();
        var body = new NativeObject
        {
            { "durationSeconds", wish.FitSeconds(refers ? Durations.Of(ReferringSeconds) : null) }, { "aspectRatio", size.Aspect },
            { "resolution", size.Resolution }, Parameters(wish),
        };
        return NativeInputs.Bring(wish.Request, GoogleCloud.File, null, null, inputs => Predict(wish, body, new NativeObject
        {
            { "image", Media(inputs.FirstFrame) },
            { "lastFrame", Media(inputs.LastFrame) },
            {
                "referenceImages", inputs.Images.Count == 0
                    ? null
                    : inputs.Images.Select(image => new NativeObject { { "image", Media(image) }, { "referenceType", "ASSET" } })
            },
        }));
    }

    protected override ProviderStep Extend(Wish wish)
    {
        wish.FollowSourceSize();
        wish.Append(wish.FitSeconds());
        var body = Parameters(wish);
        return wish.Request.Source switch
        {
            NativeIdSource { Id: var id } => new Exchange(PollFor(id), response => PlaceOf(response.ReadObject()) is { } place
                ? Predict(wish, body, new NativeObject { { "video", new NativeObject { { "gcsUri", place }, { "mimeType", "video/mp4" } } } })
                : new Refusal(new(ProviderErrorKind.InvalidRequest, "The source video is not in a bucket: send it as a file.") { Param = "video" }))
            { Forward = false },
            var source => (GoogleCloud.File with { Param = "video", Code = "unsupported_operation" }).Bring(
                wish.Request, source, media => Predict(wish, body, new NativeObject { { "video", Media(media) } })),
        };
    }

    protected override VideoSnapshot Read(JsonElement root, string? nativeId)
    {
        var id = nativeId ?? IdOf(root.Text("name"));
        if (root.Member("done").ValueKind != JsonValueKind.True) return new() { Id = id, Status = VideoStatus.InProgress };
        if (GeminiErrors.Find(root) is { } fault)
            return VideoSnapshot.Failed(GeminiErrors.IsModeration(fault) ? "moderation_blocked" : "provider_error", fault.Text, id);
        var response = root.Member("response");
        NativeOutput[] outputs = [.. response.Items("videos").Select(Output).OfType<NativeOutput>()];
        var filtered = response.Number("raiMediaFilteredCount") is { } count and > 0
            ? new ContentFilter((int)Math.Min(count, Veo.MaxOutputs), [.. response.Items("raiMediaFilteredReasons").Select(r => r.Text()).OfType<string>()])
            : null;
        if (outputs.Length > 0) return new() { Id = id, Status = VideoStatus.Completed, Outputs = outputs, ContentFilter = filtered };
        return filtered is null
            ? VideoSnapshot.Failed("no_output", "The provider reported success without a video.", id)
            : VideoSnapshot.Failed("moderation_blocked", string.Join(' ', filtered.Reasons), id) with { ContentFilter = filtered };
    }

    private Exchange Predict(Wish wish, NativeObject parameters, NativeObject inputs) => Post(
        $"{Models}/{PathOf(wish.Request, wish.Request.Model)}:predictLongRunning",
        new NativeObject
        {
            { "instances", new NativeObject[] { new() { { "prompt", wish.Request.Prompt }, inputs } } },
            { "parameters", parameters },
        }.ToBody());

    private NativeObject Parameters(Wish wish) => new()
    {
        { "sampleCount", wish.Request.Outputs },
        { "storageUri", _account?.OutputUri },
        { "generateAudio", wish.Audio },
        { "seed", wish.Fields.Integer("seed") },
        { "negativePrompt", wish.Fields.Text("negative_prompt") },
        { "enhancePrompt", wish.Fields.Boolean("enhance_prompt") },
        { "personGeneration", wish.Fields.Text("person_generation") },
        { "compressionQuality", wish.Fields.Text("compression_quality") },
    };

    private static NativeObject? Media(NativeMedia? media) =>
        media is null ? null : new() { { "bytesBase64Encoded", media.Inline }, { "mimeType", media.Type } };

    private NativeRequest PollFor(string nativeId)
    {
        var (model, operation) = Split(nativeId);
        var name = $"{Models}/{NativeRequest.Segment(model)}/operations/{NativeRequest.Segment(operation)}";
        return new(HttpMethod.Post, Target(nativeId)) { Body = new NativeObject { { "operationName", name } }.ToBody() };
    }

    private NativeOutput? Output(JsonElement video)
    {
        var type = video.Text("mimeType") ?? "video/mp4";
        if (GoogleCloud.Output(_account?.StorageUrl, video.Text("gcsUri"), type) is { } stored) return stored;
        return video.TextBehind($"data:{type};base64,", "bytesBase64Encoded") is { } url ? new(url) { ContentType = type } : null;
    }

    private static string? PlaceOf(JsonElement root) =>
        root.At("response").Items("videos").Select(v => v.Text("gcsUri")).FirstOrDefault(uri => uri is not null);

    // projects/p/locations/l/publishers/google/models/{model}/operations/{id}
    private static string? IdOf(string? name) =>
        name?.Split('/') is [.., "models", { Length: > 0 } model, "operations", { Length: > 0 } id] ? model + Separator + id : null;

    private static (string Model, string Operation) Split(string nativeId)
    {
        var at = nativeId.IndexOf(Separator);
        return at < 0 ? ("unknown", nativeId) : (nativeId[..at], nativeId[(at + 1)..]);
    }
}
