using System.Globalization;
using System.Text.Json;
using RemixProxy.Adapters;
using RemixProxy.Contract;
using RemixProxy.Providers.Kit;

namespace RemixProxy.Providers.Replicate;

/// <summary>Replicate's predictions: models of many vendors, each with an input of its own.</summary>
/// <remarks>
/// Source: Replicate's own client 1.4.0 and its HTTP documentation. A model is <c>owner/name</c>; one that is not official needs a version,
/// <c>owner/name:version</c>. Input and output are removed an hour after the end; there is no delete.
/// </remarks>
internal sealed class ReplicateAdapter : CatalogAdapter
{
    // Where a model of a version is run.
    private const string Versioned = "predictions";

    // Replicate's own client writes no more than this into the body.
    private const long MaxInlineBytes = 10_000_000;

    private static readonly string[] ModerationPhrases = ["flagged as sensitive", "(E005)", "content policy", "nsfw", "moderation"];

    private static readonly Dictionary<string, string> Names = new(StringComparer.Ordinal)
    {
        ["duration"] = "seconds", ["image"] = "input_reference", ["start_image"] = "input_reference", ["generate_audio"] = "audio",
        ["reference_video"] = "video",
    };

    public override ProviderProfile Profile { get; } = new()
    {
        Type = "replicate",
        DisplayName = "Replicate",
        BaseUrl = "https://api.replicate.com",
        Version = "v1",
        KeyVariables = ["REPLICATE_API_TOKEN"],
        CreateModel = ReplicateModels.Veo,
        RemixModel = ReplicateModels.Aleph,
        ExtendModel = ReplicateModels.GrokExtend,
        Models = ReplicateModels.All,
        PassesUndeclared = true,
        TakesConfiguredModels = true,
        Operations = VideoOperation.Submit | VideoOperation.Retrieve | VideoOperation.Delete | VideoOperation.Content | VideoOperation.Cancel,
        Remix = RemixKind.Edit,
        Sources = SourceForms.Url | SourceForms.File,
        ExtendSources = SourceForms.Url | SourceForms.File,
        PollInterval = TimeSpan.FromSeconds(3),
        BytesLifetime = TimeSpan.FromHours(1),
        Statuses =
        [
            new("starting", VideoStatus.Queued), new("processing", VideoStatus.InProgress), new("succeeded", VideoStatus.Completed),
            new("failed", VideoStatus.Failed), new("canceled", VideoStatus.Failed, "cancelled", "The prediction was canceled."),
            new("aborted", VideoStatus.Failed, "aborted", "The prediction was stopped before it started."),
        ],
    };

    protected override ErrorRules Errors { get; } = new()
    {
        Special = FaultOf,
        Rules =
        [
            new(ProviderErrorKind.InsufficientQuota) { Statuses = [402], Says = ["credit", "billing", "spend"] },
            new(ProviderErrorKind.Moderation) { Statuses = [400, 403, 422], Says = ModerationPhrases },
            new(ProviderErrorKind.ModelNotFound) { Statuses = [404, 422], Says = ["version*does not exist", "invalid version", "model*not found"] },
        ],
    };

    protected override IReadOnlyDictionary<string, FieldSpelling> Usual { get; } = Spell(
        ("video", "video"), ("input_reference", "image"), ("last_frame", "last_frame"), ("reference_images", "reference_images"),
        ("reference_videos", "reference_videos"), ("reference_audio", "reference_audio"), ("seconds", "duration"), ("aspect_ratio", "aspect_ratio"),
        ("resolution", "resolution"), ("audio", "generate_audio"));

    protected override MediaInput Media { get; } = new(
        "input_reference", SourceForms.Url | SourceForms.File, "{provider} takes '{param}' as a URL or a file.")
    {
        AsDataUrl = true, MaxInlineBytes = MaxInlineBytes, Upload = Upload,
    };

    public override ProviderStep? Cancel(string nativeId) => Stop(HttpMethod.Post, Target(nativeId) + "/cancel", nativeId);

    protected override ProviderStep? LookAt(string name, Uri baseUrl)
    {
        var model = name.Split(':')[0];
        if (NativeRequest.Segments(model) is not { } path) return null;
        var version = VersionOf(name) is { } id ? "/versions/" + NativeRequest.Segment(id) : "";
        return new Exchange(new(HttpMethod.Get, $"models/{path}{version}"), response => new Catalog([Described(response.ReadObject(), name)]))
        {
            Forward = false, Refused = response => response.Status is 404 or 410 ? new Catalog([]) : null,
        };
    }

