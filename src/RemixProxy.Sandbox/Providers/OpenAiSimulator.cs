using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using RemixProxy.Sandbox.Content;
using RemixProxy.Sandbox.Fields;
using RemixProxy.Sandbox.Hosting;
using RemixProxy.Sandbox.Jobs;
using RemixProxy.Sandbox.Wire;
using static RemixProxy.Sandbox.Fields.Field;

namespace RemixProxy.Sandbox.Providers;

/// <summary>
/// OpenAI's Videos API as it was when it was switched off. Source: OpenAI's API description, in which a model is an open string and all have the same fields.
/// </summary>
internal sealed class OpenAiSimulator(SandboxWorld world) : TaskSimulator(world)
{
    private const int MaxImageUrl = 20_971_520;
    private const double ProgressWhenFailed = 60;
    private const double UploadedSeconds = 4;

    private static readonly TimeSpan ContentLife = TimeSpan.FromHours(24);

    private static readonly FieldList PromptAlone = new(("prompt", Text(32_000).Required));

    private static readonly FieldList FromVideo = PromptAlone.With(("video", FileOr(Object(("id", Video(MediaForms.Job).Required))).Required));

    /// <summary>What <c>POST videos</c> takes.</summary>
    internal static FieldRule Create { get; } = Object(PromptAlone.With(
        ("model", Text()),
        ("seconds", Word("4", "8", "12")),
        ("size", Word("720x1280", "1280x720", "1024x1792", "1792x1024")),
        ("input_reference", FileOr(
            Object(new FieldList(
                ("image_url", Either(Prefixed("https://", MaxImageUrl), Image(MediaForms.DataUri, MaxImageUrl / 4 * 3))),
                ("file_id", Text())).But(ExactlyOne("image_url", "file_id"))),
            "image/jpeg", "image/png", "image/webp"))));

    /// <summary>What <c>POST videos/{id}/remix</c> takes.</summary>
    internal static FieldRule Remix { get; } = Object(PromptAlone);

    /// <summary>What <c>POST videos/edits</c> takes.</summary>
    internal static FieldRule Edit { get; } = Object(FromVideo);

    /// <summary>What <c>POST videos/extensions</c> takes.</summary>
    internal static FieldRule Extend { get; } = Object(FromVideo.With(("seconds", Word("4", "8", "12", "16", "20").Required)));

    public override string Type => "openai";

    protected override bool TakesForms => true;

    protected override StatusWords Words { get; } = new("queued", "in_progress", "completed", "failed");

    public override void Map(SimulatorRoutes routes)
    {
        routes.Add("POST", "/v1/videos", call => Submit(call, Create, NewOrder));
        routes.Add("GET", "/v1/videos", List);
        routes.Add("POST", "/v1/videos/edits", call => Submit(call, Edit, submit => OrderFrom(call, submit, JobKind.Edit)));
        routes.Add("POST", "/v1/videos/extensions", call => Submit(call, Extend, submit => OrderFrom(call, submit, JobKind.Extend)));
        routes.Add("GET", "/v1/videos/{id}", Poll);
        routes.Add("DELETE", "/v1/videos/{id}", call => Found(call, job => Delete(call, job)));
        routes.Add("GET", "/v1/videos/{id}/content", call => Found(call, job => CheckReady(call, job) ?? Content(call, job)));
        routes.Add("POST", "/v1/videos/{id}/remix", call => Found(call, job =>
            CheckReady(call, job) ?? Submit(call, Remix, submit => OrderFrom(job, JobKind.Edit, submit.Body.Text("prompt")!, added: 0))));
    }

    public override SandboxReply? CheckHeaders(HttpRequest request) =>
        HasGoodKey(request) ? null : Error(401, "Incorrect API key provided.", null, "invalid_api_key");

    public override SandboxReply Error(int status, string message) => Error(status, message, null, null);

    protected override SandboxReply Invalid(IReadOnlyList<FieldProblem> problems)
    {
        var first = problems[0];
        return first.Fault switch
        {
            FieldFault.NoSuchSource => Error(404, first.Message, null, "not_found"),
            FieldFault.SourceNotReady => NotReady(),
            _ => Error(400, first.Message, first.Path.Length == 0 ? null : first.Path, first.Fault switch
            {
                FieldFault.Missing => "missing_required_parameter",
                FieldFault.Type => "invalid_type",
                FieldFault.Unknown => "unknown_parameter",
                _ => "invalid_value",
            }),
        };
    }

    protected override SandboxReply Refused() => Error(400, "Your request was blocked by our moderation system.", "prompt", "moderation_blocked");

    protected override string UnknownJob(string id) => $"Video with id '{id}' not found.";

    protected override SandboxReply NotFound(string id) => Error(404, UnknownJob(id), null, "not_found");

    protected override string NewId() => $"video_{Guid.NewGuid():N}";

