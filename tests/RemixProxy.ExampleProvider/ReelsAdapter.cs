using System.Text.Json;
using RemixProxy;
using RemixProxy.Adapters;
using RemixProxy.Contract;
using RemixProxy.Providers.Kit;

namespace Reels;

/// <summary>Reels: videos from a text or an image, and remixes of any video. Source: the facts in docs/adding-a-provider.md.</summary>
public sealed class ReelsAdapter : TaskAdapter
{
    private const VideoOperation Remixes = VideoOperation.Remix | VideoOperation.Edit;

    private static readonly VideoModel Reel2 = new("reel-2", VideoOperation.Create | Remixes)
    {
        Sizes = SizeOption.Standard(["9:16", "16:9", "1:1"], ["720p", "1080p"]),
        Seconds = Durations.Of(4, 6, 8),
        MaxPrompt = 2000,
        Fields =
        [
            ModelField.Integer("seed"),
            ModelField.Word("strength", Remixes, "low", "medium", "high"),
        ],
        Inputs = new() { FirstFrame = true, LastFrame = true },
        Sound = ModelSound.Switch,
    };

    private static readonly VideoModel Reel2Fast = new("reel-2-fast", VideoOperation.Create)
    {
        Sizes = SizeOption.Standard(["9:16", "16:9"], ["720p"]),
        Seconds = Durations.Range(2, 6),
        MaxPrompt = 2000,
        Fields = [ModelField.Integer("seed")],
        Inputs = ModelInputs.OfFirstFrame,
    };

    private static readonly MediaInput Image = new(
        "input_reference", SourceForms.Url | SourceForms.File, "{provider} takes '{param}' as a URL or a file.")
    {
        AsDataUrl = true, MaxInlineBytes = 5 * 1024 * 1024, Upload = Upload,
    };

    private static readonly MediaInput Source = new(
        "video", SourceForms.Id | SourceForms.Url | SourceForms.File, "{provider} takes the source video by id, as a URL or a file.")
    {
        MaxInlineBytes = 0, Upload = Upload,
    };

    /// <inheritdoc />
    public override ProviderProfile Profile { get; } = new()
    {
        Type = "reels",
        DisplayName = "Reels",
        BaseUrl = "https://{region}.reels.example/studios/{project}",
        Version = "v2",
        KeyVariables = [],
        Signing = new SigningScheme.BySigner(ReelsSigner.Name),
        Secrets = new Dictionary<string, ProviderSetting>(StringComparer.Ordinal)
        {
            ["AccessKey"] = new("REELS_ACCESS_KEY"), ["SecretKey"] = new("REELS_SECRET_KEY"),
        },
        Region = new("REELS_REGION") { Default = "eu" },
        Project = new("REELS_STUDIO"),
        Models = [Reel2, Reel2Fast],
        CreateModel = Reel2.Id,
        RemixModel = Reel2.Id,
        Operations = VideoOperation.Create | Remixes | VideoOperation.Retrieve | VideoOperation.Delete | VideoOperation.Content | VideoOperation.Cancel,
        Remix = RemixKind.Native,
        Images = Image.Forms,
        Sources = Source.Forms,
        MaxSourceBytes = 200 * 1024 * 1024,
        MaxSourceSeconds = 30,
        PollInterval = TimeSpan.FromSeconds(5),
        UrlLifetime = TimeSpan.FromHours(1),
        RefreshesUrls = true,
        BytesLifetime = TimeSpan.FromDays(7),
        Statuses =
        [
            new("waiting", VideoStatus.Queued), new("making", VideoStatus.InProgress), new("ready", VideoStatus.Completed),
            new("broken", VideoStatus.Failed), new("blocked", VideoStatus.Failed, "moderation_blocked"),
            new("cancelled", VideoStatus.Failed, "cancelled", "The reel was cancelled."),
        ],
    };

