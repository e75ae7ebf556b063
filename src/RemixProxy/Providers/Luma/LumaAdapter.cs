using System.Text.Json;
using RemixProxy.Adapters;
using RemixProxy.Contract;

namespace RemixProxy.Providers.Luma;

/// <summary>
/// Luma Agents: <c>POST generations</c> makes, edits and continues videos; <c>GET generations/{id}</c> tells of them. Nothing is listed, cancelled or deleted.
/// </summary>
/// <remarks>Source: Luma's own SDK 0.3 (2026-06) and its guides; what only others' integrations say is named where it is used.</remarks>
internal sealed class LumaAdapter : IVideoAdapter
{
    private const string Ray = "ray-3.2";
    private const string DefaultResolution = "720p";

    // The vendor publishes no pixels: 16:9 and 9:16 are the usual ones; of the others the short side is the tier's and the long side follows from the ratio,
    // which is even without rounding.
    private static readonly SizeOption[] Sizes =
    [
        new("9:16", "540p", new(540, 960)), new("9:16", "720p", new(720, 1280)), new("9:16", "1080p", new(1080, 1920)),
        new("3:4", "540p", new(540, 720)), new("3:4", "720p", new(720, 960)), new("3:4", "1080p", new(1080, 1440)),
        new("1:1", "540p", new(540, 540)), new("1:1", "720p", new(720, 720)), new("1:1", "1080p", new(1080, 1080)),
        new("4:3", "540p", new(720, 540)), new("4:3", "720p", new(960, 720)), new("4:3", "1080p", new(1440, 1080)),
        new("16:9", "540p", new(960, 540)), new("16:9", "720p", new(1280, 720)), new("16:9", "1080p", new(1920, 1080)),
        new("21:9", "540p", new(1260, 540)), new("21:9", "720p", new(1680, 720)), new("21:9", "1080p", new(2520, 1080)),
    ];

    // 10 s is for plain text to video: not for a loop (Luma's SDK), nor for HDR or beside a start or end frame (its resellers).
    private static readonly Durations Short = Durations.Of(5);

    public ProviderProfile Profile { get; } = new()
    {
        Type = "luma",
        AliasRank = 1,
        DisplayName = "Luma Agents",
        BaseUrl = "https://agents.lumalabs.ai",
        Version = "v1",
        KeyVariables = ["LUMA_AGENTS_API_KEY"],
        CreateModel = Ray,
        RemixModel = Ray,
        ExtendModel = Ray,
        Models = [new(Ray, VideoOperation.Submit) { Sizes = Sizes, Seconds = Durations.Of(5, 10) }],
        Operations = VideoOperation.Submit | VideoOperation.Retrieve | VideoOperation.Delete | VideoOperation.Content,
        Remix = RemixKind.Native,
        Sources = SourceForms.Id | SourceForms.Url | SourceForms.File,
        ExtendSources = SourceForms.Id,
        PollInterval = TimeSpan.FromSeconds(4),
        UrlLifetime = TimeSpan.FromHours(1),
        RefreshesUrls = true,
    };

    public SubmitPlan Submit(SubmitRequest request)
    {
        if (request.InputReference is not null && request.Operation != VideoOperation.Create) throw VideoRequestException.ImageBesideSource(request.Provider);

        // Any model that isn't known by name is shaped like the one that is.
        var model = Profile.FindModel(request.Model) ?? Profile.Models[0];
        return request.Operation switch
        {
            VideoOperation.Create => Create(request, model),
            VideoOperation.Extend => Extend(request, model),
            _ => Edit(request, model),
        };
    }

    public ProviderStep Retrieve(string nativeId) =>
        new Exchange(new(HttpMethod.Get, "generations/" + NativeRequest.Segment(nativeId)), response => new Answer(LumaGeneration.Read(response)));

    public ProviderStep? Delete(string nativeId, VideoStatus status) => null;

    public NativeRequest Content(string nativeId, NativeOutput output, string variant) => new(HttpMethod.Get, output.Url) { Authenticated = false };

    public ProviderError ReadError(NativeResponse response) => LumaError.Read(response);

