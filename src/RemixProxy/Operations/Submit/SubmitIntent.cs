using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using RemixProxy.Adapters;
using RemixProxy.Cache;
using RemixProxy.Contract;

namespace RemixProxy.Operations.Submit;

/// <summary>What a caller wants, checked field by field, with nothing looked up yet.</summary>
internal sealed record SubmitIntent
{
    public const int MaxPrompt = 32_000;
    public const int MaxSeconds = 3600;
    public const int MaxModel = 256;

    /// <summary>The fields that mean the same at every provider.</summary>
    public static readonly string[] Known = ["prompt", "model", "seconds", "size", "input_reference", "video"];

    public required VideoOperation Operation { get; init; }

    public required string Prompt { get; init; }

    public string? Model { get; init; }

    public VideoSize? Size { get; init; }

    public decimal? Seconds { get; init; }

    public MediaSource? InputReference { get; init; }

    /// <summary>Whether the image is named by the id of a file at the provider. The reference then stands in <see cref="Fields"/>.</summary>
    public bool HasImageId { get; init; }

    /// <summary>The source video's id as the caller wrote it; null if there is none.</summary>
    public string? SourceId { get; init; }

    /// <summary>The source video as an uploaded file; null if there is none.</summary>
    public MediaFile? SourceFile { get; init; }

    /// <summary>All fields that are not <see cref="Known"/>, for the adapter.</summary>
    public required IReadOnlyDictionary<string, JsonElement> Fields { get; init; }

    /// <summary>Checks a body.</summary>
    /// <param name="operation">The operation of the route.</param>
    /// <param name="body">The body.</param>
    /// <param name="pathId">The source's id in the path of a remix.</param>
    /// <exception cref="ApiException">400 that names the field.</exception>
    public static SubmitIntent Read(VideoOperation operation, RequestBody body, string? pathId)
    {
        var (sourceId, sourceFile) = operation is VideoOperation.Edit or VideoOperation.Extend ? ReadVideo(body) : (pathId, null);
        var (reference, fileId) = ReadReference(body);
        var intent = new SubmitIntent
        {
            Operation = operation,
            Prompt = ReadPrompt(body.Fields),
            Model = Text(body.Fields, "model", MaxModel),
            Size = ReadSize(body.Fields),
            Seconds = ReadSeconds(body.Fields),
            InputReference = reference,
            HasImageId = fileId is not null,
            SourceId = sourceId,
            SourceFile = sourceFile,
            Fields = OtherFields(body, operation, fileId),
        };
        if (operation == VideoOperation.Extend && intent.Seconds is null) throw Fail(ApiError.Missing("seconds"));
        if (body.Files.Keys.FirstOrDefault(f => f is not ("input_reference" or "video") || (f == "video" && sourceFile is null)) is { } file)
            throw Fail(ApiError.Invalid(file, $"'{file}' can't be a file here."));
        return intent;
    }

    /// <summary>The cache policy for this wish. A wish for one particular video is answered by an equal request only, never by a similar one.</summary>
    public CachePolicy PolicyOf(CachePolicy asked) => IsParticular ? asked.ExactOnly() : asked;

    // A seed, a file or an image makes a request particular. It may have any name and stand at any depth, also inside a form's text.
    private bool IsParticular =>
        SourceFile is not null || InputReference is not null || HasImageId || Fields.Any(f => IsSeed(f.Key) || IsParticularValue(f.Value));

    private static bool IsParticularValue(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject().Any(p => IsSeed(p.Name) || IsParticularValue(p.Value)),
        JsonValueKind.Array => value.EnumerateArray().Any(IsParticularValue),
        JsonValueKind.String => NamesMedia(value.GetString()!),
        _ => false,
    };

    private static bool IsSeed(string name) => name.Equals("seed", StringComparison.OrdinalIgnoreCase);

    private static bool NamesMedia(string text) =>
        text.Contains("://", StringComparison.Ordinal) || text.Contains("data:", StringComparison.OrdinalIgnoreCase)
            || text.Contains("\"seed\"", StringComparison.OrdinalIgnoreCase);

    private static string ReadPrompt(JsonObject fields)
    {
        if (fields["prompt"] is null) throw Fail(ApiError.Missing("prompt"));
        var prompt = Text(fields, "prompt", MaxPrompt)!;
        return string.IsNullOrWhiteSpace(prompt) ? throw Fail(ApiError.Invalid("prompt", "'prompt' must not be empty.")) : prompt;
    }

    private static VideoSize? ReadSize(JsonObject fields)
    {
        if (Text(fields, "size", MaxModel) is not { } text) return null;
        return VideoSize.TryParse(text, out var size)
            ? size
            : throw Fail(ApiError.Invalid("size", "'size' must be width x height in pixels, e.g. \"1280x720\"."));
    }

