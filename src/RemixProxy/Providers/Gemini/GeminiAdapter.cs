using System.Text.Json;
using RemixProxy.Adapters;
using RemixProxy.Contract;

namespace RemixProxy.Providers.Gemini;

/// <summary>
/// Google's Gemini API: Omni models through the Interactions API, where a remix is the next turn of the stored interaction that made its source.
/// </summary>
internal sealed class GeminiAdapter : IVideoAdapter
{
    private const string DefaultModel = "gemini-omni-1.1-flash";

    private const VideoOperation Submits = VideoOperation.Create | VideoOperation.Remix | VideoOperation.Edit | VideoOperation.Extend;

    /// <summary>Larger files go through the Files API: in base64 this still fits the 20 MB that a request may have.</summary>
    private const long MaxInlineBytes = 14 << 20;

    private static readonly SizeOption[] Sizes =
    [
        new("16:9", "360p", new(640, 360)), new("16:9", "720p", new(1280, 720)), new("16:9", "1080p", new(1920, 1080)), new("16:9", "4k", new(3840, 2160)),
        new("9:16", "360p", new(360, 640)), new("9:16", "720p", new(720, 1280)), new("9:16", "1080p", new(1080, 1920)), new("9:16", "4k", new(2160, 3840)),
    ];

    public ProviderProfile Profile { get; } = new()
    {
        Type = "gemini",
        AliasRank = 0,
        TelemetryName = "gcp.gemini",
        DisplayName = "Google Gemini",
        BaseUrl = "https://generativelanguage.googleapis.com",
        Version = "v1beta",
        KeyVariables = ["GOOGLE_API_KEY", "GEMINI_API_KEY"],
        KeyHeader = "x-goog-api-key",
        KeyPrefix = "",
        CreateModel = DefaultModel,
        RemixModel = DefaultModel,
        ExtendModel = DefaultModel,
        Models = [Model(DefaultModel), Model("gemini-omni-1.2-flash")],
        Operations = Submits | VideoOperation.Retrieve | VideoOperation.Delete | VideoOperation.Content,
        Remix = RemixKind.Native,
        Sources = SourceForms.Id | SourceForms.File,
        ExtendSources = SourceForms.Id | SourceForms.File,
        MaxSourceSeconds = 10,
        PollInterval = TimeSpan.FromSeconds(5),
        BytesLifetime = TimeSpan.FromHours(48),
        MaxIdLength = 400,
    };

    public SubmitPlan Submit(SubmitRequest request) => request.Operation switch
    {
        VideoOperation.Create => Create(request),
        VideoOperation.Extend => Extend(request),
        _ => Edit(request),
    };

    public ProviderStep Retrieve(string nativeId) =>
        new Exchange(new(HttpMethod.Get, Target(nativeId)), response => new Answer(GeminiInteraction.Read(response) with { Id = nativeId }));

    public ProviderStep? Delete(string nativeId, VideoStatus status)
    {
        var delete = new Exchange(
            new(HttpMethod.Delete, Target(nativeId)), _ => new Answer(VideoSnapshot.Failed("cancelled", "The video was deleted.", nativeId)));
        return status is VideoStatus.Queued or VideoStatus.InProgress
            ? new Exchange(new(HttpMethod.Post, Target(nativeId) + "/cancel"), _ => delete) { Forward = false }
            : delete;
    }

    public NativeRequest Content(string nativeId, NativeOutput output, string variant) => new(HttpMethod.Get, output.Url);

    public ProviderError ReadError(NativeResponse response) => GeminiError.Read(response);

    private static VideoModel Model(string id) => new(id, Submits) { Sizes = Sizes, Seconds = Durations.Any(3, 10) };

    private static string Target(string nativeId) => "interactions/" + NativeRequest.Segment(nativeId);

    private SubmitPlan Create(SubmitRequest request)
    {
        var reader = new FieldReader(request);
        var fit = SizeAndLength.Fit(request, ModelOf(request), reader);
        var size = fit.Size!;
        var body = new GeminiRequest
        {
            Model = request.Model,
            Input = request.Prompt,
            GenerationConfig = Config(request.InputReference is null ? "text_to_video" : "image_to_video", reader),
            ResponseFormat = new() { AspectRatio = size.Aspect, Resolution = size.Resolution, Duration = Duration(fit) },
        };
        return new(request.InputReference is { } image ? PostWith(request, body, image, "image") : Post(body), request.Model)
        {
            Size = size.Pixels.ToString(),
            Seconds = SizeAndLength.Text(fit.Seconds!.Value),
            Adjustments = [.. fit.Adjustments, .. reader.Unused()],
        };
    }

