using RemixProxy.Adapters;

namespace RemixProxy.Providers.Kit;

/// <summary>Describes how a provider takes an image, a video or a sound: the forms, the limits for a file in the body, and the upload of other files.</summary>
/// <param name="Param">The field of the unified request, e.g. <c>input_reference</c> or <c>video</c>.</param>
/// <param name="Forms">The forms that the provider takes.</param>
/// <param name="Takes">
/// The error message for any other form. The proxy replaces <c>{provider}</c> by the provider's configured name and <c>{param}</c> by the field's name.
/// </param>
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
    public ProviderStep Bring(SubmitRequest request, MediaSource? source, Func<NativeMedia, ProviderStep> send) => Check(request, source) switch
    {
        NativeIdSource { Id: var id } => send(new() { Id = id }),
        UrlSource { Url: var url, ContentType: var type } => send(new() { Url = url, ContentType = type }),
        FileSource { File: var file } when GoesInBody(file) =>
            send(new() { Inline = new(file, AsDataUrl ? DataUrlHead(file) : ""), ContentType = file.ContentType }),
        FileSource { File: var file } => Upload!(request, file, url => send(new() { Url = url, ContentType = file.ContentType })),
        var other => throw new InvalidOperationException($"Unknown source {other.GetType()}."),
    };

    /// <summary>Does the same for an optional image or video. Without one, <paramref name="send"/> gets null.</summary>
    public ProviderStep BringAny(SubmitRequest request, MediaSource? source, Func<NativeMedia?, ProviderStep> send) =>
        source is null ? send(null) : Bring(request, source, send);

    /// <summary>Checks that the provider takes an image, video or sound in this form, and returns it.</summary>
    /// <exception cref="VideoRequestException">The provider does not take this form.</exception>
    internal MediaSource Check(SubmitRequest request, MediaSource? source)
    {
        var takes = source switch
        {
            NativeIdSource => Forms.HasFlag(SourceForms.Id),
            UrlSource => Forms.HasFlag(SourceForms.Url),
            FileSource { File: var file } => Forms.HasFlag(SourceForms.File) && (Upload is not null || GoesInBody(file)),
            _ => false,
        };
        return takes
            ? source!
            : throw new VideoRequestException(Code, Param, Takes.Replace("{provider}", request.Provider).Replace("{param}", Param));
    }

    private static string DataUrlHead(MediaFile file) => $"data:{file.ContentType};base64,";

    private bool GoesInBody(MediaFile file) =>
        file.Length <= MaxInlineBytes
        && InlineTypes?.Contains(file.ContentType) != false
        && (!AsDataUrl || DataUrlHead(file).Length + ((file.Length + 2) / 3 * 4) < DataUrlLimit);
}

/// <summary>The images, videos and sounds of a request in the forms that the provider takes.</summary>
public sealed record NativeInputs
{
    /// <summary>The image that the video starts from.</summary>
    public NativeMedia? FirstFrame { get; private init; }

    /// <summary>The image that the video ends with.</summary>
    public NativeMedia? LastFrame { get; private init; }

    /// <summary>The images that the video refers to.</summary>
    public IReadOnlyList<NativeMedia> Images { get; private init; } = [];

    /// <summary>The videos that the video refers to.</summary>
    public IReadOnlyList<NativeMedia> Videos { get; private init; } = [];

    /// <summary>The sounds that the video refers to.</summary>
    public IReadOnlyList<NativeMedia> Sounds { get; private init; } = [];

    /// <summary>Converts all images, videos and sounds of a request but its source, by uploads where necessary.</summary>
    /// <param name="request">The request, which has only what its model takes.</param>
    /// <param name="image">How the provider takes an image.</param>
    /// <param name="video">How the provider takes a video that is referred to.</param>
    /// <param name="sound">How the provider takes a sound that is referred to.</param>
    /// <param name="send">Makes the step that uses them. It must not read fields of the request.</param>
    /// <exception cref="VideoRequestException">The provider does not take one of them in this form. Nothing was sent.</exception>
    public static ProviderStep Bring(
        SubmitRequest request, MediaInput image, MediaInput? video, MediaInput? sound, Func<NativeInputs, ProviderStep> send)
    {
        List<(MediaInput By, MediaSource Source, Func<NativeInputs, NativeMedia, NativeInputs> Put)> all = [];
        if (request.InputReference is { } first) all.Add((image with { Param = "input_reference" }, first, (to, media) => to with { FirstFrame = media }));
        if (request.LastFrame is { } last) all.Add((image with { Param = "last_frame" }, last, (to, media) => to with { LastFrame = media }));
        foreach (var source in request.ReferenceImages)
            all.Add((image with { Param = "reference_images" }, source, (to, media) => to with { Images = [.. to.Images, media] }));
        foreach (var source in request.ReferenceVideos)
            all.Add((Of(video, "reference_videos"), source, (to, media) => to with { Videos = [.. to.Videos, media] }));
        foreach (var source in request.ReferenceAudio)
            all.Add((Of(sound, "reference_audio"), source, (to, media) => to with { Sounds = [.. to.Sounds, media] }));
        // The limit for files in the body counts for all of them together, so each one gets its share.
        all = all.ConvertAll(m => m with { By = m.By with { MaxInlineBytes = m.By.MaxInlineBytes / all.Count } });
        // All are checked before the first one is uploaded.
        foreach (var (by, source, _) in all) by.Check(request, source);
        return Next(0, new());

        ProviderStep Next(int at, NativeInputs brought) =>
            at == all.Count ? send(brought) : all[at].By.Bring(request, all[at].Source, media => Next(at + 1, all[at].Put(brought, media)));
    }

    private static MediaInput Of(MediaInput? input, string param) => input is not null
        ? input with { Param = param }
        : throw new InvalidOperationException($"A model takes '{param}', but its adapter can't send any.");
}

/// <summary>An image, a video or a sound in a native body: exactly one of id, URL and bytes.</summary>
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
