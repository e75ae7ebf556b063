using System.Text.Json;
using System.Text.Json.Nodes;
using RemixProxy.Adapters;
using RemixProxy.Adapters.Sizes;
using RemixProxy.Cache.Language;
using RemixProxy.Contract;
using RemixProxy.Exchanges;
using RemixProxy.Providers.Kit;
using RemixProxy.Telemetry;

namespace RemixProxy.Providers.Runway;

/// <summary>Runway: text or an image to video, and edits and extensions of a video by its URL or an upload. Source: Runway's SDK 4.20.1.</summary>
internal sealed class RunwayAdapter : IVideoAdapter
{
    /// <summary>A data URI must be shorter, in characters.</summary>
    private const int DataUriLimit = 5 * 1024 * 1024;

    public ProviderProfile Profile { get; } = new()
    {
        Type = "runway",
        DisplayName = "Runway",
        BaseUrl = "https://api.dev.runwayml.com",
        Version = "v1",
        KeyVariables = ["RUNWAYML_API_SECRET"],
        Headers = [new("X-Runway-Version", "2024-11-06")],
        CreateModel = "gen4.5",
        RemixModel = "aleph2",
        ExtendModel = "seedance2_5",
        Models = [.. RunwayModel.All.Select(m => m.Video)],
        Operations = VideoOperation.Submit | VideoOperation.Retrieve | VideoOperation.Delete | VideoOperation.Content,
        Remix = RemixKind.Edit,
        Sources = SourceForms.Url | SourceForms.File,
        ExtendSources = SourceForms.Url | SourceForms.File,
        MaxSourceSeconds = 30,
        PollInterval = TimeSpan.FromSeconds(6),
        UrlLifetime = TimeSpan.FromHours(24),
        RefreshesUrls = true,
    };

    public SubmitPlan Submit(SubmitRequest request)
    {
        var model = RunwayModel.Find(request.Model);
        if (!model.Video.Operations.HasFlag(request.Operation)) throw Unsupported(request);
        if (model.MaxPrompt is { } max && request.Prompt.Length > max)
            throw new VideoRequestException(
                "invalid_value", "prompt", Invariant($"'{request.Model}' takes prompts of at most {max} characters; this one has {request.Prompt.Length}."));

        return request.Operation switch
        {
            VideoOperation.Create => Create(request, model),
            VideoOperation.Extend => Extend(request, model),
            _ => Edit(request, model),
        };
    }

    public ProviderStep Retrieve(string nativeId) =>
        new Exchange(new(HttpMethod.Get, TaskTarget(nativeId)), response => new Answer(RunwayTask.Read(response, VideoStatus.InProgress)));

    /// <summary>Cancels what is not finished and deletes what is; both are one call.</summary>
    public ProviderStep? Delete(string nativeId, VideoStatus status) =>
        new Exchange(new(HttpMethod.Delete, TaskTarget(nativeId)), _ => new Answer(VideoSnapshot.Failed("cancelled", "The task was cancelled or deleted.", nativeId)));

    public NativeRequest Content(string nativeId, NativeOutput output, string variant) => new(HttpMethod.Get, output.Url) { Authenticated = false };

    public ProviderError ReadError(NativeResponse response) => RunwayError.Read(response);

    private static SubmitPlan Create(SubmitRequest request, RunwayModel model)
    {
        if (model.NeedsImage && request.InputReference is null)
            throw new VideoRequestException("missing_required_parameter", "input_reference", $"'{request.Model}' makes videos from an image only: send an input_reference, or use 'gen4.5'.");

        var reader = new FieldReader(request);
        var shape = RunwayShape.Of(request, model, reader);
        var body = WithFields(request, model, reader) with { Ratio = shape.Ratio, Resolution = shape.Resolution, Duration = Whole(shape.Seconds) };
        return new(Start(request.InputReference, body), request.Model)
        {
            Size = shape.Size,
            Seconds = SizeAndLength.Text(shape.Seconds),
            Adjustments = [.. shape.Adjustments, .. reader.Unused()],
        };
    }

    private static SubmitPlan Edit(SubmitRequest request, RunwayModel model)
    {
        var reader = new FieldReader(request);
        var body = OnSource(request, model, reader) with { Mode = model.HasModes ? "edit" : null, Duration = model.EditLengthIsAuto ? "auto" : null };
        return new(WithSource(request, model, body), request.Model)
        {
            Size = SizeOf(body),
            Adjustments = [.. SizeAdjustments(request, body), .. SizeAndLength.FollowSource(request, size: false), .. reader.Unused()],
        };
    }

    private static SubmitPlan Extend(SubmitRequest request, RunwayModel model)
    {
        var reader = new FieldReader(request);
        var length = SizeAndLength.Fit(request with { Size = null }, model.Video);
        var added = length.Seconds!.Value;
        var body = OnSource(request, model, reader) with { Mode = "extend", Duration = Whole(added) };
        return new(WithSource(request, model, body), request.Model)
        {
            Size = SizeOf(body),
            Seconds = SizeAndLength.Stitched(request, added),
            Adjustments = [.. SizeAdjustments(request, body), .. length.Adjustments, .. reader.Unused()],
        };
    }

    /// <summary>The fields of an operation whose size is its source's, unless the caller said another and the model takes it.</summary>
    private static RunwayRequest OnSource(SubmitRequest request, RunwayModel model, FieldReader reader)
    {
        if (request.InputReference is not null) throw VideoRequestException.ImageBesideSource(request.Provider);

        var body = WithFields(request, model, reader);
        if (model.Fields.HasFlag(RunwayFields.TargetAspectRatio)) body = body with { TargetAspectRatio = reader.Text("target_aspect_ratio") };
        var aspect = body.TargetAspectRatio is null ? reader.Text("aspect_ratio") : null;
        var resolution = reader.Text("resolution");
        if (model.IsOpen) return body with { Ratio = aspect, Resolution = resolution };
        if (resolution is not null) throw FollowsSource(request, "resolution");
        if (aspect is null) return body;
        return model.Fields.HasFlag(RunwayFields.TargetAspectRatio) ? body with { TargetAspectRatio = aspect } : throw FollowsSource(request, "aspect_ratio");
    }