    private static SubmitPlan Create(SubmitRequest request, VideoModel model)
    {
        var reader = new FieldReader(request);
        var video = DynamicRange(reader) with { Loop = reader.Boolean("loop"), StartFrame = StartFrame(request), EndFrame = EndFrame(reader) };
        if (video is { Loop: true, Hdr: true })
            throw new VideoRequestException("invalid_value", "loop", $"{request.Provider} makes no loop in HDR; leave out 'loop' or 'hdr'.");

        var isShort = video.Loop == true || video.Hdr == true || video.StartFrame is not null || video.EndFrame is not null;
        var fit = SizeAndLength.Fit(request, model with { Sizes = SizesOf(model, video), Seconds = isShort ? Short : model.Seconds }, reader);
        var body = new LumaRequest
        {
            Model = request.Model,
            Type = "video",
            Prompt = request.Prompt,
            AspectRatio = fit.Size!.Aspect,
            Video = video with { Resolution = fit.Size.Resolution, Duration = Duration(fit) },
            UserId = reader.Text("user_id"),
        };
        return new(Send(body, request.InputReference), request.Model)
        {
            Size = fit.Size.Pixels.ToString(),
            Seconds = SizeAndLength.Text(fit.Seconds!.Value),
            Adjustments = [.. fit.Adjustments, .. reader.Unused()],
        };
    }

    private static SubmitPlan Edit(SubmitRequest request, VideoModel model)
    {
        var reader = new FieldReader(request);
        var video = DynamicRange(reader);
        var source = SourceSize(request);
        var option = Nearest(SizeOption.AtResolution(SizesOf(model, video), reader), source);
        var size = source is { } known ? Scale(known, Math.Min(option.Pixels.Width, option.Pixels.Height)).ToString() : null;
        var body = new LumaRequest
        {
            Model = request.Model,
            Type = "video_edit",
            Prompt = request.Prompt,
            Source = EditSource(request),
            Video = video with { Resolution = option.Resolution, Edit = EditOptions(reader) },
            UserId = reader.Text("user_id"),
        };
        return new(Send(body, request.Source), request.Model) { Size = size, Adjustments = [.. Followed(request, size), .. reader.Unused()] };
    }

    private static SubmitPlan Extend(SubmitRequest request, VideoModel model)
    {
        if (request.Source is not NativeIdSource from)
            throw new VideoRequestException(
                "unsupported_operation", "video", $"{request.Provider} extends only videos that it made itself; name one by its id.");

        var reader = new FieldReader(request);
        var source = SourceSize(request);
        var option = Nearest(SizeOption.AtResolution(model.Sizes, reader), source);
        var size = source is null ? null : option.Pixels.ToString();
        // The aspect ratio is the start frame's; it is named, where known, so that no default takes its place. There is no HDR here (resellers say so).
        var fit = SizeAndLength.Fit(request with { Size = null }, model with { Seconds = Short });
        var body = new LumaRequest
        {
            Model = request.Model,
            Type = "video",
            Prompt = request.Prompt,
            AspectRatio = source is null ? null : option.Aspect,
            Video = new()
            {
                Resolution = option.Resolution,
                Duration = Duration(fit),
                Loop = reader.Boolean("loop"),
                StartFrame = new() { GenerationId = from.Id },
            },
            UserId = reader.Text("user_id"),
        };
        return new(Send(body, null), request.Model)
        {
            Size = size,
            // The answer is the continuation alone, not the source with it.
            Seconds = SizeAndLength.Text(fit.Seconds!.Value),
            Adjustments = [.. Followed(request, size, seconds: false), .. fit.Adjustments, .. reader.Unused()],
        };
    }

    private static Exchange Send(LumaRequest body, MediaSource? media) =>
        new(
            new(HttpMethod.Post, "generations")
            {
                Body = JsonBody.From(body, LumaJsonContext.Default.LumaRequest)
            with
                { Media = (media as FileSource)?.File }
            },
            response => new Answer(LumaGeneration.Read(response)));

    private static LumaVideo DynamicRange(FieldReader reader)
    {
        var video = new LumaVideo { Hdr = reader.Boolean("hdr"), ExrExport = reader.Boolean("exr_export") };
        return video is { ExrExport: true, Hdr: not true }
            ? throw new VideoRequestException("invalid_value", "exr_export", "'exr_export' needs 'hdr': true beside it.")
            : video;
    }

