using System.Text.Json;
using System.Text.Json.Nodes;
using RemixProxy.Adapters;
using RemixProxy.Contract;
using RemixProxy.Providers.Kit;

namespace RemixProxy.Providers.Luma;

/// <summary>
/// Luma Agents: <c>POST generations</c> makes, edits and continues videos; <c>GET generations/{id}</c> returns their state. The API has no list, cancel or
/// delete.
/// </summary>
/// <remarks>Source: Luma's own SDK 0.3 (2026-06) and its guides. A comment says so where a fact comes only from other vendors' integrations.</remarks>
internal sealed class LumaAdapter : TaskAdapter
{
    private const string Ray = "ray-3.2";
    private const VideoOperation Edits = VideoOperation.Remix | VideoOperation.Edit;

    // Only plain text to video can be 10 s long: a loop can't (Luma's SDK), nor can HDR or a video with a start or end frame (resellers).
    private static readonly Durations Short = Durations.Of(5);

    private static readonly VideoModel Model = new(Ray, VideoOperation.Submit)
    {
        // Luma publishes no pixel sizes; for 16:9 and 9:16 these are the usual ones.
        Sizes = SizeOption.Standard(["9:16", "3:4", "1:1", "4:3", "16:9", "21:9"], ["540p", "720p", "1080p"]),
        Seconds = Durations.Of(5, 10),
        ExtendSeconds = Short,
        Fields =
        [
            ModelField.Boolean("loop", VideoOperation.Create | VideoOperation.Extend),
            // A continuation has no HDR (resellers say so).
            ModelField.Boolean("hdr", VideoOperation.Create | Edits),
            ModelField.Boolean("exr_export", VideoOperation.Create | Edits),
            ModelField.Boolean("auto_controls", Edits),
            ModelField.Word(
                "strength", Edits, "adhere_1", "adhere_2", "adhere_3", "flex_1", "flex_2", "flex_3", "reimagine_1", "reimagine_2", "reimagine_3"),
            ModelField.Object("controls", Edits),
            ModelField.Text("user_id"),
        ],
        Inputs = ModelInputs.OfFirstFrame with { LastFrame = true },
    };

    private static readonly MediaInput Image = new(
        "input_reference", SourceForms.Url | SourceForms.File, "{provider} takes '{param}' as a URL or a file.");

    private static readonly MediaInput Source = new(
        "video", SourceForms.Id | SourceForms.Url | SourceForms.File, "{provider} takes the source video by id, as a URL or a file.");

