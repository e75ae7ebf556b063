using System.Buffers;
using System.Text.Json;
using RemixProxy.Adapters;
using RemixProxy.Contract;
using RemixProxy.Providers.Kit;

namespace RemixProxy.Providers.Fal;

/// <summary>fal's queue: models of many vendors, each at a path of its own.</summary>
/// <remarks>
/// Source: fal's own client 1.10.1 and its documentation. The queue takes any input; the model may refuse it later, which the result then tells. A request is
/// asked for below the first two segments of its model (a full path is 405), so those stand in the id. The addresses in fal's answers are not used.
/// </remarks>
internal sealed class FalAdapter : CatalogAdapter
{
    private const string Cancelled = "client_cancelled";
    private const string ModelApi = "https://api.fal.ai/";

    /// <summary>The most pages of a list that are read, lest it has no end. fal has some 1,300 models of all kinds.</summary>
    private const int MostPages = 100;

    private static readonly string[] Timeouts = ["request_timeout", "startup_timeout"];

    private static readonly string[] Categories = ["text-to-video", "image-to-video", "video-to-video"];

    private static readonly string[] Ended = ["deprecated", "inactive"];

    // Models below them have one segment more.
    private static readonly string[] Namespaces = ["workflows", "comfy"];

    public override ProviderProfile Profile { get; } = new()
    {
        Type = "fal",
        DisplayName = "fal",
        BaseUrl = "https://queue.fal.run",
        Version = "",
        KeyVariables = ["FAL_KEY"],
        KeyParts = ["FAL_KEY_ID", "FAL_KEY_SECRET"],
        Signing = new SigningScheme.InHeader("Authorization", "Key "),
        CreateModel = FalModels.KlingText,
        RemixModel = FalModels.OmniEdit,
        ExtendModel = FalModels.GrokExtend,
        Models = FalModels.All,
        PassesUndeclared = true,
        TakesConfiguredModels = true,
        Operations = VideoOperation.Submit | VideoOperation.Retrieve | VideoOperation.Delete | VideoOperation.Content | VideoOperation.Cancel,
        Remix = RemixKind.Edit,
        Sources = SourceForms.Url | SourceForms.File,
        ExtendSources = SourceForms.Url | SourceForms.File,
        PollInterval = TimeSpan.FromSeconds(3),
        IdCharacters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.~/"),
        Statuses = [new("IN_QUEUE", VideoStatus.Queued), new("IN_PROGRESS", VideoStatus.InProgress), new("COMPLETED", VideoStatus.Completed)],
    };

