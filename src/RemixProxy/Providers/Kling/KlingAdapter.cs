using System.Text.Json;
using RemixProxy.Adapters;
using RemixProxy.Contract;
using RemixProxy.Providers.Kit;

namespace RemixProxy.Providers.Kling;

/// <summary>Kling's current API: videos from text, images and a video that is referred to, and edits of a video given as a URL.</summary>
/// <remarks>
/// Source: Kling's page of the Omni models; text to video and most errors only through integrations of others. The model is part of the path. Kling ignores a
/// member that stands at another place than it should, so everything is nested as the page has it. There is no delete, cancel or extend.
/// </remarks>
internal sealed class KlingAdapter : TaskAdapter
{
    private const string Omni = "kling-3.0-omni";
    private const VideoOperation Edits = VideoOperation.Remix | VideoOperation.Edit;

    // The source's name in the prompt.
    private const string SourceName = "video_1";
    private const int MaxPrompt = 3072;

    private static readonly string[] Aspects = ["9:16", "16:9", "1:1"];

    private static readonly VideoModel Kling3 = new("kling-3.0", VideoOperation.Create)
    {
        Sizes = SizeOption.Standard(Aspects, ["720p", "1080p", "4k"]),
        Seconds = Durations.Range(3, 15),
        MaxPrompt = MaxPrompt,
        Fields = [ModelField.Boolean("multi_shot", VideoOperation.Create), ModelField.Boolean("watermark")],
        Inputs = ModelInputs.OfFirstFrame with { LastFrame = true },
        Sound = ModelSound.Switch,
    };

    // The numbers of images are those of Kling's older Omni model.
    private static readonly VideoModel Kling3Omni = Kling3 with
    {
        Id = Omni,
        Operations = VideoOperation.Create | Edits,
        Inputs = Kling3.Inputs with { ReferenceImages = 7, ReferenceVideos = 1 },
        SourceInputs = new() { ReferenceImages = 4 },
    };

    private static readonly VideoModel Kling3Turbo = Kling3 with
    {
        Id = "kling-3.0-turbo",
        Sizes = SizeOption.Standard(Aspects, ["720p", "1080p"]),
        Inputs = ModelInputs.OfFirstFrame,
    };

    // Kling's page names URLs; its older API takes bare base64 in the same place.
    private static readonly MediaInput Image = new(
        "input_reference", SourceForms.Url | SourceForms.File, "{provider} takes '{param}' as a URL or a file.");

    private static readonly MediaInput Source = new("video", SourceForms.Url, "{provider} takes '{param}' as a URL that anybody may fetch.");

    public override ProviderProfile Profile { get; } = new()
    {
        Type = "kling",
        DisplayName = "Kling",
        BaseUrl = "https://api-{region}.klingai.com",
        Version = "",
        KeyVariables = ["KLINGAI_API_KEY"],
        Region = new("KLINGAI_REGION") { Default = "singapore" },
        CreateModel = Kling3.Id,
        RemixModel = Omni,
        Models = [Kling3, Kling3Turbo, Kling3Omni],
        Operations = VideoOperation.Create | Edits | VideoOperation.Retrieve | VideoOperation.Delete | VideoOperation.Content,
        Remix = RemixKind.Edit,
        Sources = Source.Forms,
        MaxSourceSeconds = 15.5m,
        PollInterval = TimeSpan.FromSeconds(5),
        BytesLifetime = TimeSpan.FromDays(30),
        Statuses =
        [
            new("submitted", VideoStatus.Queued), new("processing", VideoStatus.InProgress), new("succeeded", VideoStatus.Completed),
            // The older API's word.
            new("succeed", VideoStatus.Completed), new("failed", VideoStatus.Failed),
        ],
    };

