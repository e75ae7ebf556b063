using System.Text.Json;
using RemixProxy.Adapters;
using RemixProxy.Contract;
using RemixProxy.Providers.Kit;

namespace RemixProxy.ExampleProvider;

/// <summary>Reels, a vendor that does not exist. Source: its API reference of 2026-11.</summary>
public sealed class ReelsAdapter : TaskAdapter
{
    private static readonly MediaInput Image = new(
        "input_reference", SourceForms.Url | SourceForms.File, "{provider} takes a reference image as a URL or a file.")
    {
        AsDataUrl = true, DataUrlLimit = 4_000_000,
    };

    private static readonly MediaInput Source = new("video", SourceForms.Id, "{provider} remixes its own videos only.");

    /// <inheritdoc />
    public override ProviderProfile Profile { get; } = new()
    {
        Type = "reels",
        DisplayName = "Reels",
        BaseUrl = "https://api.reels.example",
        Version = "v1",
        KeyVariables = ["REELS_API_KEY"],
        CreateModel = "reel-2",
        RemixModel = "reel-2",
        Models =
        [
            new("reel-2", VideoOperation.Create | VideoOperation.Remix)
            {
                Sizes = SizeOption.Standard(["16:9", "9:16"], ["720p", "1080p"]),
                Seconds = Durations.Of(4, 8),
                MaxPrompt = 2000,
                Fields = [ModelField.Integer("seed"), ModelField.Word("style", VideoOperation.Create, "film", "cartoon")],
            },
        ],
        Operations = VideoOperation.Create | VideoOperation.Remix | VideoOperation.Retrieve | VideoOperation.Delete | VideoOperation.Content,
        Remix = RemixKind.Native,
        Sources = Source.Forms,
        PollInterval = TimeSpan.FromSeconds(5),
        UrlLifetime = TimeSpan.FromHours(1),
        RefreshesUrls = true,
        Statuses =
        [
            new("waiting", VideoStatus.Queued), new("rendering", VideoStatus.InProgress), new("ready", VideoStatus.Completed),
            new("broken", VideoStatus.Failed), new("stopped", VideoStatus.Failed, "cancelled", "The reel was stopped."),
        ],
    };

    /// <inheritdoc />
    protected override ErrorRules Errors { get; } = new()
    {
        Messages = ["error.text"],
        Codes = ["error.code"],
        Params = ["error.field"],
        Names = new Dictionary<string, string>(StringComparer.Ordinal) { ["length"] = "seconds", ["picture"] = "input_reference" },
        KeepsNames = true,
        Rules =
        [
            new(ProviderErrorKind.InsufficientQuota) { Codes = ["no_credit"] },
            new(ProviderErrorKind.Moderation) { Says = ["house rules"] },
            new(ProviderErrorKind.ModelNotFound) { Statuses = [404], Codes = ["no_such_model"] },
        ],
    };

    /// <inheritdoc />
    public override ProviderStep? Delete(string nativeId, VideoStatus status)
    {
        var delete = Remove(HttpMethod.Delete, Target(nativeId), nativeId, "The reel was deleted.");
        return status is VideoStatus.Queued or VideoStatus.InProgress ? Before(HttpMethod.Post, Target(nativeId) + "/stop", delete) : delete;
    }

    /// <inheritdoc />
    protected override string Target(string nativeId) => "reels/" + NativeRequest.Segment(nativeId);

    /// <inheritdoc />
    protected override ProviderStep Create(Wish wish)
    {
        var size = wish.FitSize();
        var seconds = wish.FitSeconds();
        var (style, seed) = (wish.Fields.Value("style"), wish.Fields.Value("seed"));
        return Image.BringAny(wish.Request, wish.Request.InputReference, image => Post("reels", new NativeObject
        {
            { "model", wish.Request.Model },
            { "prompt", wish.Request.Prompt },
            { "size", size.Pixels.ToString() },
            { "length", (int)seconds },
            { "picture", image },
            { "style", style },
            { "seed", seed },
        }.ToBody()));
    }

    /// <inheritdoc />
    protected override ProviderStep Edit(Wish wish)
    {
        wish.FollowSourceSize();
        wish.FollowSourceSeconds();
        var seed = wish.Fields.Value("seed");
        return Source.Bring(wish.Request, wish.Request.Source, reel => Post("remixes", new NativeObject
        {
            { "reel", reel.Id },
            { "prompt", wish.Request.Prompt },
            { "seed", seed },
        }.ToBody()));
    }

    /// <inheritdoc />
    protected override VideoSnapshot Read(JsonElement root, string? nativeId)
    {
        NativeOutput[] clips = root.Member("clip").WebUrl() is { } url ? [new(url.OriginalString) { Public = true, ContentType = "video/mp4" }] : [];
        return State(root.Text("state"), clips, message: root.Text("reason")) with
        {
            Id = root.Text("id"),
            Progress = (double?)root.Number("percent"),
            CreatedAt = root.UnixTime("created"),
        };
    }
}
