using RemixProxy.Adapters;

namespace RemixProxy.Providers.Kit;

/// <summary>Describes how a provider takes an image or a source video: the forms, the limits for a file in the body, and the upload of other files.</summary>
/// <param name="Param">The field of the unified request: <c>input_reference</c> or <c>video</c>.</param>
/// <param name="Forms">The forms that the provider takes.</param>
/// <param name="Takes">The error message for any other form. The proxy replaces <c>{provider}</c> by the provider's configured name.</param>
public sealed record MediaInput(string Param, SourceForms Forms, string Takes)
{
    /// <summary>The error code for any other form.</summary>
    /// <value><c>invalid_value</c></value>
    public string Code { get; init; } = "invalid_value";

    /// <summary>The largest file that may stand in the body, in bytes before base64.</summary>
    /// <value>No limit.</value>
    public long MaxInlineBytes { get; init; } = long.MaxValue;

    /// <summary>The media types that may stand in the body; null: any.</summary>
    public IReadOnlyList<string>? InlineTypes { get; init; }

    /// <summary>Whether the body holds the file as a <c>data:</c> URL instead of plain base64.</summary>
    public bool AsDataUrl { get; init; }

    /// <summary>The limit for such a URL, in characters; a URL must be shorter than this.</summary>
    /// <value>No limit.</value>
    public long DataUrlLimit { get; init; } = long.MaxValue;

    /// <summary>
    /// Uploads a file that may not stand in the body. The last argument makes the step that uses the URL of the upload. Null: the provider has no upload.
    /// </summary>
    public Func<SubmitRequest, MediaFile, Func<string, ProviderStep>, ProviderStep>? Upload { get; init; }

    /// <summary>Converts an image or video to a form that the provider takes, by an upload where necessary.</summary>
    /// <param name="request">The request.</param>
    /// <param name="source">The image or video; null where the caller sent none, which is an error here.</param>
    /// <param name="send">Makes the step that uses it. It may run after the plan is made, when an upload is done, so it must not read fields of the
    /// request.</param>
    /// <exception cref="VideoRequestException">The provider does not take this form.</exception>
    public ProviderStep Bring(SubmitRequest request, MediaSource? source, Func<NativeMedia, ProviderStep> send) => source switch
    {
        NativeIdSource { Id: var id } when Forms.HasFlag(SourceForms.Id) => send(new() { Id = id }),
        UrlSource { Url: var url, ContentType: var type } when Forms.HasFlag(SourceForms.Url) => send(new() { Url = url, ContentType = type }),
        FileSource { File: var file } when Forms.HasFlag(SourceForms.File) && GoesInBody(file) =>
            send(new() { Inline = new(file, AsDataUrl ? DataUrlHead(file) : ""), ContentType = file.ContentType }),
        FileSource { File: var file } when Forms.HasFlag(SourceForms.File) && Upload is not null =>
            Upload(request, file, url => send(new() { Url = url, ContentType = file.ContentType })),
        _ => throw new VideoRequestException(Code, Param, Takes.Replace("{provider}", request.Provider)),
    };

    /// <summary>Does the same for an optional image or video. Without one, <paramref name="send"/> gets null.</summary>
    public ProviderStep BringAny(SubmitRequest request, MediaSource? source, Func<NativeMedia?, ProviderStep> send) =>
        source is null ? send(null) : Bring(request, source, send);

    private static string DataUrlHead(MediaFile file) => $"data:{file.ContentType};base64,";

    private bool GoesInBody(MediaFile file) =>
        file.Length <= MaxInlineBytes
        && InlineTypes?.Contains(file.ContentType) != false
        && (!AsDataUrl || DataUrlHead(file).Length + ((file.Length + 2) / 3 * 4) < DataUrlLimit);
}

/// <summary>An image or a video in a native body: exactly one of id, URL and bytes.</summary>
public sealed record NativeMedia
{
    /// <summary>The provider's id of a video that it made, unescaped.</summary>
    public string? Id { get; init; }

    /// <summary>The caller's URL, or the URL of an upload.</summary>
    public string? Url { get; init; }

    /// <summary>A file in the body.</summary>
    public InlineMedia? Inline { get; init; }

    /// <summary>The media type with its parameters; null where unknown.</summary>
    public string? ContentType { get; init; }

    /// <summary>The media type without parameters; null where unknown.</summary>
    public string? Type => ContentType?.Split(';', 2)[0].Trim();
}

/// <summary>A file that a JSON body holds as base64.</summary>
/// <param name="File">The file.</param>
/// <param name="Prefix">A text before the base64, e.g. <c>data:image/png;base64,</c>; empty: none.</param>
public sealed record InlineMedia(MediaFile File, string Prefix = "");