    protected override ErrorRules Errors { get; } = new()
    {
        Messages = ["message"],
        Codes = ["code"],
        Rules =
        [
            new(ProviderErrorKind.Duplicate)
            {
                Codes = ["1200", "1201"], Says = ["external_task_id*exist", "external_task_id*duplicate", "duplicate*external_task_id"],
            },
            new(ProviderErrorKind.Unauthorized) { Codes = ["1000", "1001", "1002", "1003", "1004", "1100", "1103", "1304"] },
            new(ProviderErrorKind.InsufficientQuota) { Codes = ["1101", "1102"] },
            new(ProviderErrorKind.InvalidRequest) { Codes = ["1200", "1201", "1300"] },
            new(ProviderErrorKind.Unsupported) { Codes = ["1202"] },
            new(ProviderErrorKind.NotFound) { Codes = ["1203"] },
            new(ProviderErrorKind.Moderation) { Codes = ["1301"] },
            new(ProviderErrorKind.RateLimited) { Codes = ["1302", "1303"] },
        ],
    };

    public override ProviderStep? Find(string submitKey) => new Exchange(
        new(HttpMethod.Get, "tasks?external_task_ids=" + NativeRequest.Segment(submitKey)), response => Look(response, tasks => Found(tasks, submitKey)));

    protected override string Target(string nativeId) => "tasks?task_ids=" + NativeRequest.Segment(nativeId);

    // A name with a slash is a path, for models that came later.
    protected override VideoModel ModelOf(string id) => Profile.FindModel(id)
        ?? (id.Contains("omni", StringComparison.Ordinal) || id.Contains("-o", StringComparison.Ordinal) ? Kling3Omni : Kling3) with { Id = id };

    protected override ProviderStep Create(Wish wish)
    {
        var request = wish.Request;
        RequireFirstFrame(request);
        // The aspect ratio of a video that starts from an image is the image's.
        var size = request.InputReference is null ? wish.FitSize() : null;
        var rest = Rest(wish, new()
        {
            { "resolution", size?.Resolution ?? wish.FitResolution() },
            { "aspect_ratio", size?.Aspect },
            { "duration", (int)wish.FitSeconds() },
            { "audio", wish.Audio is { } audio ? audio ? "native" : "off" : null },
            { "multi_shot", wish.Fields.Boolean("multi_shot") },
        });
        var takesText = !IsOmni(wish) && request.InputReference is null;
        return NativeInputs.Bring(request, Image, Source, null, inputs => Send(
            wish, takesText ? "text-to-video" : "image-to-video",
            takesText ? new() { { "prompt", request.Prompt } } : Contents(request.Prompt, null, inputs), rest));
    }

    protected override ProviderStep Edit(Wish wish)
    {
        var request = wish.Request;
        var size = wish.KeepSourceRatio(wish.AtResolution(wish.Model.Sizes));
        wish.FollowSourceRatio();
        wish.FollowSourceSeconds();
        var rest = Rest(wish, new()
        {
            { "resolution", size.Resolution },
            { "audio", wish.Audio == false ? "off" : "original" },
            { "multi_shot", false },
        });
        var source = Source.Check(request, request.Source);
        return NativeInputs.Bring(request, Image, Source, null, inputs => Source.Bring(request, source, video => Send(
            wish, "omni-video", Contents(NamingSource(request.Prompt), video, inputs), rest)));
    }

    protected override ProviderStep Answered(NativeResponse response, string? nativeId) => Look(response, tasks =>
    {
        if (nativeId is null) return new Answer(Read(tasks is [var made, ..] ? made : default, null));
        var task = tasks.FirstOrDefault(t => t.Text("id") == nativeId, tasks is [var only] && only.Text("id") is null ? only : default);
        return task.ValueKind == JsonValueKind.Object ? new Answer(Read(task, nativeId)) : Unknown;
    }, isSubmit: nativeId is null);

    protected override VideoSnapshot Read(JsonElement root, string? nativeId)
    {
        var video = root.Items("outputs").FirstOrDefault(o => o.Text("type") is "video" or null && o.Member("url").WebUrl() is not null);
        NativeOutput[] outputs = video.Member("url").WebUrl() is { } url ? [new(url.OriginalString) { Public = true, ContentType = "video/mp4" }] : [];
        var message = root.Text("message");
        var code = root.Text("code") == "1301" || message.Says("risk control", "content security", "moderation", "sensitive") ? "moderation_blocked" : null;
        var state = State(root.Text("status") ?? (nativeId is null ? "submitted" : null), outputs, code, message);
        return state with
        {
            Id = root.Text("id"),
            Seconds = video.Seconds("duration"),
            CreatedAt = root.UnixTime("create_time"),
            CompletedAt = state.Status == VideoStatus.Completed ? root.UnixTime("update_time") : null,
            SubmitKey = nativeId is null ? root.Text("external_id") ?? "" : null,
        };
    }