    private static VideoRequestException FollowsSource(SubmitRequest request, string field) =>
        new("invalid_value", field, $"'{request.Model}' takes '{field}' from the source video: leave it out.");

    // With a shape of its own it is no longer the source's size, and the pixels are Runway's choice: unknown.
    private static string? SizeOf(RunwayRequest body) => HasOwnShape(body) ? "" : null;

    private static IEnumerable<Adjustment> SizeAdjustments(SubmitRequest request, RunwayRequest body) =>
        HasOwnShape(body) ? SizeAndLength.FollowFields(request, null) : SizeAndLength.FollowSource(request, seconds: false);

    private static bool HasOwnShape(RunwayRequest body) => (body.TargetAspectRatio ?? body.Ratio ?? body.Resolution) is not null;

    private static RunwayRequest WithFields(SubmitRequest request, RunwayModel model, FieldReader reader)
    {
        var isCreate = request.Operation == VideoOperation.Create;
        return new()
        {
            Model = request.Model,
            PromptText = request.Prompt,
            Seed = Has(RunwayFields.Seed) ? reader.Integer("seed") : null,
            Audio = Has(RunwayFields.Audio) ? reader.Boolean("audio") : null,
            NegativePrompt = Has(RunwayFields.NegativePrompt) ? reader.Text("negative_prompt") : null,
            ContentModeration = Has(RunwayFields.ContentModeration) ? reader.Json("content_moderation", JsonValueKind.Object) : null,
            Keyframes = Has(RunwayFields.Keyframes) && !isCreate ? Keyframes(reader) : null,
            OutputFormat = Has(RunwayFields.OutputFormat) ? reader.Text("output_format") : null,
        };

        bool Has(RunwayFields field) => model.Fields.HasFlag(field);
    }

    // Runway fetches them itself; a private address is nobody's image all the same.
    private static JsonElement? Keyframes(FieldReader reader)
    {
        var keyframes = reader.Json("keyframes", JsonValueKind.Array);
        var uris = keyframes?.EnumerateArray().Where(k => k.ValueKind == JsonValueKind.Object).Select(k => k.Text("uri")).OfType<string>() ?? [];
        return uris.All(uri => uri.StartsWith("data:", StringComparison.Ordinal) || uri.StartsWith("runway://", StringComparison.Ordinal) || AddressGuard.IsPublicUrl(uri))
            ? keyframes
            : throw new VideoRequestException("invalid_value", "keyframes", "Each 'uri' of 'keyframes' must be a public https URL, a data URI or a runway:// URI.");
    }

    private static Exchange Start(MediaSource? image, RunwayRequest body)
    {
        return image switch
        {
            null => Send("text_to_video", body),
            UrlSource { Url: var url } => FromImage(url),
            FileSource { File: var file } when DataUriPrefix(file) is { } prefix => Send("image_to_video", body with { PromptImage = JsonBody.MediaSlot }, file, prefix),
            FileSource { File: var file } => new RunwayUpload(file, FromImage).Begin(),
            _ => throw new VideoRequestException("invalid_value", "input_reference", "Runway takes a reference image as a URL or a file."),
        };

        Exchange FromImage(string uri) => Send("image_to_video", body with { PromptImage = uri });
    }

    private static Exchange WithSource(SubmitRequest request, RunwayModel model, RunwayRequest body)
    {
        return request.Source switch
        {
            UrlSource { Url: var url } => FromVideo(url),
            FileSource { File: var file } => new RunwayUpload(file, FromVideo).Begin(),
            _ => throw new VideoRequestException("invalid_value", "video", "Runway takes a source video as a URL or a file."),
        };

        Exchange FromVideo(string uri) => Send("video_to_video", model.TakesPromptVideo ? body with { PromptVideo = uri } : body with { VideoUri = uri });
    }

    private static Exchange Send(string endpoint, RunwayRequest body, MediaFile? image = null, string imagePrefix = "")
    {
        var json = JsonBody.From(body, RunwayJsonContext.Default.RunwayRequest) with { Media = image, MediaProperty = "promptImage", MediaPrefix = imagePrefix };
        return new(new(HttpMethod.Post, endpoint) { Body = json }, response => new Answer(RunwayTask.Read(response, VideoStatus.Queued)));
    }

    /// <summary>What stands before the base64 of an image that fits in a data URI; null: it must be uploaded.</summary>
    private static string? DataUriPrefix(MediaFile file)
    {
        if (file.ContentType is not ("image/png" or "image/jpeg" or "image/webp")) return null;
        var prefix = $"data:{file.ContentType};base64,";
        return prefix.Length + ((file.Length + 2) / 3 * 4) < DataUriLimit ? prefix : null;
    }

    private static JsonNode Whole(decimal seconds) => (int)seconds;

    private static string TaskTarget(string nativeId) => "tasks/" + NativeRequest.Segment(nativeId);

    private VideoRequestException Unsupported(SubmitRequest request)
    {
        var able = string.Join(", ", Profile.Models.Where(m => m.Operations.HasFlag(request.Operation)).Select(m => m.Id));
        return new("unsupported_operation", "model", $"'{request.Model}' can't {request.Operation.Name()} videos; these can: {able}.");
    }
}