    /// <inheritdoc />
    protected override ErrorRules Errors { get; } = new()
    {
        Messages = ["error.message"],
        Codes = ["error.code"],
        Params = ["error.field"],
        Names = new Dictionary<string, string>(StringComparer.Ordinal) { ["length"] = "seconds", ["image"] = "input_reference", ["source"] = "video" },
        KeepsNames = true,
        Rules =
        [
            new(ProviderErrorKind.Moderation) { Codes = ["prompt_blocked"] },
            // An image is blocked by a text alone.
            new(ProviderErrorKind.Moderation) { Codes = ["bad_field"], Says = ["breaks our content rules"] },
            new(ProviderErrorKind.ModelNotFound) { Codes = ["no_such_model"] },
            new(ProviderErrorKind.InsufficientQuota) { Statuses = [429], Codes = ["out_of_credit"] },
        ],
    };

    /// <inheritdoc />
    protected override string Target(string nativeId) => "reels/" + NativeRequest.Segment(nativeId);

    /// <inheritdoc />
    protected override ProviderStep Create(Wish wish)
    {
        var form = new NativeObject
        {
            { "model", wish.Model.Id },
            { "prompt", wish.Request.Prompt },
            { "size", wish.FitSize().Pixels.ToString() },
            { "length", wish.FitSeconds() },
            { "seed", wish.Fields.Value("seed") },
            { "sound", wish.Audio },
        };
        return NativeInputs.Bring(wish.Request, Image, null, null, inputs => Post(
            "reels", new NativeObject { form, { "image", inputs.FirstFrame }, { "last_frame", inputs.LastFrame } }.ToBody()));
    }

    /// <inheritdoc />
    protected override ProviderStep Edit(Wish wish)
    {
        wish.FollowSourceSize();
        wish.FollowSourceSeconds();
        var form = new NativeObject
        {
            { "prompt", wish.Request.Prompt },
            { "strength", wish.Fields.Value("strength") },
            { "seed", wish.Fields.Value("seed") },
        };
        return Source.Bring(wish.Request, wish.Request.Source, source => source.Id is { } id
            ? Post(Target(id) + "/remix", form.ToBody())
            : Post("remixes", new NativeObject { form, { "source", source } }.ToBody()));
    }

    private static Exchange Upload(SubmitRequest request, MediaFile file, Func<string, ProviderStep> use)
    {
        return new(new(HttpMethod.Post, "uploads") { Body = new FileBody(file) }, Use) { Forward = false };

        ProviderStep Use(NativeResponse response) => use(response.ReadObject().Text("url") ?? throw new JsonException("No URL of the upload."));
    }

    /// <inheritdoc />
    protected override VideoSnapshot Read(JsonElement root, string? nativeId) =>
        nativeId is null ? new() { Id = root.Text("id"), Status = VideoStatus.Queued } : Describe(root, []);

    /// <inheritdoc />
    protected override ProviderStep Answered(NativeResponse response, string? nativeId)
    {
        var reel = response.ReadObject();
        if (nativeId is null || Profile.FindStatus(reel.Text("state")).Status != VideoStatus.Completed) return base.Answered(response, nativeId);
        return new Exchange(new(HttpMethod.Get, Target(nativeId) + "/clips"), clips => new Answer(Describe(reel, Clips(clips)))) { Forward = false };
    }

    private VideoSnapshot Describe(JsonElement reel, NativeOutput[] clips) => State(reel.Text("state"), clips, message: reel.Text("why")) with
    {
        Id = reel.Text("id"),
        Model = reel.Text("model"),
        Progress = (double?)reel.Number("percent"),
        CreatedAt = reel.Time("created"),
    };

    private static NativeOutput[] Clips(NativeResponse response) =>
    [
        .. response.ReadObject().Items("clips").Select(clip => clip.Member("url").WebUrl()).OfType<Uri>().Select(
            url => new NativeOutput(url.OriginalString) { Public = true, ContentType = "video/mp4" }),
    ];

    /// <inheritdoc />
    public override ProviderStep? Delete(string nativeId, VideoStatus status)
    {
        var delete = Remove(HttpMethod.Delete, Target(nativeId), nativeId, "The reel was deleted.");
        return status is VideoStatus.Queued or VideoStatus.InProgress ? Before(HttpMethod.Post, Target(nativeId) + "/cancel", delete) : delete;
    }

    /// <inheritdoc />
    public override ProviderStep? Cancel(string nativeId) => Stop(HttpMethod.Post, Target(nativeId) + "/cancel", nativeId);
}
