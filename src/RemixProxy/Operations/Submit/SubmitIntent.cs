using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using RemixProxy.Adapters;
using RemixProxy.Cache;
using RemixProxy.Contract;
using RemixProxy.Providers.Kit;

namespace RemixProxy.Operations.Submit;

/// <summary>What a caller wants, checked field by field, with nothing looked up yet.</summary>
internal sealed record SubmitIntent
{
    public const int MaxPrompt = 32_000;
    public const int MaxSeconds = 3600;
    public const int MaxModel = 256;

    private const int ShortestProse = 16;

    /// <summary>The fields that become members of this record. Adapters read all others by name.</summary>
    public static readonly string[] Members =
    [
        FieldNames.Prompt, FieldNames.Model, FieldNames.Seconds, FieldNames.Size, FieldNames.FirstFrame, FieldNames.LastFrame, FieldNames.ReferenceImages,
        FieldNames.ReferenceVideos, FieldNames.ReferenceAudio, FieldNames.Audio, FieldNames.Outputs,
    ];

    public required VideoOperation Operation { get; init; }

    /// <summary>The body that the wish was read from.</summary>
    public required RequestBody Body { get; init; }

    public required string Prompt { get; init; }

    public string? Model { get; init; }

    public VideoSize? Size { get; init; }

    public decimal? Seconds { get; init; }

    /// <summary>The image that the video starts from. A <c>file_id</c> is a <see cref="NativeIdSource"/>.</summary>
    public MediaSource? FirstFrame { get; init; }

    public MediaSource? LastFrame { get; init; }

    public IReadOnlyList<MediaSource> ReferenceImages { get; init; } = [];

    public IReadOnlyList<MediaSource> ReferenceVideos { get; init; } = [];

    public IReadOnlyList<MediaSource> ReferenceAudio { get; init; } = [];

    /// <summary>Whether the video has sound; null if the caller does not say.</summary>
    public bool? Audio { get; init; }

    /// <summary>How many videos the job makes.</summary>
    public int Outputs { get; init; } = 1;

    /// <summary>The source video's id as the caller wrote it; null if there is none.</summary>
    public string? SourceId { get; init; }

    /// <summary>The source video as an uploaded file; null if there is none.</summary>
    public MediaFile? SourceFile { get; init; }

    /// <summary>All other fields by our names for them, for the adapter.</summary>
    public required IReadOnlyDictionary<string, JsonElement> Fields { get; init; }

    /// <summary>
    /// The first fault in a field whose meaning is common but not part of OpenAI's API. A model that declares its fields refuses it; for any other model the
    /// field goes as it is written.
    /// </summary>
    public ApiError? Fault { get; init; }

    /// <summary>The fields that hold files and have no meaning here.</summary>
    public IEnumerable<GivenField> OtherFiles => Body.ByMeaning.Where(f => !HasMeaning(f.Key) && f.Value.Files.Any()).Select(f => f.Value);

    /// <summary>A video that a create or remix names in <c>video</c>, which has a meaning only for an edit or extend; null if there is none.</summary>
    public GivenField? StrayVideo => HasMeaning(FieldNames.Video) ? null : Body.Find(FieldNames.Video);

    /// <summary>The error for an address in a field that a provider is sent as it is written, and may fetch; null where there is none.</summary>
    /// <param name="isSent">Whether a field is sent, by our name for it.</param>
    public ApiError? FaultyAddress(Func<string, bool> isSent) => Body.ByMeaning
        .Where(f => !FieldNames.Prose.Contains(f.Key) && !FieldNames.NeverRead.Contains(f.Key) && isSent(f.Key))
        .Select(f => MediaFields.FaultyAddress(f.Value)).FirstOrDefault(e => e is not null);

    /// <summary>The images, by the caller's names for them.</summary>
    public IEnumerable<(string Name, MediaSource Image)> Images
    {
        get
        {
            if (FirstFrame is not null) yield return (NameOf(FieldNames.FirstFrame), FirstFrame);
            if (LastFrame is not null) yield return (NameOf(FieldNames.LastFrame), LastFrame);
            foreach (var image in ReferenceImages) yield return (NameOf(FieldNames.ReferenceImages), image);
        }
    }

    /// <summary>What a provider may quote of the request, and the log never has. A short word in a field is a setting.</summary>
    public IEnumerable<string?> OwnTexts => Fields.SelectMany(f => TextsIn(f.Key, f.Value)).Append(Prompt);

