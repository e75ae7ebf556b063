using System.Text.Json;
using RemixProxy.Contract;

namespace RemixProxy.Adapters;

/// <summary>A create, remix, edit or extend in the unified form, checked and with everything resolved that an adapter can't.</summary>
public sealed record SubmitRequest
{
    /// <summary>Which of the four.</summary>
    public required VideoOperation Operation { get; init; }

    /// <summary>The native model to use.</summary>
    public required string Model { get; init; }

    /// <summary>The prompt, 1–32,000 characters.</summary>
    public required string Prompt { get; init; }

    /// <summary>The size wished for; null where the caller named none.</summary>
    public VideoSize? Size { get; init; }

    /// <summary>The length wished for in seconds (of an extension: to add); null where the caller named none.</summary>
    public decimal? Seconds { get; init; }

    /// <summary>The image to start from, of a create: a URL or a file.</summary>
    public MediaSource? InputReference { get; init; }

    /// <summary>The video to work on, in a form that <see cref="ProviderProfile.Sources"/> admits.</summary>
    public MediaSource? Source { get; init; }

    /// <summary>The source's size, <c>WxH</c>, where known.</summary>
    public string? SourceSize { get; init; }

    /// <summary>The source's length in seconds, where known.</summary>
    public string? SourceSeconds { get; init; }

    /// <summary>The body's other fields, by name.</summary>
    public IReadOnlyDictionary<string, JsonElement> Fields { get; init; } = new Dictionary<string, JsonElement>();

    /// <summary>An id made for this submit, for providers that take one; the same on no other.</summary>
    public string SubmitKey { get; init; } = "";

    /// <summary>The provider's base with its version segment and a trailing slash.</summary>
    public required Uri BaseUrl { get; init; }

    /// <summary>The configured name of the provider, for messages.</summary>
    public required string Provider { get; init; }
}

/// <summary>Where an image or a source video is.</summary>
public abstract record MediaSource;

/// <summary>A video of the same provider.</summary>
/// <param name="Id">Its native id, unescaped.</param>
public sealed record NativeIdSource(string Id) : MediaSource;

/// <summary>An https URL that anybody may fetch.</summary>
/// <param name="Url">The URL.</param>
/// <param name="ContentType">Its media type, where known.</param>
public sealed record UrlSource(string Url, string? ContentType = null) : MediaSource;

/// <summary>Bytes at hand.</summary>
/// <param name="File">The file.</param>
public sealed record FileSource(MediaFile File) : MediaSource;

/// <summary>A request that an adapter can't express; answered with 400.</summary>
/// <param name="code"><c>invalid_value</c>, <c>missing_required_parameter</c> or <c>unsupported_operation</c>.</param>
/// <param name="param">The field at fault.</param>
/// <param name="message">What to do next.</param>
public sealed class VideoRequestException(string code, string? param, string message) : Exception(message)
{
    /// <summary>The error's code.</summary>
    public string Code { get; } = code;

    /// <summary>An image came with an operation on a source video.</summary>
    internal static VideoRequestException ImageBesideSource(string provider) =>
        new("invalid_value", "input_reference", $"{provider} takes an 'input_reference' only when it creates a video; leave it out.");

    /// <summary>The field at fault.</summary>
    public string? Param { get; } = param;
}