    protected override ErrorRules Errors { get; } = new()
    {
        Messages = ["detail", "error", "message"],
        Codes = ["error_type"],
        Problems = "detail",
        Names = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["video_url"] = "video", ["duration"] = "seconds", ["image_url"] = "input_reference", ["start_image_url"] = "input_reference",
            ["end_image_url"] = "last_frame", ["image_urls"] = "reference_images", ["generate_audio"] = "audio",
        },
        KeepsNames = true,
        Rules =
        [
            new(ProviderErrorKind.Moderation) { Codes = ["content_policy_violation"] },
            new(ProviderErrorKind.InsufficientQuota) { Statuses = [402, 403], Says = ["balance", "top up", "credits"] },
            new(ProviderErrorKind.ModelNotFound) { Statuses = [404], Says = ["application*not found", "path*not found"] },
        ],
    };

    protected override IReadOnlyDictionary<string, FieldSpelling> Usual { get; } = Spell(
        ("video", "video_url"), ("input_reference", "image_url"), ("last_frame", "end_image_url"), ("reference_images", "image_urls"),
        ("reference_videos", "video_urls"), ("reference_audio", "audio_urls"), ("seconds", "duration"), ("aspect_ratio", "aspect_ratio"),
        ("resolution", "resolution"), ("audio", "generate_audio"));

    protected override MediaInput Media { get; } = new(
        "input_reference", SourceForms.Url | SourceForms.File, "{provider} takes '{param}' as a URL or a file.")
    { AsDataUrl = true };

    public override bool IsIdOf(string nativeId, IEnumerable<VideoModel> models)
    {
        var (app, request) = Split(nativeId);
        return NativeRequest.Segments(request) is not null && models.Any(m => PathsOf(m).Any(path => AppOf(path) == app));
    }

    public override ProviderStep Retrieve(string nativeId) => Ask(new(HttpMethod.Get, Target(nativeId) + "/status?logs=0"), nativeId);

    // What has ended is a 400.
    public override ProviderStep? Cancel(string nativeId) => Remove(HttpMethod.Put, Target(nativeId) + "/cancel", nativeId, "The video was cancelled.");

    // Models that fal does not know are left out of the list, or all that were asked for are a 404.
    protected override ProviderStep? LookAt(string name, Uri baseUrl) =>
        AskModels(baseUrl, $"expand=openapi-3.0&endpoint_id={NativeRequest.Segment(name)}", root => new Catalog(
            [.. ModelsIn(root).Where(m => m.Text("endpoint_id") == name).Select(m => Described(m, name)).Take(1)])) with
        {
            Refused = response => response.Status is 404 or 410 ? new Catalog([]) : null,
        };

    protected override IEnumerable<ProviderStep> Lists(Uri baseUrl) => Categories.Select(category => Page(baseUrl, category, null, [], MostPages));

    protected override string TargetOf(SubmitRequest request, ConfiguredModel model) =>
        AppOf(PathOf(model)) is null ? throw NoModel(request) : PathOf(request, PathOf(model));

    protected override Exchange Send(ConfiguredModel model, string target, NativeObject input) =>
        new(new(HttpMethod.Post, target) { Body = input.ToBody() }, response =>
        {
            // An id with a slash would be taken for a part of the model.
            var id = response.ReadObject().Text("request_id") is { } request && !request.Contains('/') ? $"{AppOf(PathOf(model))}/{request}" : null;
            return new Answer(new() { Id = id, Status = VideoStatus.Queued });
        });

    protected override string Target(string nativeId)
    {
        var (app, request) = Split(nativeId);
        // An id without a model leads nowhere, but not out of the base either.
        return $"{NativeRequest.Segments(app) ?? "unknown"}/requests/{NativeRequest.Segment(request)}";
    }

    protected override ProviderStep Answered(NativeResponse response, string? nativeId)
    {
        var root = response.ReadObject();
        if (Profile.FindStatus(root.Text("status")).Status != VideoStatus.Completed) return new Answer(State(root.Text("status"), []));
        if (root.Text("error_type") is not null || root.Member("error").ValueKind != JsonValueKind.Undefined) return new Answer(Failure(Errors.Read(root)));
        return new Exchange(new(HttpMethod.Get, Target(nativeId!)), result => new Answer(Read(result.ReadObject(), nativeId)))
        {
            Forward = false, Refused = ToldByRefusal,
        };
    }

    protected override VideoSnapshot Read(JsonElement root, string? nativeId)
    {
        JsonElement[] videos = [.. root.Items("video"), .. root.Items("videos"), .. root.Items("output"), root.At("output.video")];
        var video = videos.FirstOrDefault(v => UrlOf(v) is not null);
        NativeOutput[] outputs = [.. videos.Select(v => (Url: UrlOf(v), Type: v.Text("content_type"))).Where(v => v.Url is not null)
            .Select(v => new NativeOutput(v.Url!.OriginalString) { Public = true, ContentType = v.Type ?? "video/mp4" })];
        return State("COMPLETED", outputs) with
        {
            Seconds = video.Seconds("duration"),
            Size = VideoSize.TryParse($"{video.Text("width")}x{video.Text("height")}", out var size) ? size.ToString() : null,
        };
    }

    private Exchange Page(Uri baseUrl, string category, string? cursor, NativeModel[] before, int left) =>
        AskModels(baseUrl, $"category={category}&status=active{(cursor is null ? "" : $"&cursor={NativeRequest.Segment(cursor)}")}", root =>
        {
            NativeModel[] models = [.. before, .. ModelsIn(root).Select(m => m.Text("endpoint_id")).OfType<string>().Select(name => new NativeModel(name))];
            return root.Text("next_cursor") is { } next && root.Member("has_more").ValueKind == JsonValueKind.True && left > 1
                ? Page(baseUrl, category, next, models, left - 1)
                : new Catalog(models);
        });

    /// <summary>
    /// Asks fal's list of models. It is at a host of its own and needs no key, so it gets none; an account with another base than fal's has the list there.
    /// </summary>
    private Exchange AskModels(Uri baseUrl, string query, Func<JsonElement, ProviderStep> next) => new(
        new(HttpMethod.Get, $"{(Origin.IsSame(baseUrl, new(Profile.BaseUrl!)) ? ModelApi : "")}v1/models?{query}") { Authenticated = false },
        response => next(response.ReadObject()))
    { Forward = false };

    private static IEnumerable<JsonElement> ModelsIn(JsonElement root) =>
        root.Member("models") is { ValueKind: JsonValueKind.Array } models ? models.Items() : throw new JsonException("No list of models.");

    private static NativeModel Described(JsonElement model, string name) => new(name)
    {
        IsDeprecated = model.At("metadata.status").Text() is { } status && Ended.Contains(status), Fields = OpenApiModel.ReadPost(model.Member("openapi")),
    };

    private static Uri? UrlOf(JsonElement video) => video.WebUrl() ?? video.Member("url").WebUrl();

    /// <summary>What a refused result says: most mean that the video failed.</summary>
    private ProviderStep? ToldByRefusal(NativeResponse response)
    {
        var (root, error) = (response.ReadAny(), ReadError(response));
        var fault = Errors.Read(root);
        return response.Status switch
        {
            400 when fault.Says("in progress") => new Answer(State("IN_PROGRESS", [])),
            401 or 403 => new Refusal(error with { Kind = error.Kind == ProviderErrorKind.ByStatus ? ProviderErrorKind.Unauthorized : error.Kind }),
            404 => new Refusal(error with { Kind = ProviderErrorKind.NotFound }),
            410 => new Refusal(error with { Kind = ProviderErrorKind.Expired }),
            429 => new Refusal(error with { Kind = ProviderErrorKind.RateLimited }),
            >= 400 and < 500 and not 408 => new Answer(Failure(fault)),
            // A model's own error; any other may be one of the queue, and over at the next poll.
            >= 500 when fault.Codes.Count > 0 => new Answer(Failure(fault)),
            _ => null,
        };
    }

    private static VideoSnapshot Failure(NativeFault fault)
    {
        // What else went wrong with fal's machines says no more than that.
        var other = fault.Codes.FirstOrDefault(word => Timeouts.Contains(word)) ?? "provider_error";
        var code = fault.Has("content_policy_violation") ? "moderation_blocked" : fault.Has(Cancelled) ? "cancelled" : other;
        return VideoSnapshot.Failed(code, fault.Message);
    }

    private static (string App, string Request) Split(string nativeId)
    {
        var at = nativeId.LastIndexOf('/');
        return at < 0 ? ("", nativeId) : (nativeId[..at], nativeId[(at + 1)..]);
    }

    private static string PathOf(ConfiguredModel model) => model.Path ?? model.Id;

    private static IEnumerable<string> PathsOf(VideoModel model) => model is not ConfiguredModel configured ? [model.Id]
        : configured.WithImage is { } other ? [PathOf(configured), PathOf(other)] : [PathOf(configured)];

    /// <summary>The part of a model's path below which its requests stand; null where it has none.</summary>
    private static string? AppOf(string path)
    {
        var segments = path.Split('/');
        var length = Namespaces.Contains(segments[0]) ? 3 : 2;
        return segments.Length >= length && NativeRequest.Segments(path) is not null ? string.Join('/', segments[..length]) : null;
    }
}