    protected override JsonObject Describe(SandboxCall call, SandboxJob job)
    {
        var state = job.StateAt(call.Now);
        bool isDone = state == JobState.Completed;
        return new()
        {
            ["id"] = job.Id,
            ["object"] = "video",
            ["model"] = job.Order.Model,
            ["status"] = Words.Of(job, call.Now),
            ["progress"] = (int)(state is JobState.Failed or JobState.Moderated ? ProgressWhenFailed : job.ProgressAt(call.Now) * 100),
            ["created_at"] = job.Created.ToUnixTimeSeconds(),
            ["completed_at"] = isDone ? job.Completed.ToUnixTimeSeconds() : null,
            ["expires_at"] = isDone ? (job.Created + ContentLife).ToUnixTimeSeconds() : null,
            ["prompt"] = job.Order.Prompt,
            ["size"] = job.Order.Size,
            ["seconds"] = job.Order.Seconds.ToString(CultureInfo.InvariantCulture),
            ["remixed_from_video_id"] = job.Order.SourceId,
            ["error"] = state switch
            {
                JobState.Failed => new JsonObject { ["code"] = "video_generation_failed", ["message"] = "internal" },
                JobState.Moderated => new JsonObject { ["code"] = "moderation_blocked", ["message"] = "blocked by our moderation system" },
                _ => null,
            },
        };
    }

    private static JobOrder NewOrder(Submission submit)
    {
        string size = submit.Body.Text("size") ?? "720x1280";
        return Submission.Order(JobKind.Generate, submit.Body.Text("model") ?? "sora-2", submit.Body.Text("prompt"), size) with
        {
            Size = size,
            Seconds = SecondsOf(submit) ?? 4,
        };
    }

    private JobOrder OrderFrom(SandboxCall call, Submission submit, JobKind kind)
    {
        string prompt = submit.Body.Text("prompt")!;
        double added = SecondsOf(submit) ?? 0;
        if (submit.SourceOf("video")?.Job is { } job)
            return OrderFrom(job, kind, prompt, added);
        var clip = World.Clips.Recognise(SandboxCall.Read(call.Form!.Files.GetFile("video")!));
        return Submission.Order(kind, "sora-2", prompt, null, new(clip)) with
        {
            Size = clip?.Shape == ClipShape.Portrait ? "720x1280" : "1280x720",
            Seconds = UploadedSeconds + added,
        };
    }

    private static JobOrder OrderFrom(SandboxJob source, JobKind kind, string prompt, double added) =>
        Submission.Order(kind, source.Order.Model, prompt, null, new(source.Clip) { Job = source }) with
        {
            Size = source.Order.Size,
            Seconds = source.Order.Seconds + added,
        };

    private static double? SecondsOf(Submission submit) =>
        submit.Body.Text("seconds") is { } text ? double.Parse(text, CultureInfo.InvariantCulture) : null;

    private SandboxReply Content(SandboxCall call, SandboxJob job)
    {
        if (job.IsContentGone || call.Now >= job.Created + ContentLife)
            return Error(410, "The video's content has expired.", null, "video_expired");
        return (string?)call.Request.Query["variant"] switch
        {
            null or "" or "video" => SandboxReply.Video(job),
            "thumbnail" => SandboxReply.File(World.Clips.Thumbnail, "image/webp"),
            "spritesheet" => SandboxReply.File(World.Clips.Spritesheet, "image/jpeg"),
            _ => Error(400, "Expected one of video, thumbnail, spritesheet.", "variant", "invalid_value"),
        };
    }

    private SandboxReply List(SandboxCall call)
    {
        string text = (string?)call.Request.Query["limit"] ?? "20";
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int limit) || limit > 100)
            return Error(400, "Expected 0 to 100.", "limit", "invalid_value");
        string order = (string?)call.Request.Query["order"] ?? "desc";
        if (order is not ("asc" or "desc"))
            return Error(400, "Expected asc or desc.", "order", "invalid_value");
        var jobs = call.Account.Jobs.Snapshot().OrderBy(job => order == "asc" ? job.Ordinal : -job.Ordinal).ToList();
        if ((string?)call.Request.Query["after"] is { Length: > 0 } after)
        {
            int index = jobs.FindIndex(job => job.Id == after);
            if (index < 0)
                return Error(400, $"No video {after}.", "after", "invalid_value");
            jobs.RemoveRange(0, index + 1);
        }

        var page = jobs.Take(limit).ToList();
        return SandboxReply.Json(200, new JsonObject
        {
            ["object"] = "list",
            ["data"] = new JsonArray([.. page.Select(job => Describe(call, job))]),
            ["first_id"] = page.FirstOrDefault()?.Id,
            ["last_id"] = page.LastOrDefault()?.Id,
            ["has_more"] = jobs.Count > page.Count,
        });
    }

    private static SandboxReply Delete(SandboxCall call, SandboxJob job)
    {
        Remove(call, job);
        return SandboxReply.Json(200, new JsonObject { ["id"] = job.Id, ["object"] = "video.deleted", ["deleted"] = true });
    }

    private static SandboxReply? CheckReady(SandboxCall call, SandboxJob job) => job.StateAt(call.Now) == JobState.Completed ? null : NotReady();

    private static SandboxReply NotReady() => Error(400, "Video is not ready", null, "video_not_ready");

    private static SandboxReply Error(int status, string message, string? param, string? code) => SandboxReply.Json(status, new JsonObject
    {
        ["error"] = new JsonObject { ["message"] = message, ["type"] = "invalid_request_error", ["param"] = param, ["code"] = code },
    });
}