    /// <summary>The caller's name for a meaning.</summary>
    public string NameOf(string meaning) => Body.Find(meaning)?.Name ?? meaning;

    /// <summary>The body as the caller wrote it.</summary>
    public WrittenBody ToWritten() => new()
    {
        Fields = [.. Body.Fields.Where(f => f.Json is not null).Select(f => KeyValuePair.Create(f.Name, Element(f.Json!)))],
        Form = Body.Form,
        Names = Body.ByMeaning.Where(f => f.Key != f.Value.Name).ToDictionary(f => f.Key, f => f.Value.Name, StringComparer.Ordinal),
    };

    /// <summary>Checks a body.</summary>
    /// <param name="operation">The operation of the route.</param>
    /// <param name="body">The body.</param>
    /// <param name="pathId">The source's id in the path of a remix.</param>
    /// <exception cref="ApiException">400 that names the field.</exception>
    public static SubmitIntent Read(VideoOperation operation, RequestBody body, string? pathId)
    {
        var namesSource = operation is VideoOperation.Edit or VideoOperation.Extend;
        var (sourceId, sourceFile) = namesSource ? ReadVideo(body) : (pathId, null);
        ApiError? fault = null;
        var media = FieldNames.Media.Select(body.Find).OfType<GivenField>().ToArray();
        if (media.Select(MediaFields.FaultyAddress).FirstOrDefault(e => e is not null) is { } faulty) throw Fail(faulty);
        var intent = new SubmitIntent
        {
            Operation = operation,
            Body = body,
            Prompt = ReadPrompt(body),
            Model = Text(body, FieldNames.Model, MaxModel),
            Size = ReadSize(body),
            Seconds = body.Find(FieldNames.Seconds) is { Name: not FieldNames.Seconds } ? Try(() => ReadSeconds(body)) : ReadSeconds(body),
            FirstFrame = Try(() => MediaFields.Images.ReadOne(body.Find(FieldNames.FirstFrame), body.Data)),
            LastFrame = Try(() => MediaFields.Images.ReadOne(body.Find(FieldNames.LastFrame), body.Data)),
            ReferenceImages = Try(() => MediaFields.Images.ReadAll(body.Find(FieldNames.ReferenceImages), body.Data)) ?? [],
            ReferenceVideos = Try(() => MediaFields.Videos.ReadAll(body.Find(FieldNames.ReferenceVideos), body.Data)) ?? [],
            ReferenceAudio = Try(() => MediaFields.Sounds.ReadAll(body.Find(FieldNames.ReferenceAudio), body.Data)) ?? [],
            Audio = Try(() => ReadAudio(body)),
            Outputs = Try(() => ReadOutputs(body)) ?? 1,
            SourceId = sourceId,
            SourceFile = sourceFile,
            Fields = body.ByMeaning.Where(f => !Members.Contains(f.Key) && !(namesSource && f.Key == FieldNames.Video) && f.Value.Json is not null)
                .ToDictionary(f => f.Key, f => Element(f.Value.Json!), StringComparer.Ordinal),
        };
        if (operation == VideoOperation.Extend && body.Find(FieldNames.Seconds) is null) throw Fail(ApiError.Missing("seconds"));
        if (FieldNames.NeverFiles.Select(body.Find).FirstOrDefault(f => f?.Files.Any() == true) is { Name: var file })
            throw Fail(ApiError.Invalid(file, $"'{file}' can't be a file."));
        return intent with { Fault = fault };

        T? Try<T>(Func<T> read)
        {
            try
            {
                return read();
            }
            catch (ApiException e)
            {
                fault ??= e.Error;
                return default;
            }
        }
    }

    /// <summary>The cache policy for this wish. A wish for one particular video is answered by an equal request only, never by a similar one.</summary>
    public CachePolicy PolicyOf(CachePolicy asked) => IsParticular ? asked.ExactOnly() : asked;

    /// <summary>Reads <c>8</c> or <c>8s</c>; null for any other text.</summary>
    public static decimal? SecondsOf(string text) => Durations.Read(text.EndsWith('s') ? text[..^1] : text);

    /// <summary>Reads <c>true</c>, <c>on</c> or <c>1</c>, and their opposites, in any letter case; null for any other text.</summary>
    public static bool? FlagOf(string text) => text.Trim().ToUpperInvariant() switch
    {
        "TRUE" or "ON" or "1" => true,
        "FALSE" or "OFF" or "0" => false,
        _ => null,
    };