    private static SubmitPlan Edit(SubmitRequest request)
    {
        RefuseImage(request);
        var reader = new FieldReader(request);
        var aspect = reader.Word("aspect_ratio", [.. Sizes.Select(s => s.Aspect).Distinct()]);
        var size = TurnedTo(aspect, request.SourceSize);
        var body = new GeminiRequest
        {
            Model = request.Model,
            Input = request.Prompt,
            GenerationConfig = Config(request.Source is NativeIdSource ? null : "edit", reader),
            ResponseFormat = new() { AspectRatio = aspect },
        };
        return new(PostOn(request, body), request.Model)
        {
            Size = size,
            Adjustments =
            [
                .. aspect is null
                    ? []
                    : SizeAndLength.FollowFields(request, size), .. SizeAndLength.FollowSource(request, size: aspect is null), .. reader.Unused(),
            ],
        };
    }

    private SubmitPlan Extend(SubmitRequest request)
    {
        RefuseImage(request);
        var reader = new FieldReader(request);
        var fit = SizeAndLength.Fit(request with { Size = null }, ModelOf(request));
        var body = new GeminiRequest
        {
            Model = request.Model,
            Input = request.Prompt,
            GenerationConfig = Config("extend", reader),
            ResponseFormat = new() { Duration = Duration(fit) },
        };
        return new(PostOn(request, body), request.Model)
        {
            Seconds = SizeAndLength.Stitched(request, fit.Seconds!.Value),
            Adjustments = [.. SizeAndLength.FollowSource(request, seconds: false), .. fit.Adjustments, .. reader.Unused()],
        };
    }

    private static ProviderStep PostOn(SubmitRequest request, GeminiRequest body) => request.Source switch
    {
        NativeIdSource source => Post(body with { PreviousInteractionId = source.Id }),
        FileSource source => PostWith(request, body, source, "video"),
        _ => throw new VideoRequestException("unsupported_operation", "video", $"{request.Provider} takes the source video by id or as a file."),
    };

    private static ProviderStep PostWith(SubmitRequest request, GeminiRequest body, MediaSource media, string kind) => media switch
    {
        UrlSource url => Post(WithPart(body, new(kind) { MimeType = url.ContentType ?? TypeByExtension(url.Url), Uri = url.Url })),
        FileSource { File: { Length: <= MaxInlineBytes } file } =>
            Post(WithPart(body, new(kind) { MimeType = file.ContentType, Data = JsonBody.MediaSlot }), file),
        FileSource { File: var file } => new GeminiUpload(
            request.BaseUrl, file, kind == "image"
                ? "input_reference"
                : "video", uri => Post(WithPart(body, new(kind) { MimeType = file.ContentType, Uri = uri }))).Begin(),
        _ => throw new VideoRequestException("invalid_value", "input_reference", $"{request.Provider} takes a reference image by URL or as a file."),
    };

    private static GeminiRequest WithPart(GeminiRequest body, GeminiPart part)
    {
        GeminiPart[] parts = [new("text") { Text = body.Input.GetValue<string>() }, part];
        return body with { Input = JsonSerializer.SerializeToNode(parts, GeminiJsonContext.Default.GeminiPartArray)! };
    }

    private static Exchange Post(GeminiRequest body, MediaFile? media = null)
    {
        var json = JsonBody.From(body, GeminiJsonContext.Default.GeminiRequest) with { Media = media };
        return new(new(HttpMethod.Post, "interactions") { Body = json }, response => new Answer(GeminiInteraction.Read(response)));
    }

    private static GeminiConfig? Config(string? task, FieldReader reader)
    {
        var seed = reader.Integer("seed");
        return task is null && seed is null ? null : new() { Seed = seed, VideoConfig = task is null ? null : new(task) };
    }

    private static void RefuseImage(SubmitRequest request)
    {
        if (request.InputReference is not null) throw VideoRequestException.ImageBesideSource(request.Provider);
    }

    /// <summary>The source's tier in another shape; null where the shape isn't changed or the source's size isn't known.</summary>
    private static string? TurnedTo(string? aspect, string? sourceSize) =>
        aspect is not null && VideoSize.TryParse(sourceSize, out var source)
            ? SizeOption.Fit([.. Sizes.Where(s => s.Aspect == aspect)], source).Pixels.ToString()
            : null;

    private static string Duration(SizeAndLength fit) => SizeAndLength.Text(fit.Seconds!.Value) + "s";

    private static string? TypeByExtension(string url) => Path.GetExtension(url.Split('?', '#')[0]).ToLowerInvariant() switch
    {
        ".png" => "image/png",
        ".jpg" or ".jpeg" => "image/jpeg",
        ".webp" => "image/webp",
        _ => null,
    };

    /// <summary>The model as declared; a newer one is taken to make what the others make.</summary>
    private VideoModel ModelOf(SubmitRequest request) => Profile.FindModel(request.Model) ?? Profile.Models[0];
}