    protected override string? NameOf(ConfiguredModel model) => model.Path?.Split('/') switch
    {
        null => model.Id,
        ["models", var owner, var name, "predictions"] => $"{owner}/{name}",
        // A deployment or a version is no model that has a page.
        _ => null,
    };

    protected override string TargetOf(SubmitRequest request, ConfiguredModel model)
    {
        if (model.Path is { } path) return PathOf(request, path);
        if (model.Id.Split('/').Length != 2) throw NoModel(request);
        return VersionOf(model.Id) is null ? $"models/{PathOf(request, model.Id)}/predictions" : Versioned;
    }

    protected override Exchange Send(ConfiguredModel model, string target, NativeObject input) =>
        Post(target, new NativeObject { { "version", target == Versioned ? VersionOf(model.Id) : null }, { "input", input } }.ToBody());

    protected override string Target(string nativeId) => "predictions/" + NativeRequest.Segment(nativeId);

    protected override VideoSnapshot Read(JsonElement root, string? nativeId)
    {
        var word = root.Text("status");
        NativeOutput[] outputs = [.. root.Items("output").Select(UrlOf).OfType<Uri>().Select(
            url => new NativeOutput(url.OriginalString) { Public = true, ContentType = "video/mp4" })];
        var error = root.Member("error");
        var message = error.Text() ?? error.Text("message") ?? error.Text("detail");
        var isRemoved = outputs.Length == 0 && root.Member("data_removed").ValueKind == JsonValueKind.True;
        var code = message.Says(ModerationPhrases) ? "moderation_blocked" : isRemoved && word == "succeeded" ? "expired" : null;
        if (code == "expired") message = "Replicate has removed the video: it keeps outputs for an hour.";
        return State(word, outputs, code, message) with
        {
            Id = root.Text("id"),
            Model = root.Text("model"),
            Prompt = root.Member("input").Text("prompt"),
            CreatedAt = root.Time("created_at"),
            CompletedAt = word == "succeeded" ? root.Time("completed_at") : null,
        };
    }

    // A version has the schema in itself, a model in its latest version.
    private static NativeModel Described(JsonElement root, string name)
    {
        if (root.Text("id") is null && root.Text("name") is null) throw new JsonException("No model.");
        var document = root.Member("openapi_schema") is { ValueKind: JsonValueKind.Object } own ? own : root.At("latest_version.openapi_schema");
        return new(name) { Fields = OpenApiModel.Read(document, document.At("components.schemas.Input")) };
    }

    private static Exchange Upload(SubmitRequest request, MediaFile file, Func<string, ProviderStep> use) => new(
        new(HttpMethod.Post, "files") { Body = new MultipartBody([new("content", null, file)]) },
        response => use(response.ReadObject().At("urls.get").Text() ?? throw new JsonException("No URL of the upload.")))
    { Forward = false };

    private static string? VersionOf(string model) => model.IndexOf(':') is > 0 and var colon ? model[(colon + 1)..] : null;

    // A text, or an object with an address in it.
    private static Uri? UrlOf(JsonElement output) => output.WebUrl() ?? output.Member("url").WebUrl()
        ?? (output.ValueKind == JsonValueKind.Object ? output.EnumerateObject().Select(m => m.Value.WebUrl()).FirstOrDefault(u => u is not null) : null);

    // "Request was throttled. Your rate limit resets in ~30s."
    private static NativeFault? FaultOf(NativeResponse response)
    {
        var root = response.ReadAny();
        var text = root.Text("detail") ?? root.Text("title") ?? root.Text("error");
        var names = root.Items("invalid_fields").Select(f => (f.Text("field") ?? f.Text() ?? "").Split('.')[^1]);
        return new()
        {
            Text = text,
            Param = names.FirstOrDefault(n => n.Length > 0) is { } name ? Names.GetValueOrDefault(name, name) : null,
            RetryAfter = response.RetryAfter ?? WaitIn(text),
        };
    }

    private static TimeSpan? WaitIn(string? text)
    {
        const string Before = "resets in ~";
        if (text?.IndexOf(Before, StringComparison.Ordinal) is not (>= 0 and var at)) return null;
        var rest = text.AsSpan(at + Before.Length);
        var length = rest.IndexOfAnyExceptInRange('0', '9') is >= 0 and var end ? end : rest.Length;
        return int.TryParse(rest[..length], NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds <= 86_400
            ? TimeSpan.FromSeconds(seconds)
            : null;
    }
}