    private static LumaMedia? StartFrame(SubmitRequest request) => request.InputReference switch
    {
        null => null,
        UrlSource image => new() { Url = image.Url },
        FileSource image => new() { Data = JsonBody.MediaSlot, MediaType = BareType(image.File.ContentType) },
        _ => throw new VideoRequestException("invalid_value", "input_reference", $"{request.Provider} takes an 'input_reference' as a URL or a file."),
    };

    // By URL only: a generation id in a free field would pass by the check of who owns it.
    private static LumaMedia? EndFrame(FieldReader reader)
    {
        if (reader.Json("end_frame") is not { } field) return null;
        var url = field.ValueKind == JsonValueKind.Object && field.TryGetProperty("url", out var inner) ? inner : field;
        return url.ValueKind == JsonValueKind.String && PublicAddress.IsUrl(url.GetString())
            ? new() { Url = url.GetString() }
            : throw new VideoRequestException("invalid_value", "end_frame", "'end_frame' must be the public https URL of an image.");
    }

    private static LumaMedia EditSource(SubmitRequest request) => request.Source switch
    {
        NativeIdSource source => new() { GenerationId = source.Id },
        UrlSource source => new() { Url = source.Url, MediaType = VideoType(source.ContentType) },
        FileSource source => new() { Data = JsonBody.MediaSlot, MediaType = VideoType(source.File.ContentType) },
        _ => throw new VideoRequestException("missing_required_parameter", "video", "Name the 'video' to work on."),
    };

    // The type decides how the source is taken in, so anything that is no video type would be read as an image.
    private static string VideoType(string? contentType) =>
        contentType?.StartsWith("video/", StringComparison.OrdinalIgnoreCase) == true ? BareType(contentType) : "video/mp4";

    private static string BareType(string contentType) => contentType.Split(';', 2)[0].Trim();

    private static LumaEdit EditOptions(FieldReader reader)
    {
        var edit = new LumaEdit
        {
            AutoControls = reader.Boolean("auto_controls"),
            Strength = reader.Word("strength", "adhere_1", "adhere_2", "adhere_3", "flex_1", "flex_2", "flex_3", "reimagine_1", "reimagine_2", "reimagine_3"),
            Controls = LumaControls.Read(reader),
        };
        if (edit is { AutoControls: true, Strength: not null })
            throw new VideoRequestException("invalid_value", "strength", "'strength' and 'auto_controls': true exclude each other; send one.");
        // Strength or controls mean the manual mode, so the default stands only where there is neither.
        return edit is { AutoControls: null, Strength: null, Controls: null } ? edit with { AutoControls = true } : edit;
    }

    // HDR begins at 720p (resellers say so).
    private static IReadOnlyList<SizeOption> SizesOf(VideoModel model, LumaVideo video) =>
        video.Hdr == true ? [.. model.Sizes.Where(s => s.Resolution != "540p")] : model.Sizes;

    // Of an unknown source only the tier matters: the only one left, else 720p, which is the vendor's own default.
    private static SizeOption Nearest(IReadOnlyList<SizeOption> options, VideoSize? source) =>
        source is { } size ? SizeOption.Fit(options, size) : options.FirstOrDefault(o => o.Resolution == DefaultResolution) ?? options[0];

    private static string Duration(SizeAndLength fit) => SizeAndLength.Text(fit.Seconds!.Value) + "s";

    private static VideoSize? SourceSize(SubmitRequest request) => VideoSize.TryParse(request.SourceSize, out var size) ? size : null;

    // An edit keeps the source's ratio, whatever it is, at the tier's short side.
    private static VideoSize Scale(VideoSize source, int shortSide)
    {
        var factor = (double)shortSide / Math.Min(source.Width, source.Height);
        return new(Even(source.Width * factor), Even(source.Height * factor));
    }

    private static int Even(double side) => (int)Math.Round(side / 2) * 2;

    private static IEnumerable<Adjustment> Followed(SubmitRequest request, string? size, bool seconds = true) =>
        SizeAndLength.FollowSource(request with { SourceSize = size }, seconds: seconds)
            .Select(a => a.Param == "size" && size != request.SourceSize ? a with { Reason = "the source's aspect ratio at the resolution used" } : a);
}
