using RemixProxy.Adapters;
using RemixProxy.Contract;
using RemixProxy.Providers.Kit;

namespace RemixProxy.Providers.Google;

/// <summary>Google's Gemini API: Omni models through the Interactions API.</summary>
internal sealed class GeminiAdapter : InteractionsAdapter
{
    private const string DefaultModel = "gemini-omni-1.1-flash";

    private static readonly MediaInput ImageInput = new(
        "input_reference", SourceForms.Url | SourceForms.File, "{provider} takes '{param}' as a URL or a file.")
    {
        // In base64 such a file still fits into a request of 20 MB. Larger files go through the Files API.
        MaxInlineBytes = 14 << 20,
        Upload = (request, file, use) => new GeminiUpload(request.BaseUrl, file, "input_reference", use).Begin(),
    };

    private static readonly MediaInput SourceInput = ImageInput with
    {
        Param = "video",
        Forms = SourceForms.Id | SourceForms.File,
        Takes = "{provider} takes the source video by id or as a file.",
        Code = "unsupported_operation",
        Upload = (request, file, use) => new GeminiUpload(request.BaseUrl, file, "video", use).Begin(),
    };

    private static readonly MediaInput ReferenceVideoInput = SourceInput with
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
        Models = [Omni(DefaultModel), Omni("gemini-omni-1.2-flash")],
        Operations = VideoOperation.Submit | VideoOperation.Retrieve | VideoOperation.Delete | VideoOperation.Content | VideoOperation.Cancel,
        Remix = RemixKind.Native,
        Sources = SourceInput.Forms,
        ExtendSources = SourceInput.Forms,
        MaxSourceSeconds = 10,
        PollInterval = TimeSpan.FromSeconds(5),
        BytesLifetime = TimeSpan.FromHours(48),
        MaxIdLength = 400,
        Statuses = Words,
    };

    protected override MediaInput Image => ImageInput;

    protected override MediaInput Source => SourceInput;

    protected override MediaInput ReferenceVideo => ReferenceVideoInput;
}