    // A seed, a file or an image makes a request particular. It may have any name and stand at any depth, also inside a form's text.
    private bool IsParticular =>
        SourceFile is not null || Fault is not null || Body.Fields.Any(f => f.Files.Any()) || FieldNames.Media.Any(m => Body.Find(m) is not null)
        || Fields.Any(f => IsSeed(f.Key) || IsParticularValue(f.Value));

    private bool HasMeaning(string name) =>
        FieldNames.Own.Contains(name) && (name != FieldNames.Video || Operation is VideoOperation.Edit or VideoOperation.Extend);

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

    private static string ReadPrompt(RequestBody body)
    {
        var prompt = Text(body, FieldNames.Prompt, MaxPrompt) ?? throw Fail(ApiError.Missing("prompt"));
        return string.IsNullOrWhiteSpace(prompt) ? throw Fail(ApiError.Invalid("prompt", "'prompt' must not be empty.")) : prompt;
    }

    private static VideoSize? ReadSize(RequestBody body)
    {
        if (Text(body, FieldNames.Size, MaxModel) is not { } text) return null;
        return VideoSize.TryParse(text, out var size)
            ? size
            : throw Fail(ApiError.Invalid("size", "'size' must be width x height in pixels, e.g. \"1280x720\"."));
    }

    private static decimal? ReadSeconds(RequestBody body)
    {
        if (body.Find(FieldNames.Seconds) is not { Name: var name, Json: var json }) return null;
        var seconds = json switch
        {
            JsonValue value when value.GetValueKind() == JsonValueKind.Number && value.TryGetValue<decimal>(out var number) => number,
            JsonValue value when value.GetValueKind() == JsonValueKind.String => SecondsOf(value.GetValue<string>()),
            _ => null,
        };
        return seconds is > 0 and <= MaxSeconds
            ? seconds
            : throw Fail(ApiError.Invalid(name, $"'{name}' must be a number of seconds above 0 and up to {MaxSeconds}, e.g. \"8\"."));
    }

    private static bool? ReadAudio(RequestBody body)
    {
        if (body.Find(FieldNames.Audio) is not { Name: var name, Json: var json }) return null;
        var flag = json?.GetValueKind() switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            JsonValueKind.String => FlagOf(json.GetValue<string>()),
            _ => null,
        };
        return flag ?? throw Fail(ApiError.Invalid(name, $"'{name}' must be true or false."));
    }

    private static int? ReadOutputs(RequestBody body)
    {
        if (body.Find(FieldNames.Outputs) is not { Name: var name, Json: var json }) return null;
        return int.TryParse(json?.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var outputs) && outputs > 0
            ? outputs
            : throw Fail(ApiError.Invalid(name, $"'{name}' must be a whole number above 0."));
    }

    private static (string? Id, MediaFile? File) ReadVideo(RequestBody body)
    {
        switch (body.Find(FieldNames.Video))
        {
            case null:
                throw Fail(ApiError.Missing("video"));
            case { Values: [{ File: { } file }] }:
                return (null, MediaFields.Videos.Check(file, "video"));
            case { Json: JsonObject { Count: 1 } video } when video["id"] is JsonValue id && id.GetValueKind() == JsonValueKind.String:
                return (id.GetValue<string>(), null);
            default:
                throw Fail(ApiError.Invalid("video", "'video' must be a file, or an object with the 'id' of a video."));
        }
    }

    private static IEnumerable<string?> TextsIn(string name, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject().SelectMany(m => TextsIn(m.Name, m.Value)),
        JsonValueKind.Array => value.EnumerateArray().SelectMany(item => TextsIn(name, item)),
        JsonValueKind.String when value.Text() is { } text
            && (text.Length >= ShortestProse || name.Contains("prompt", StringComparison.OrdinalIgnoreCase)) => [text],
        _ => [],
    };

    private static JsonElement Element(JsonNode node) => JsonSerializer.SerializeToElement(node, VideoJsonContext.Default.JsonNode);

    private static string? Text(RequestBody body, string name, int max)
    {
        if (body.Find(name) is not { } field) return null;
        if (field.Json is not JsonValue value || value.GetValueKind() != JsonValueKind.String)
            throw Fail(ApiError.Invalid(name, $"'{name}' must be a string."));
        var text = value.GetValue<string>();
        return text.Length <= max ? text : throw Fail(ApiError.Invalid(name, Invariant($"'{name}' must be at most {max} characters long.")));
    }

    private static ApiException Fail(ApiError error) => new(error);
}