    private static Refusal Unknown { get; } = new(new(ProviderErrorKind.NotFound, "Kling knows no such task."));

    /// <summary>Decides by an answer whose <c>code</c> tells whether it is a refusal, whatever its status.</summary>
    private ProviderStep Look(NativeResponse response, Func<IReadOnlyList<JsonElement>, ProviderStep> decide, bool isSubmit = false)
    {
        var root = response.ReadObject();
        if (root.Text("code") is null or "0") return decide(TasksIn(root.Member("data")));
        var error = ReadError(response);
        // Nobody knows whether the task was made, so the answer names none.
        return isSubmit && error.Kind == ProviderErrorKind.ByStatus ? new Answer(VideoSnapshot.Failed("provider_error", error.Message)) : new Refusal(error);
    }

    // A task without its key is the right one only if it is the only one.
    private ProviderStep Found(IReadOnlyList<JsonElement> tasks, string submitKey)
    {
        var task = tasks.FirstOrDefault(t => t.Text("external_id") == submitKey, tasks is [var only] && only.Text("external_id") is null ? only : default);
        return task.Text("id") is { } id ? new Answer(Read(task, id)) : Unknown;
    }

    // An array of tasks, {result: [tasks]} or one task.
    private static IReadOnlyList<JsonElement> TasksIn(JsonElement data) => data.ValueKind switch
    {
        JsonValueKind.Array => [.. data.EnumerateArray()],
        JsonValueKind.Object when data.Member("result").ValueKind == JsonValueKind.Array => data.Items("result"),
        JsonValueKind.Object => [data],
        _ => [],
    };

    private Exchange Send(Wish wish, string kind, NativeObject what, NativeObject rest)
    {
        var model = wish.Request.Model;
        var path = model.Contains('/') ? model : $"{(IsOmni(wish) ? "omni-video" : kind)}/{model}";
        return Post(PathOf(wish.Request, path), new NativeObject { what, rest }.ToBody());
    }

    private static bool IsOmni(Wish wish) => wish.Model.Operations.HasFlag(VideoOperation.Edit);

    private static NativeObject Rest(Wish wish, NativeObject settings) => new()
    {
        { "settings", settings },
        {
            "options", new NativeObject
            {
                { "external_task_id", wish.Request.SubmitKey is { Length: > 0 } key ? key : null },
                { "watermark_info", wish.Fields.Boolean("watermark") is { } watermark ? new NativeObject { { "enabled", watermark } } : null },
            }
        },
    };

    private static NativeObject Contents(string prompt, NativeMedia? source, NativeInputs inputs)
    {
        List<NativeObject> contents = [new() { { "type", "prompt" }, { "text", prompt } }];
        Add("base_video", source, SourceName);
        Add("first_frame", inputs.FirstFrame);
        Add("last_frame", inputs.LastFrame);
        foreach (var (at, image) in inputs.Images.Index()) Add("refer_image", image, Invariant($"image_{at + 1}"));
        foreach (var (at, video) in inputs.Videos.Index()) Add("feature_video", video, Invariant($"video_{at + 1}"));
        return new() { { "contents", contents } };

        void Add(string type, NativeMedia? media, string? id = null)
        {
            if (media is not null) contents.Add(new() { { "type", type }, { "url", media }, { "id", id } });
        }
    }

    // A prompt says by name what it is about.
    private static string NamingSource(string prompt)
    {
        const string Name = "@" + SourceName;
        var named = $"{prompt} {Name}";
        return prompt.Contains(Name, StringComparison.Ordinal) || named.Length > MaxPrompt ? prompt : named;
    }
}
