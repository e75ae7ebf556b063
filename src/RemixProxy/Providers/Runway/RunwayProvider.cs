using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace RemixProxy.Providers.Runway;

/// <summary>Runway: text or an image to video, and edits and extensions of a video by its URL or an upload. Source: Runway's SDK 4.20.1.</summary>
internal sealed class RunwayProvider : IVideoProvider
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
            throw new VideoRequestException("invalid_value", "prompt", $"'{request.Model}' takes prompts of at most {max} characters; this one has {request.Prompt.Length}.");

        return request.Operation switch
        {
            VideoOperation.Create => Create(request, model),
            VideoOperation.Extend => Extend(request, model),
            _ => Edit(request, model),
        };
    }

    public ProviderStep Retrieve(string nativeId) =>
        new Exchange(new(HttpMethod.Get, TaskTarget(nativeId)), response => new Answer(Read(response, RunwayJsonContext.Default.RunwayTask).ToSnapshot(VideoStatus.InProgress)));

    /// <summary>Cancels what is not finished and deletes what is; both are one call.</summary>
    public ProviderStep? Delete(string nativeId, VideoStatus status) =>
        new Exchange(new(HttpMethod.Delete, TaskTarget(nativeId)), _ => new Answer(VideoSnapshot.Failed("cancelled", "The task was cancelled or deleted.", nativeId)));

    public NativeRequest Content(string nativeId, NativeOutput output, string variant) => new(HttpMethod.Get, output.Url) { Authenticated = false };

    public ProviderError ReadError(NativeResponse response)
    {
        var retryAfter = response.Headers.TryGetValue("Retry-After", out var text) && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            ? TimeSpan.FromSeconds(seconds)
            : (TimeSpan?)null;
        try
        {
            return Read(response, RunwayJsonContext.Default.RunwayError).ToProviderError(response.Status) with { RetryAfter = retryAfter };
        }
        catch (JsonException)
        {
            // A bucket that refuses an upload answers XML, a gateway HTML.
            return new(ProviderErrorKind.ByStatus, null) { RetryAfter = retryAfter };
        }
    }

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
            Seconds = decimal.TryParse(request.SourceSeconds, NumberStyles.Number, CultureInfo.InvariantCulture, out var source) ? SizeAndLength.Text(source + added) : null,
            Adjustments = [.. SizeAdjustments(request, body), .. length.Adjustments, .. reader.Unused()],
        };
    }

    /// <summary>The fields of an operation whose size is its source's, unless the caller said another and the model takes it.</summary>
    private static RunwaySubmit OnSource(SubmitRequest request, RunwayModel model, FieldReader reader)
    {
        if (request.InputReference is not null)
            throw new VideoRequestException("invalid_value", "input_reference", "A reference image can't be used beside a source video: leave input_reference out.");

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
    private static string? SizeOf(RunwaySubmit body) => HasOwnShape(body) ? "" : null;

    private static IEnumerable<Adjustment> SizeAdjustments(SubmitRequest request, RunwaySubmit body) =>
        HasOwnShape(body) ? RunwayShape.SizeLeftOut(request) : SizeAndLength.FollowSource(request, seconds: false);

    private static bool HasOwnShape(RunwaySubmit body) => (body.TargetAspectRatio ?? body.Ratio ?? body.Resolution) is not null;

    private static RunwaySubmit WithFields(SubmitRequest request, RunwayModel model, FieldReader reader)
    {
        var isCreate = request.Operation == VideoOperation.Create;
        return new()
        {
            Model = request.Model,
            PromptText = request.Prompt,
            Seed = Has(RunwayFields.Seed) ? reader.Integer("seed") : null,
            Audio = Has(RunwayFields.Audio) ? reader.Boolean("audio") : null,
            NegativePrompt = Has(RunwayFields.NegativePrompt) ? reader.Text("negative_prompt") : null,
            ContentModeration = Has(RunwayFields.ContentModeration) ? Json(reader, "content_moderation", JsonValueKind.Object) : null,
            Keyframes = Has(RunwayFields.Keyframes) && !isCreate ? Json(reader, "keyframes", JsonValueKind.Array) : null,
            OutputFormat = Has(RunwayFields.OutputFormat) ? reader.Text("output_format") : null,
        };

        bool Has(RunwayFields field) => model.Fields.HasFlag(field);
    }

    /// <summary>An object or array; a form holds it as text.</summary>
    private static JsonElement? Json(FieldReader reader, string name, JsonValueKind kind)
    {
        if (reader.Json(name) is not { } value) return null;
        var parsed = value.ValueKind == JsonValueKind.String ? Parse(value.GetString()!) : value;
        return parsed?.ValueKind == kind ? parsed : throw new VideoRequestException("invalid_value", name, $"'{name}' must be a JSON {kind.ToString().ToLowerInvariant()}.");
    }

    private static JsonElement? Parse(string text)
    {
        try
        {
            return JsonElement.Parse(text);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static Exchange Start(MediaSource? image, RunwaySubmit body)
    {
        return image switch
        {
            null => Send("text_to_video", body),
            UrlSource { Url: var url } => FromImage(url),
            FileSource { File: var file } when DataUriPrefix(file) is { } prefix => Send("image_to_video", body with { PromptImage = JsonBody.MediaSlot }, file, prefix),
            FileSource { File: var file } => Upload(file, FromImage),
            _ => throw new VideoRequestException("invalid_value", "input_reference", "Runway takes a reference image as a URL or a file."),
        };

        Exchange FromImage(string uri) => Send("image_to_video", body with { PromptImage = uri });
    }

    private static Exchange WithSource(SubmitRequest request, RunwayModel model, RunwaySubmit body)
    {
        return request.Source switch
        {
            UrlSource { Url: var url } => FromVideo(url),
            FileSource { File: var file } => Upload(file, FromVideo),
            _ => throw new VideoRequestException("invalid_value", "video", "Runway takes a source video as a URL or a file."),
        };

        Exchange FromVideo(string uri) => Send("video_to_video", model.TakesPromptVideo ? body with { PromptVideo = uri } : body with { VideoUri = uri });
    }

    /// <summary>Two preliminary exchanges, then what is to be done with the uploaded file.</summary>
    private static Exchange Upload(MediaFile file, Func<string, Exchange> next)
    {
        var place = Write(new RunwayUploadRequest(file.Name), RunwayJsonContext.Default.RunwayUploadRequest);
        return new(new(HttpMethod.Post, "uploads") { Body = new JsonBody(place) }, Send) { Forward = false };

        ProviderStep Send(NativeResponse response)
        {
            var upload = Read(response, RunwayJsonContext.Default.RunwayUpload);
            if (upload.RunwayUri is not { Length: > 0 } uri || !WebUrl.TryParse(upload.UploadUrl, out _)) throw new JsonException("No place to upload to.");
            return new Exchange(new(HttpMethod.Post, upload.UploadUrl) { Body = upload.Form(file), Authenticated = false }, _ => next(uri)) { Forward = false };
        }
    }

    private static Exchange Send(string endpoint, RunwaySubmit body, MediaFile? image = null, string imagePrefix = "")
    {
        var json = new JsonBody(Write(body, RunwayJsonContext.Default.RunwaySubmit)) { Media = image, MediaProperty = "promptImage", MediaPrefix = imagePrefix };
        return new(new(HttpMethod.Post, endpoint) { Body = json }, response => new Answer(Read(response, RunwayJsonContext.Default.RunwayTask).ToSnapshot(VideoStatus.Queued)));
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
        return new("unsupported_operation", "model", $"'{request.Model}' can't {request.Operation.ToString().ToLowerInvariant()} videos; these can: {able}.");
    }

    private static byte[] Write<T>(T value, JsonTypeInfo<T> type) => JsonSerializer.SerializeToUtf8Bytes(value, type);

    private static T Read<T>(NativeResponse response, JsonTypeInfo<T> type) where T : class =>
        JsonSerializer.Deserialize(response.Body.Span, type) ?? throw new JsonException("No JSON object.");
}
