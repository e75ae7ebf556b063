using System.Buffers;
using System.Text.Json;
using RemixProxy.Adapters;
using RemixProxy.Contract;

namespace RemixProxy.Providers.OpenAi;

/// <summary>Any server that speaks the OpenAI Videos API: self-hosted ones, gateways, resellers.</summary>
/// <remarks>
/// Fields that the API doesn't document are handed on as they came, because such servers have many of their own; what they make of them is theirs to say.
/// </remarks>
internal sealed class OpenAiAdapter : IVideoAdapter
{
    private static readonly SizeOption[] Sizes =
    [
        new("9:16", "720p", new(720, 1280)),
        new("16:9", "720p", new(1280, 720)),
        new("9:16", "1080p", new(1024, 1792)),
        new("16:9", "1080p", new(1792, 1024)),
    ];

    private static readonly VideoModel Sora = new("sora-2", VideoOperation.Submit) { Sizes = Sizes, Seconds = Durations.Of(4, 8, 12) };

    // What an extension adds has other lengths than a clip, and it keeps the size of its source.
    private static readonly VideoModel Extension = new("", VideoOperation.Extend) { Seconds = Durations.Of(4, 8, 12, 16, 20) };

    // Self-hosted servers have models, sizes and lengths of their own: wishes go out as they are, and where there is none nothing does.
    private static readonly VideoModel Undeclared = new("", VideoOperation.Submit);

    public ProviderProfile Profile { get; } = new()
    {
        Type = "openai",
        AliasRank = int.MaxValue,
        DisplayName = "OpenAI-compatible server",
        Version = "v1",
        KeyVariables = ["OPENAI_API_KEY"],
        CreateModel = Sora.Id,
        Models = [Sora, Sora with { Id = "sora-2-pro" }],
        Operations = VideoOperation.Submit | VideoOperation.Retrieve | VideoOperation.Delete | VideoOperation.Content,
        Remix = RemixKind.Native,
        Sources = SourceForms.Id | SourceForms.File,
        ExtendSources = SourceForms.Id | SourceForms.File,
        Images = SourceForms.Id | SourceForms.Url | SourceForms.File,
        Variants = ["video", "thumbnail", "spritesheet"],
        PollInterval = TimeSpan.FromSeconds(5),
        // Gateways pack routing into their ids, often as base64 or with separators of their own.
        IdCharacters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.~:=+/@,|"),
        // The longest that, encoded and with any provider's name behind it, is still a unified id.
        MaxIdLength = 350,
    };

    public SubmitPlan Submit(SubmitRequest request) => request.Operation switch
    {
        VideoOperation.Create => Create(request),
        VideoOperation.Extend => Extend(request),
        _ => Remix(request),
    };

    public ProviderStep Retrieve(string nativeId) =>
        new Exchange(new(HttpMethod.Get, OpenAiVideo.Target(nativeId)), response => new Answer(OpenAiVideo.Read(response, nativeId)));

    // The body of the answer isn't looked at: servers answer 204 too.
    public ProviderStep? Delete(string nativeId, VideoStatus status) =>
        new Exchange(new(HttpMethod.Delete, OpenAiVideo.Target(nativeId)), _ => new Answer(new() { Id = nativeId, Status = status }));

    public NativeRequest Content(string nativeId, NativeOutput output, string variant) =>
        new(HttpMethod.Get, variant == "video" ? output.Url : $"{output.Url}?variant={variant}");

    public ProviderError ReadError(NativeResponse response) => OpenAiError.Read(response);

    private SubmitPlan Create(SubmitRequest request)
    {
        var fit = SizeAndLength.Fit(request, Profile.FindModel(request.Model) ?? Undeclared);
        var seconds = Text(fit.Seconds ?? request.Seconds);
        var size = (fit.Size?.Pixels ?? request.Size)?.ToString();
        var body = new OpenAiRequest
        {
            Model = request.Model,
            Prompt = request.Prompt,
            Seconds = seconds,
            Size = size,
            InputReference = request.InputReference is UrlSource image ? new(image.Url) : null,
            Rest = Rest(new(request)),
        };
        return new(Send("videos", body.ToBody("input_reference", request.InputReference)), request.Model)
        {
            Size = size, Seconds = seconds,
            Adjustments = fit.Adjustments
        };
    }

    // Model, size and length are the source's: the API takes none of them here.
    private static SubmitPlan Remix(SubmitRequest request)
    {
        var body = new OpenAiRequest { Prompt = request.Prompt, Rest = RestWithoutImage(request) };
        var target = request.Source switch
        {
            NativeIdSource source => OpenAiVideo.Target(source.Id) + "/remix",
            FileSource => "videos/edits",
            _ => throw WrongSource(),
        };
        return new(Send(target, body.ToBody("video", request.Source)), request.Model) { Adjustments = [.. SizeAndLength.FollowSource(request)] };
    }

    private SubmitPlan Extend(SubmitRequest request)
    {
        var fit = SizeAndLength.Fit(request, Profile.FindModel(request.Model) is null ? Undeclared : Extension);
        var added = fit.Seconds ?? request.Seconds;
        var body = new OpenAiRequest
        {
            Video = request.Source switch
            {
                NativeIdSource source => new(source.Id),
                FileSource => null,
                _ => throw WrongSource(),
            },
            Prompt = request.Prompt,
            Seconds = Text(added),
            Rest = RestWithoutImage(request),
        };
        return new(Send("videos/extensions", body.ToBody("video", request.Source)), request.Model)
        {
            // What a server adds of its own accord is unknown, and so is the sum.
            Seconds = added is { } known ? SizeAndLength.Stitched(request, known) : "",
            Adjustments = [.. fit.Adjustments, .. SizeAndLength.FollowSource(request, seconds: false)],
        };
    }

    private static Exchange Send(string target, NativeBody body) =>
        new(new(HttpMethod.Post, target) { Body = body }, response => new Answer(OpenAiVideo.Read(response)));

    private static string? Text(decimal? seconds) => seconds is { } wish ? SizeAndLength.Text(wish) : null;

    private static Dictionary<string, JsonElement> Rest(FieldReader reader) => new(reader.Rest(), StringComparer.Ordinal);

    private static Dictionary<string, JsonElement> RestWithoutImage(SubmitRequest request)
    {
        var reader = new FieldReader(request);
        if (request.InputReference is not null || reader.Json("input_reference") is not null)
            throw VideoRequestException.ImageBesideSource(request.Provider);
        return Rest(reader);
    }

    private static VideoRequestException WrongSource() => new("invalid_value", "video", "'video' must be a video of this provider or an uploaded file.");
}
