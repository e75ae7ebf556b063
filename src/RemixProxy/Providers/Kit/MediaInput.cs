using RemixProxy.Adapters;

namespace RemixProxy.Providers.Kit;

/// <summary>How a provider takes an image or a source video: in which forms, up to which size in the body, and how it is uploaded beyond.</summary>
/// <param name="Param">The unified field it comes in: <c>input_reference</c> or <c>video</c>.</param>
/// <param name="Forms">The forms that are taken.</param>
/// <param name="Takes">Says so to a caller who sends another; <c>{provider}</c> stands for the provider's configured name.</param>
public sealed record MediaInput(string Param, SourceForms Forms, string Takes)
{
    /// <summary>The code of the error for another form.</summary>
    /// <value><c>invalid_value</c></value>
    public string Code { get; init; } = "invalid_value";

    /// <summary>The largest file that goes in the body, in bytes before base64.</summary>
    /// <value>Any.</value>
    public long MaxInlineBytes { get; init; } = long.MaxValue;

    /// <summary>The media types that go in the body; null: any.</summary>
    public IReadOnlyList<string>? InlineTypes { get; init; }

    /// <summary>Whether base64 is written as a <c>data:</c> URL.</summary>
    public bool AsDataUrl { get; init; }

    /// <summary>Such a URL must be shorter, in characters.</summary>
    /// <value>Any.</value>
    public long DataUrlLimit { get; init; } = long.MaxValue;

    /// <summary>Uploads a file that does not go in the body, and gives the step that follows its URL; null: there is no upload.</summary>
    public Func<SubmitRequest, MediaFile, Func<string, ProviderStep>, ProviderStep>? Upload { get; init; }

    /// <summary>Brings a medium into the form that the provider takes.</summary>
    /// <param name="request">The request.</param>
    /// <param name="source">Where the medium is; null: the caller named none.</param>
    /// <param name="send">The step that uses it; called later where an upload comes first, so it must not read fields of the request.</param>
    /// <exception cref="VideoRequestException">The provider does not take it so.</exception>
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

    /// <summary>Likewise where there may be none; then the step gets null at once.</summary>
    public ProviderStep BringAny(SubmitRequest request, MediaSource? source, Func<NativeMedia?, ProviderStep> send) =>
        source is null ? send(null) : Bring(request, source, send);

    private static string DataUrlHead(MediaFile file) => $"data:{file.ContentType};base64,";

    private bool GoesInBody(MediaFile file) =>
        file.Length <= MaxInlineBytes
        && InlineTypes?.Contains(file.ContentType) != false
        && (!AsDataUrl || DataUrlHead(file).Length + ((file.Length + 2) / 3 * 4) < DataUrlLimit);
}

/// <summary>An image or a video as a native body names it: exactly one of id, URL and bytes.</summary>
public sealed record NativeMedia
{
    /// <summary>The provider's own id of a video it made, unescaped.</summary>
    public string? Id { get; init; }

    /// <summary>A URL: the caller's, or that of an upload.</summary>
    public string? Url { get; init; }

    /// <summary>Bytes in the body.</summary>
    public InlineMedia? Inline { get; init; }

    /// <summary>The media type, where known, with its parameters.</summary>
    public string? ContentType { get; init; }

    /// <summary>The media type without parameters, where known.</summary>
    public string? Type => ContentType?.Split(';', 2)[0].Trim();
}

/// <summary>A file whose base64 stands in a JSON body.</summary>
/// <param name="File">The file.</param>
/// <param name="Prefix">What stands before the base64, e.g. <c>data:image/png;base64,</c>; empty: nothing.</param>
public sealed record InlineMedia(MediaFile File, string Prefix = "");
