using System.Text.Json;
using System.Text.Json.Nodes;

namespace RemixProxy.Providers.Gemini;

/// <summary>Google's Gemini API: Omni models through the Interactions API, where a remix is the next turn of the stored interaction that made its source.</summary>
internal sealed class GeminiProvider : IVideoProvider
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
        new Exchange(new(HttpMethod.Get, Target(nativeId)), response => new Answer(Interaction.Read(response) with { Id = nativeId }));

    public ProviderStep? Delete(string nativeId, VideoStatus status)
    {
        var delete = new Exchange(new(HttpMethod.Delete, Target(nativeId)), _ => new Answer(VideoSnapshot.Failed("cancelled", "The video was deleted.", nativeId)));
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
        var fit = SizeAndLength.Fit(request, ModelOf(request));
        var size = Chosen(reader, fit.Size!);
        var body = new InteractionRequest
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
            Adjustments = [.. SizeAdjustment(request, fit, size), .. fit.Adjustments.Where(a => a.Param != "size"), .. reader.Unused()],
        };
    }

    private static SubmitPlan Edit(SubmitRequest request)
    {
        RefuseImage(request);
        var reader = new FieldReader(request);
        var aspect = AspectRatio(reader);
        var size = TurnedTo(aspect, request.SourceSize);
        var body = new InteractionRequest
        {
            Model = request.Model,
            Input = request.Prompt,
            GenerationConfig = Config(request.Source is NativeIdSource ? null : "edit", reader),
            ResponseFormat = new() { AspectRatio = aspect },
        };
        return new(PostOn(request, body), request.Model)
        {
            Size = size,
            Adjustments = [.. Changes(SizeAndLength.FollowSource(request with { SourceSize = size ?? request.SourceSize })), .. reader.Unused()],
        };
    }

    private SubmitPlan Extend(SubmitRequest request)
    {
        RefuseImage(request);
        var reader = new FieldReader(request);
        var fit = SizeAndLength.Fit(request with { Size = null }, ModelOf(request));
        var body = new InteractionRequest
        {
            Model = request.Model,
            Input = request.Prompt,
            GenerationConfig = Config("extend", reader),
            ResponseFormat = new() { Duration = Duration(fit) },
        };
        return new(PostOn(request, body), request.Model)
        {
            Seconds = decimal.TryParse(request.SourceSeconds, out var before) ? SizeAndLength.Text(before + fit.Seconds!.Value) : null,
            Adjustments = [.. Changes(SizeAndLength.FollowSource(request, seconds: false)), .. fit.Adjustments, .. reader.Unused()],
        };
    }

    private static ProviderStep PostOn(SubmitRequest request, InteractionRequest body) => request.Source switch
    {
        NativeIdSource source => Post(body with { PreviousInteractionId = source.Id }),
        FileSource source => PostWith(request, body, source, "video"),
        _ => throw new VideoRequestException("unsupported_operation", "video", $"{request.Provider} takes the source video by id or as a file."),
    };

    private static ProviderStep PostWith(SubmitRequest request, InteractionRequest body, MediaSource media, string kind) => media switch
    {
        UrlSource url => Post(WithPart(body, new(kind) { MimeType = url.ContentType ?? TypeByExtension(url.Url), Uri = url.Url })),
        FileSource { File: { Length: <= MaxInlineBytes } file } => Post(WithPart(body, new(kind) { MimeType = file.ContentType, Data = JsonBody.MediaSlot }), file),
        FileSource { File: var file } => new FileUpload(
            request.BaseUrl, file, kind == "image" ? "input_reference" : "video", uri => Post(WithPart(body, new(kind) { MimeType = file.ContentType, Uri = uri }))).Begin(),
        _ => throw new VideoRequestException("invalid_value", "input_reference", $"{request.Provider} takes a reference image by URL or as a file."),
    };

    private static InteractionRequest WithPart(InteractionRequest body, ContentPart part)
    {
        ContentPart[] parts = [new("text") { Text = body.Input.GetValue<string>() }, part];
        return body with { Input = JsonSerializer.SerializeToNode(parts, GeminiJsonContext.Default.ContentPartArray)! };
    }

    private static Exchange Post(InteractionRequest body, MediaFile? media = null)
    {
        var json = new JsonBody(JsonSerializer.SerializeToUtf8Bytes(body, GeminiJsonContext.Default.InteractionRequest)) { Media = media };
        return new(new(HttpMethod.Post, "interactions") { Body = json }, response => new Answer(Interaction.Read(response)));
    }

    private static GenerationConfig? Config(string? task, FieldReader reader)
    {
        var seed = reader.Integer("seed");
        return task is null && seed is null ? null : new() { Seed = seed, VideoConfig = task is null ? null : new(task) };
    }

    private static void RefuseImage(SubmitRequest request)
    {
        if (request.InputReference is not null)
            throw new VideoRequestException("invalid_value", "input_reference", $"{request.Provider} takes a reference image only when it creates a video. Leave 'input_reference' out.");
    }

    /// <summary>The size fitted, but for what the caller said in the provider's own words.</summary>
    private static SizeOption Chosen(FieldReader reader, SizeOption fitted)
    {
        var aspect = AspectRatio(reader) ?? fitted.Aspect;
        var resolution = reader.Word("resolution", [.. Sizes.Select(s => s.Resolution).Distinct()]) ?? fitted.Resolution;
        return Sizes.Single(s => s.Aspect == aspect && s.Resolution == resolution);
    }

    private static string? AspectRatio(FieldReader reader) => reader.Word("aspect_ratio", [.. Sizes.Select(s => s.Aspect).Distinct()]);

    private static IEnumerable<Adjustment> SizeAdjustment(SubmitRequest request, SizeAndLength fit, SizeOption used)
    {
        if (used == fit.Size) return fit.Adjustments.Where(a => a.Param == "size");
        return request.Size is { } wish && wish != used.Pixels ? [new("size", wish.ToString(), used.Pixels.ToString(), "aspect_ratio and resolution win over size")] : [];
    }

    /// <summary>The source's tier in another shape; null where the shape isn't changed or the source's size isn't known.</summary>
    private static string? TurnedTo(string? aspect, string? sourceSize) =>
        aspect is not null && VideoSize.TryParse(sourceSize, out var source) ? SizeOption.Fit([.. Sizes.Where(s => s.Aspect == aspect)], source).Pixels.ToString() : null;

    // A wish that the source happens to fulfil is no adjustment.
    private static IEnumerable<Adjustment> Changes(IEnumerable<Adjustment> adjustments) => adjustments.Where(a => a.Requested != a.Used);

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
