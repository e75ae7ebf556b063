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

    /// <summary>The prompt, 1–32,000 characters.</summary>
    public required string Prompt { get; init; }

    /// <summary>The requested size; null where the caller named none.</summary>
    public VideoSize? Size { get; init; }

    /// <summary>The requested length in seconds; for an extend the seconds to add. Null where the caller named none.</summary>
    public decimal? Seconds { get; init; }

    /// <summary>The start image of a create, in a form that <see cref="ProviderProfile.Images"/> allows; null where the caller sent none.</summary>
    public MediaSource? InputReference { get; init; }

    /// <summary>
    /// The source video of a remix, edit or extend, in a form that the profile allows (<see cref="ProviderProfile.Sources"/>, <see
    /// cref="ProviderProfile.ExtendSources"/>).
    /// </summary>
    public MediaSource? Source { get; init; }

    /// <summary>The source's size, <c>WxH</c>; null where unknown.</summary>
    public string? SourceSize { get; init; }

    /// <summary>The source's length in seconds; null where unknown.</summary>
    public string? SourceSeconds { get; init; }

    /// <summary>The other fields of the request body, by name.</summary>
    public IReadOnlyDictionary<string, JsonElement> Fields { get; init; } = new Dictionary<string, JsonElement>();

    /// <summary>A unique id of this submit, for providers that take an idempotency key.</summary>
    public string SubmitKey { get; init; } = "";

    /// <summary>The provider's base with its version segment and a trailing slash.</summary>
    public required Uri BaseUrl { get; init; }

    /// <summary>The configured name of the provider, for error messages.</summary>
    public required string Provider { get; init; }
}

/// <summary>Where an image or a source video is.</summary>
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
/// <param name="code"><c>invalid_value</c>, <c>missing_required_parameter</c> or <c>unsupported_operation</c>.</param>
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
