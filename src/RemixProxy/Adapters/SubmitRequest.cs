using System.Text.Json;
using RemixProxy.Contract;

namespace RemixProxy.Adapters;

/// <summary>A create, remix, edit or extend in the unified form. The proxy has checked it and resolved what an adapter can't, such as ids and files.</summary>
public sealed record SubmitRequest
{
    /// <summary>The operation: create, remix, edit or extend.</summary>
    public required VideoOperation Operation { get; init; }

    /// <summary>The native model to use.</summary>
    public required string Model { get; init; }

    /// <summary>The model as configuration describes it; null where it doesn't.</summary>
    public ConfiguredModel? Configured { get; init; }

    /// <summary>The prompt, 1–32,000 characters.</summary>
    public required string Prompt { get; init; }

    /// <summary>The requested size; null where the caller named none.</summary>
    public VideoSize? Size { get; init; }

    /// <summary>The requested length in seconds; for an extend the seconds to add. Null where the caller named none.</summary>
    public decimal? Seconds { get; init; }

    /// <summary>The image that the video starts from, in a form that <see cref="ProviderProfile.Images"/> allows; null where the caller sent none.</summary>
    public MediaSource? InputReference { get; init; }

    /// <summary>The image that the video ends with; null where the caller sent none.</summary>
    public MediaSource? LastFrame { get; init; }

    /// <summary>The images that the video refers to without starting from them.</summary>
    public IReadOnlyList<MediaSource> ReferenceImages { get; init; } = [];

    /// <summary>The videos that the video refers to.</summary>
    public IReadOnlyList<MediaSource> ReferenceVideos { get; init; } = [];

    /// <summary>The sounds that the video refers to.</summary>
    public IReadOnlyList<MediaSource> ReferenceAudio { get; init; } = [];

    /// <summary>Whether the video has sound; null where the caller does not say.</summary>
    public bool? Audio { get; init; }

    /// <summary>How many videos the job makes.</summary>
    /// <value>1</value>
    public int Outputs { get; init; } = 1;

    /// <summary>
    /// The source video of a remix, edit or extend, in a form that the profile allows (<see cref="ProviderProfile.Sources"/>, <see
    /// cref="ProviderProfile.ExtendSources"/>).
    /// </summary>
    public MediaSource? Source { get; init; }

    /// <summary>The source's size, <c>WxH</c>; null where unknown.</summary>
    public string? SourceSize { get; init; }

    /// <summary>The source's length in seconds; null where unknown.</summary>
    public string? SourceSeconds { get; init; }

    /// <summary>
    /// The other fields of the request, <c>resolution</c>, <c>aspect_ratio</c>, <c>seed</c> and <c>negative_prompt</c> under these names whatever the caller
    /// wrote.
    /// </summary>
    public IReadOnlyDictionary<string, JsonElement> Fields { get; init; } = new Dictionary<string, JsonElement>();

    /// <summary>The body as the caller wrote it, for servers and models that read the caller's own names.</summary>
    public WrittenBody Written { get; init; } = new();

    /// <summary>The format of the body for an OpenAI-compatible server, as configured or learned.</summary>
    /// <value><see cref="BodyFormat.Auto"/></value>
    public BodyFormat BodyFormat { get; init; }

    /// <summary>A unique id of this submit, for providers that take an idempotency key.</summary>
    public string SubmitKey { get; init; } = "";

    /// <summary>The provider's base with its version segment and a trailing slash.</summary>
    public required Uri BaseUrl { get; init; }

    /// <summary>The configured name of the provider, for error messages.</summary>
    public required string Provider { get; init; }
}

/// <summary>A body as the caller wrote it.</summary>
public sealed record WrittenBody
{
    /// <summary>The fields in their order, without files. Those of a form are text; names in brackets are objects and arrays.</summary>
    public IReadOnlyList<KeyValuePair<string, JsonElement>> Fields { get; init; } = [];

    /// <summary>The parts of a form in their order, files included, with their names as they came; null where the caller sent JSON.</summary>
    public IReadOnlyList<MultipartPart>? Form { get; init; }

    /// <summary>The name by which the caller named a field, e.g. <c>duration</c> for <c>seconds</c>; the field's own name where it named none.</summary>
    /// <param name="field">The unified name, e.g. <c>seconds</c>.</param>
    public string NameOf(string field) => Names.GetValueOrDefault(field, field);

    /// <summary>The caller's names by unified name, where they differ.</summary>
    public IReadOnlyDictionary<string, string> Names { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);
}

/// <summary>Where an image, a video or a sound is.</summary>
public abstract record MediaSource;

/// <summary>A video that the same provider made.</summary>
/// <param name="Id">The native id, unescaped.</param>
public sealed record NativeIdSource(string Id) : MediaSource;

/// <summary>A public https URL.</summary>
/// <param name="Url">The URL.</param>
/// <param name="ContentType">The media type; null where unknown.</param>
public sealed record UrlSource(string Url, string? ContentType = null) : MediaSource;

/// <summary>A file whose bytes the proxy has.</summary>
/// <param name="File">The file.</param>
public sealed record FileSource(MediaFile File) : MediaSource;

/// <summary>The provider's format can't express the request. The caller gets a 400.</summary>
/// <param name="code">
/// <c>invalid_value</c>, <c>missing_required_parameter</c>, <c>unsupported_parameter</c> or <c>unsupported_operation</c>.
/// </param>
/// <param name="param">The field at fault; null where no single field is.</param>
/// <param name="message">Tells the caller what is wrong and what to do next.</param>
public sealed class VideoRequestException(string code, string? param, string message) : Exception(message)
{
    /// <summary>The error's code.</summary>
    public string Code { get; } = code;

    /// <summary>The request has an image beside a source video.</summary>
    internal static VideoRequestException ImageBesideSource(string provider) =>
        new("invalid_value", "input_reference", $"{provider} takes an 'input_reference' only when it creates a video; leave it out.");

    /// <summary>The field at fault.</summary>
    public string? Param { get; } = param;
}