    public override ProviderProfile Profile { get; } = new()
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
        Models = [Model],
        Operations = VideoOperation.Submit | VideoOperation.Retrieve | VideoOperation.Delete | VideoOperation.Content,
        Remix = RemixKind.Native,
        Sources = Source.Forms,
        ExtendSources = SourceForms.Id,
        PollInterval = TimeSpan.FromSeconds(4),
        UrlLifetime = TimeSpan.FromHours(1),
        RefreshesUrls = true,
        Statuses =
        [
            new("queued", VideoStatus.Queued), new("processing", VideoStatus.InProgress), new("completed", VideoStatus.Completed),
            new("failed", VideoStatus.Failed),
        ],
    };

    protected override ErrorRules Errors { get; } = new()
    {
        Messages = ["detail", "message", "error"],
        Codes = ["failure_code", "code"],
        Problems = "detail",
        // E.g. ["body", "video", "duration"].
        Names = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["video"] = "", ["edit"] = "", ["duration"] = "seconds", ["aspect_ratio"] = "size", ["resolution"] = "size", ["source"] = "video",
            ["start_frame"] = "input_reference",
        },
        KeepsNames = true,
        Rules =
        [
            new(ProviderErrorKind.ByStatus) { Statuses = [401, 402] },
            new(ProviderErrorKind.Moderation) { Codes = ["content_moderated"] },
            new(ProviderErrorKind.InsufficientQuota) { Codes = ["budget_exhausted"] },
            new(ProviderErrorKind.RateLimited) { Codes = ["rate_limited"] },
            new(ProviderErrorKind.ByStatus) { Statuses = [429] },
            // A list of fields means that the body failed a check, whatever words the list holds.
            new(ProviderErrorKind.ModelNotFound) { Fields = ["model"] },
            new(ProviderErrorKind.ByStatus) { When = fault => fault.Param is not null },
            new(ProviderErrorKind.Moderation) { Says = ["moderation", "moderated", "content policy", "content guidelines"] },
            new(ProviderErrorKind.NotFound) { When = fault => IsMissing(fault, "generation") },
            new(ProviderErrorKind.ModelNotFound) { When = fault => IsMissing(fault, "model") },
        ],
    };

    protected override string Target(string nativeId) => "generations/" + NativeRequest.Segment(nativeId);

    protected override ProviderStep Create(Wish wish)
    {
        var (hdr, loop) = (IsHdr(wish), wish.Fields.Boolean("loop"));
        if (hdr && loop == true)
            throw new VideoRequestException("invalid_value", "loop", $"{wish.Request.Provider} makes no loop in HDR; leave out 'loop' or 'hdr'.");
        var size = wish.FitSize(SizesOf(wish, hdr));
        var isShort = loop == true || hdr || (wish.Request.InputReference ?? wish.Request.LastFrame) is not null;
        var seconds = wish.FitSeconds(isShort ? Short : null);
        return NativeInputs.Bring(
            wish.Request, Image, null, null,
            inputs => Generate(wish, "video", size, size.Aspect, seconds, startFrame: inputs.FirstFrame, endFrame: inputs.LastFrame));
    }

    protected override ProviderStep Edit(Wish wish)
    {
        if (wish.Request.Source is null) throw new VideoRequestException("missing_required_parameter", "video", "Name the 'video' to work on.");
        var (sizes, edit) = (wish.AtResolution(SizesOf(wish, IsHdr(wish))), EditOptions(wish.Fields));
        // The short side is the tier's.
        var size = wish.KeepSourceRatio(sizes);
        wish.FollowSourceRatio();
        wish.FollowSourceSeconds();
        return Source.Bring(wish.Request, wish.Request.Source, source => Generate(wish, "video_edit", size, source: source, edit: edit));
    }

    protected override ProviderStep Extend(Wish wish)
    {
        if (wish.Request.Source is not NativeIdSource source)
            throw new VideoRequestException(
                "unsupported_operation", "video", $"{wish.Request.Provider} extends only videos that it made itself; name one by its id.");
        var size = wish.NearestToSource(wish.AtResolution(wish.Model.Sizes));
        wish.Size = wish.SourceSize is null ? null : size.Pixels.ToString();
        wish.FollowSourceRatio();
        // The new video is only the continuation, without the source. Its aspect ratio is that of the start frame. The request names the ratio where it is
        // known, so that Luma does not use its default.
        var added = wish.FitSeconds();
        wish.Append(added);
        return Generate(wish, "video", size, wish.Size is null ? null : size.Aspect, added, startFrame: new() { Id = source.Id });
    }

    protected override VideoSnapshot Read(JsonElement root, string? nativeId) =>
        State(root.Text("state"), Videos(root), FailureCode(root), root.Text("failure_reason")) with
        {
            Id = root.Text("id"),
            Model = root.Text("model"),
            CreatedAt = root.Time("created_at"),
        };

    private static bool IsMissing(NativeFault fault, string what) => fault.Says("not found", "does not exist") && fault.Says(what);

    private Exchange Generate(
        Wish wish, string type, SizeOption size, string? aspect = null, decimal? seconds = null, NativeMedia? source = null, NativeMedia? startFrame = null,
        NativeMedia? endFrame = null, NativeObject? edit = null) => Post("generations", new NativeObject
        {
            { "model", wish.Request.Model },
            { "type", type },
            { "prompt", wish.Request.Prompt },
            { "aspect_ratio", aspect },
            { "source", Media(source, VideoType(source)) },
            {
                "video", new NativeObject
                {
                    { "resolution", size.Resolution },
                    { "duration", seconds is { } length ? Durations.Text(length) + "s" : null },
                    { "loop", wish.Fields.Value("loop") },
                    { "hdr", wish.Fields.Value("hdr") },
                    { "exr_export", wish.Fields.Value("exr_export") },
                    { "start_frame", Frame(startFrame) },
                    { "end_frame", Frame(endFrame) },
                    { "edit", edit },
                }
            },
            { "user_id", wish.Fields.Value("user_id") },
        }.ToBody());

    private static NativeObject? Frame(NativeMedia? frame) => Media(frame, frame?.Inline is null ? null : frame.Type);

    private static NativeObject? Media(NativeMedia? media, string? type) => media is null ? null : new NativeObject
    {
        { "generation_id", media.Id }, { "url", media.Url }, { "data", media.Inline }, { "media_type", media.Id is null ? type : null },
    };

    // Luma reads the source by its type. Anything but a video type would be read as an image.
    private static string VideoType(NativeMedia? source) =>
        source?.Type is { } type && type.StartsWith("video/", StringComparison.OrdinalIgnoreCase) ? type : "video/mp4";

    private static bool IsHdr(Wish wish)
    {
        var (hdr, exr) = (wish.Fields.Boolean("hdr") == true, wish.Fields.Boolean("exr_export") == true);
        return exr && !hdr ? throw new VideoRequestException("invalid_value", "exr_export", "'exr_export' needs 'hdr': true beside it.") : hdr;
    }

    // HDR needs at least 720p (resellers say so).
    private static SizeOption[] SizesOf(Wish wish, bool hdr) => [.. wish.Model.Sizes.Where(s => !hdr || s.Resolution != "540p")];

    private static NativeObject EditOptions(FieldReader fields)
    {
        var (auto, strength, controls) = (fields.Boolean("auto_controls"), fields.Text("strength"), Controls(fields));
        if (auto == true && strength is not null)
            throw new VideoRequestException("invalid_value", "strength", "'strength' and 'auto_controls': true exclude each other; send one.");
        // Strength or controls select the manual mode, so the default is sent only where both are absent.
        return new() { { "auto_controls", auto ?? (strength is null && controls is null ? true : null) }, { "strength", strength }, { "controls", controls } };
    }

    private static NativeObject? Controls(FieldReader fields)
    {
        if (fields.Json("controls", JsonValueKind.Object) is not { } controls) return null;
        var all = new NativeObject();
        foreach (var signal in controls.EnumerateObject().Where(IsSaid).OrderBy(s => s.Name, StringComparer.Ordinal))
        {
            if (signal is not { Name: "depth" or "face" or "normals" or "pose" or "trajectory", Value.ValueKind: JsonValueKind.Object }) throw WrongControls();
            var one = new NativeObject();
            foreach (var setting in signal.Value.EnumerateObject().Where(IsSaid))
                one.Add(setting.Name, Setting(setting.Name, signal.Value) ?? throw WrongControls());
            all.Add(signal.Name, one);
        }

        return all;

        static bool IsSaid(JsonProperty member) => member.Value.ValueKind != JsonValueKind.Null;
    }

    // Luma checks which signal has which setting.
    private static JsonNode? Setting(string name, JsonElement settings) => name switch
    {
        "enabled" => bool.TryParse(settings.Member(name).ToString(), out var enabled) ? enabled : null,
        "blur" or "augmentation" or "sparsity" => settings.Number(name),
        "strength" when settings.Member(name).ValueKind == JsonValueKind.String => settings.Text(name),
        _ => null,
    };

    private static VideoRequestException WrongControls() => new(
        "invalid_value", "controls", "'controls' must be an object of depth {enabled, blur}, face {enabled}, normals {enabled, augmentation}, "
        + "pose {enabled, strength}, trajectory {enabled, sparsity}.");

    // An HDR video can come with an EXR file, whose type is not documented. The file counts only if there is no video.
    private static NativeOutput[] Videos(JsonElement root)
    {
        var outputs = root.Items("output").Select(
            o => (Type: o.Text("type"), Url: o.Member("url").WebUrl()?.OriginalString)).Where(o => o.Url is not null).ToArray();
        var videos = outputs.Where(o => o.Type is "video" or null).Select(o => new NativeOutput(o.Url!) { Public = true, ContentType = "video/mp4" }).ToArray();
        return videos.Length > 0 ? videos : [.. outputs.Where(o => o.Type != "image").Select(o => new NativeOutput(o.Url!) { Public = true })];
    }

    // Luma's codes are stable words and stay as they are. generation_failed says no more than the status.
    private static string? FailureCode(JsonElement root) => root.Word("failure_code") switch
    {
        "generation_failed" => null,
        var code when code.Says("moderat") => "moderation_blocked",
        var code => code,
    };
}