    private static decimal? ReadSeconds(JsonObject fields)
    {
        var seconds = fields["seconds"] switch
        {
            null => (decimal?)null,
            JsonValue value when value.GetValueKind() == JsonValueKind.Number && value.TryGetValue<decimal>(out var number) => number,
            JsonValue value when value.GetValueKind() == JsonValueKind.String
                && decimal.TryParse(value.GetValue<string>(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) => number,
            _ => -1,
        };
        return seconds is <= 0 or > MaxSeconds
            ? throw Fail(ApiError.Invalid("seconds", "'seconds' must be a number of seconds above 0, e.g. \"8\"."))
            : seconds;
    }

    private static (string? Id, MediaFile? File) ReadVideo(RequestBody body)
    {
        if (body.Files.TryGetValue("video", out var file))
        {
            if (file.Length == 0) throw Fail(ApiError.Invalid("video", "'video' is an empty file."));
            return (null, MediaTypes.Video(file.ContentType) is null ? file with { ContentType = MediaTypes.Mp4 } : file);
        }

        if (body.Fields["video"] is null) throw Fail(ApiError.Missing("video"));
        if (body.Fields["video"] is not JsonObject video || video.Count != 1 || video["id"] is not JsonValue id || id.GetValueKind() != JsonValueKind.String)
            throw Fail(ApiError.Invalid("video", "'video' must be a file, or an object with the 'id' of a video."));
        return (id.GetValue<string>(), null);
    }

    private static (MediaSource? Source, JsonNode? FileId) ReadReference(RequestBody body)
    {
        const string Name = "input_reference";
        if (body.Files.TryGetValue(Name, out var file)) return (new FileSource(Image(file)), null);
        switch (body.Fields[Name])
        {
            case null:
                return default;
            case JsonObject { Count: 1 } reference when reference["file_id"] is JsonValue:
                return (null, reference);
            case JsonObject { Count: 1 } reference when reference["image_url"] is JsonValue url && url.GetValueKind() == JsonValueKind.String:
                return (ImageAt(url.GetValue<string>()), null);
            default:
                throw Fail(ApiError.Invalid(Name, "'input_reference' must be an image file, or an object with either 'image_url' or 'file_id'."));
        }
    }

    private static MediaSource ImageAt(string url)
    {
        if (url.StartsWith("data:", StringComparison.OrdinalIgnoreCase))
        {
            return DataUrl.TryRead(url, out var type, out var bytes)
                ? new FileSource(Image(MediaFile.From("image", type, bytes)))
                : throw Fail(ApiError.Invalid("input_reference.image_url", "The data URL must hold base64, e.g. \"data:image/png;base64,…\"."));
        }

        return PublicAddress.IsUrl(url)
            ? new UrlSource(url)
            : throw Fail(ApiError.Invalid("input_reference.image_url", "The image must be at a public https address, or a data URL."));
    }

    private static MediaFile Image(MediaFile file)
    {
        if (file.Length == 0) throw Fail(ApiError.Invalid("input_reference", "'input_reference' is an empty file."));
        return MediaTypes.IsImage(file.ContentType)
            ? file
            : throw Fail(ApiError.Invalid("input_reference", "'input_reference' must be image/jpeg, image/png or image/webp."));
    }

    private static Dictionary<string, JsonElement> OtherFields(RequestBody body, VideoOperation operation, JsonNode? fileId)
    {
        var fields = body.Fields.Where(f => !Known.Contains(f.Key) && f.Value is not null).ToDictionary(
            f => f.Key, f => Element(f.Value!), StringComparer.Ordinal);
        if (fileId is not null) fields["input_reference"] = Element(fileId);
        // Only edit and extend give "video" a meaning.
        if (operation is VideoOperation.Create or VideoOperation.Remix && body.Fields["video"] is { } video) fields["video"] = Element(video);
        return fields;
    }

    private static JsonElement Element(JsonNode node) => JsonSerializer.SerializeToElement(node, VideoJsonContext.Default.JsonNode);

    private static string? Text(JsonObject fields, string name, int max)
    {
        if (fields[name] is not { } node) return null;
        if (node is not JsonValue value || value.GetValueKind() != JsonValueKind.String) throw Fail(ApiError.Invalid(name, $"'{name}' must be a string."));
        var text = value.GetValue<string>();
        return text.Length <= max ? text : throw Fail(ApiError.Invalid(name, Invariant($"'{name}' must be at most {max} characters long.")));
    }

    private static ApiException Fail(ApiError error) => new(error);
}
