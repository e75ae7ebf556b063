using System.Globalization;
using System.Text.Json;
using RemixProxy.Adapters;
using RemixProxy.Contract;
using RemixProxy.Providers.Kit;

namespace RemixProxy.Providers.Google;

/// <summary>Google Cloud's Vertex AI: Omni models through the Interactions API, with outputs in the account's bucket or in the answer itself.</summary>
/// <remarks>
/// A key is one of Google's express mode, which has paths without project and location. A video whose interaction is not accepted as the turn before is given
/// by its place in the bucket.
/// </remarks>
internal sealed class VertexAdapter : InteractionsAdapter
{
    private const string DefaultModel = "gemini-omni-1.1-flash-preview";

    /// <summary>
    /// For so long a completed interaction may show its input only, while the file lies in the bucket already (reported in September 2026).
    /// </summary>
    private static readonly TimeSpan Late = TimeSpan.FromMinutes(2);

    private readonly ProviderAccount? _account;

    public VertexAdapter()
    {
    }

    private VertexAdapter(ProviderAccount account) => _account = account;

    public override ProviderProfile Profile { get; } = new()
    {
        Type = "vertex",
        TelemetryName = "gcp.vertex_ai",
        DisplayName = "Google Vertex AI",
        BaseUrl = "https://aiplatform.googleapis.com",
        Version = "v1beta1",
        KeyVariables = ["GOOGLE_VERTEX_API_KEY"],
        Signing = GoogleSigner.Signing,
        Secrets = GoogleSigner.Secrets,
        // Omni is nowhere else.
        Region = new() { Default = "global" },
        Project = new("GOOGLE_CLOUD_PROJECT") { ReplacedByKey = true },
        Storage = GoogleCloud.Storage,
        CreateModel = DefaultModel,
        RemixModel = DefaultModel,
        ExtendModel = DefaultModel,
        Models = [Omni(DefaultModel), Omni("gemini-omni-1.2-flash") with { Seconds = Durations.Any(3, 15) }],
        Operations = VideoOperation.Submit | VideoOperation.Retrieve | VideoOperation.Delete | VideoOperation.Content | VideoOperation.Cancel,
        Remix = RemixKind.Native,
        Sources = SourceForms.Id | SourceForms.File,
        ExtendSources = SourceForms.Id | SourceForms.File,
        Images = SourceForms.File,
        MaxSourceSeconds = 30,
        PollInterval = TimeSpan.FromSeconds(5),
        MaxIdLength = 400,
        Statuses = Words,
    };

    protected override MediaInput Image => GoogleCloud.File;

    protected override MediaInput Source { get; } = GoogleCloud.File with
    {
        Param = "video",
        Forms = SourceForms.Id | SourceForms.File,
        Takes = "{provider} takes the source video by id or as a file.",
        Code = "unsupported_operation",
    };

    protected override MediaInput ReferenceVideo => GoogleCloud.File;

    protected override bool EditChoosesAspect => false;

    protected override string Collection => (_account is { HasKey: false } ? GoogleCloud.ParentOf(_account) : "") + base.Collection;

    public override IVideoAdapter For(ProviderAccount account) => new VertexAdapter(account);

    protected override ProviderStep Answered(NativeResponse response, string? nativeId)
    {
        var root = response.ReadObject();
        return new Answer(IsLate(root, response) ? Read(root, nativeId) with { Status = VideoStatus.InProgress, Error = null } : Read(root, nativeId));
    }

    protected override NativeOutput? At(string uri, string? type) =>
        GoogleCloud.IsPlace(uri) ? GoogleCloud.Output(_account?.StorageUrl, uri, type) : base.At(uri, type);

    protected override NativeObject Format(string? task, string? aspect, string? resolution, decimal? seconds)
    {
        var folder = _account?.OutputUri;
        return new()
        {
            { "type", "video" }, { "delivery", folder is null ? "inline" : "uri" }, { "gcs_uri", folder }, { "aspect_ratio", aspect },
            { "resolution", resolution }, { "duration", InSeconds(seconds) },
        };
    }

    protected override ProviderStep FromOwn(Wish wish, NativeObject turn, NativeObject other, NativeMedia media)
    {
        var next = Interact(wish, turn, media, new());
        if (_account?.OutputUri is null) return next;
        // Reading costs nothing, and is done first, because the place is needed at once where the turn before is refused.
        return new Exchange(new(HttpMethod.Get, Target(media.Id!)), response => PlaceOf(response.ReadObject()) is not { } place
            ? next
            : next with
            {
                Instead = refusal => ReadError(refusal).Message.Says("previous_interaction", "previous interaction")
                    ? Interact(wish, other, new() { Url = place, ContentType = "video/mp4" }, new()).Request
                    : null,
            })
        { Forward = false };
    }

    private static string? PlaceOf(JsonElement root) => StepsOf(root).SelectMany(s => s.Items("content").Reverse())
        .Where(p => p.Text("type") == "video").Select(p => p.Text("uri")).FirstOrDefault(GoogleCloud.IsPlace);

    private static bool IsLate(JsonElement root, NativeResponse response) =>
        root.Text("status") == "completed" && GeminiErrors.Find(root) is null
        && root.Items("steps") is { Count: > 0 } steps && steps.All(s => s.Text("type") == "user_input")
        && (root.Time("updated") ?? root.Time("created")) is { } ended
        && response.Headers.TryGetValue("date", out var date)
        && DateTimeOffset.TryParse(date, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var now) && now - ended < Late;
}
