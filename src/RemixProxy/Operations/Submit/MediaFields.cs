using System.Text.Json;
using System.Text.Json.Nodes;
using RemixProxy.Adapters;
using RemixProxy.Contract;

namespace RemixProxy.Operations.Submit;

/// <summary>
/// Reads the images, videos and sounds of a request: a file, a URL or data URL as text, or an object with one of <c>image_url</c> (of a video
/// <c>video_url</c>, of a sound <c>audio_url</c>), <c>url</c> and <c>file_id</c>.
/// </summary>
internal sealed class MediaFields
{
    private readonly string _urlName;
    private readonly string _expected;
    private readonly Func<string, bool> _isType;

    private MediaFields(string urlName, string expected, Func<string, bool> isType) => (_urlName, _expected, _isType) = (urlName, expected, isType);

    public static MediaFields Images { get; } = new("image_url", "image/jpeg, image/png or image/webp", MediaTypes.IsImage);

    public static MediaFields Videos { get; } = new("video_url", "a video, e.g. video/mp4", MediaTypes.IsVideo);

    public static MediaFields Sounds { get; } = new("audio_url", "a sound, e.g. audio/mpeg", MediaTypes.IsSound);

    /// <summary>
    /// The error for an address anywhere in a field that this proxy may not point anybody to; null where there is none. It holds for every model, also for one
    /// that nobody declares.
    /// </summary>
    public static ApiError? FaultyAddress(GivenField field) => field.Values.Select(v => FaultyAddress(v.Json, field.Name)).FirstOrDefault(e => e is not null);

    /// <summary>Reads a field with one value.</summary>
    /// <param name="field">The field.</param>
    /// <param name="data">The bytes of the request's data URLs.</param>
    /// <exception cref="ApiException">400 that names the field.</exception>
    public MediaSource? ReadOne(GivenField? field, MarkedData data) => field switch
    {
        null => null,
        { Values: [var value] } => Read(value, field.Name, data),
        _ => throw Fail(field.Name, $"'{field.Name}' takes one value."),
    };

    /// <summary>Reads a field with any number of values.</summary>
    /// <exception cref="ApiException">400 that names the field.</exception>
    public IReadOnlyList<MediaSource> ReadAll(GivenField? field, MarkedData data) =>
        field is null ? [] : [.. field.Values.Select(value => Read(value, field.Name, data))];

    /// <summary>Checks a file.</summary>
    /// <exception cref="ApiException">400 that names the field.</exception>
    public MediaFile Check(MediaFile file, string name)
    {
        if (file.Length == 0) throw Fail(name, $"'{name}' is an empty file.");
        if (_isType(file.ContentType)) return file;
        var found = file.ContentType == MediaTypes.AnyBytes ? "its type is not known" : $"this file is {file.ContentType}";
        throw Fail(name, $"'{name}' must be {_expected}; {found}.");
    }

    private MediaSource Read(GivenValue value, string name, MarkedData data) => value switch
    {
        { File: { } file } => new FileSource(Check(file, name)),
        { Json: JsonObject { Count: 1 } given } when given.Single() is var (key, inner) && (key == "file_id" || key == "url" || key == _urlName) => key switch
        {
            "file_id" => TextOf(inner) is { Length: > 0 } id ? new NativeIdSource(id) : throw Wrong(name),
            // Chat APIs nest the URL once more: {"image_url": {"url": …}}.
            _ => At(inner is JsonObject { Count: 1 } nested ? nested["url"] : inner, $"{name}.{key}", data),
        },
        { Json: JsonValue json } => At(json, name, data),
        _ => throw Wrong(name),
    };

    private MediaSource At(JsonNode? json, string name, MarkedData data)
    {
        if (TextOf(json) is not { } url) throw Wrong(name);
        if (Starts(url, "data:"))
        {
            return data.TryRead(url, out var type, out var bytes) || DataUrl.TryRead(url, out type, out bytes)
                ? new FileSource(Check(MediaFile.From(name.Split('.')[0], MediaTypes.Of(type, bytes.Span), bytes), name))
                : throw Fail(name, "The data URL must hold base64, e.g. \"data:image/png;base64,…\".");
        }

        return PublicAddress.IsUrl(url) ? new UrlSource(url) : throw new ApiException(NotPublic(name));
    }

    private static ApiError? FaultyAddress(JsonNode? json, string name) => json switch
    {
        JsonObject members => members.Select(m => FaultyAddress(m.Value, $"{name}.{FieldNames.Shown(m.Key)}")).FirstOrDefault(e => e is not null),
        JsonArray items => items.Select(i => FaultyAddress(i, name)).FirstOrDefault(e => e is not null),
        _ when TextOf(json) is { } text => !PublicAddress.IsAddress(text) ? FaultyAddressIn(text, name) : PublicAddress.IsUrl(text) ? null : NotPublic(name),
        _ => null,
    };

    // A form writes objects and arrays as text, and a server may read them.
    private static ApiError? FaultyAddressIn(string text, string name)
    {
        if (text.AsSpan().TrimStart() is not ['{' or '[' or '"', ..]) return null;
        JsonNode? json;
        try
        {
            json = JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            return null;
        }

        try
        {
            return FaultyAddress(json, name);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            return ApiError.Invalid(name, $"'{name}' names a member twice, or holds half a character.");
        }
    }

    private static ApiError NotPublic(string name) => ApiError.Invalid(name, $"'{name}' must be at a public https address, or a data URL.");

    private ApiException Wrong(string name) =>
        Fail(name, $"'{name}' must be a file, a URL or data URL as text, or an object with either '{_urlName}', 'url' or 'file_id'.");

    private static string? TextOf(JsonNode? json) => json is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;

    private static bool Starts(string url, string scheme) => url.AsSpan().TrimStart().StartsWith(scheme, StringComparison.OrdinalIgnoreCase);

    private static ApiException Fail(string name, string message) => new(ApiError.Invalid(name, message));
}
