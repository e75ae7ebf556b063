using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using RemixProxy.Sandbox.Content;
using RemixProxy.Sandbox.Hosting;
using RemixProxy.Sandbox.Jobs;
using RemixProxy.Sandbox.Wire;

namespace RemixProxy.Sandbox.Providers;

/// <summary>OpenAI's Videos API as it was when it was switched off.</summary>
internal sealed class OpenAiSimulator(SandboxWorld world) : ProviderSimulator(world)
{
    private const int MaxPrompt = 32_000;
    private const int MaxImageUrl = 20_971_520;
    private const double ProgressWhenFailed = 60;

    private static readonly TimeSpan ContentLife = TimeSpan.FromHours(24);
    private static readonly string[] Sizes = ["720x1280", "1280x720", "1024x1792", "1792x1024"];
    private static readonly string[] Seconds = ["4", "8", "12"];
    private static readonly string[] ExtensionSeconds = ["4", "8", "12", "16", "20"];
    private static readonly string[] ImageTypes = ["image/jpeg", "image/png", "image/webp"];

    public override string Type => "openai";

    public override void Map(SimulatorRoutes routes)
    {
        routes.Add("POST", "/v1/videos", Create);
        routes.Add("GET", "/v1/videos", List);
        routes.Add("POST", "/v1/videos/edits", call => Derive(call, JobKind.Edit));
        routes.Add("POST", "/v1/videos/extensions", call => Derive(call, JobKind.Extend));
        routes.Add("GET", "/v1/videos/{id}", call => Found(call, out var job, out var missing) ? Answer(job, call.Now) : missing);
        routes.Add("DELETE", "/v1/videos/{id}", Delete);
        routes.Add("GET", "/v1/videos/{id}/content", Content);
        routes.Add("POST", "/v1/videos/{id}/remix", Remix);
    }

    public override SandboxReply? CheckCredential(HttpRequest request) =>
        HasGoodBearer(request) ? null : Error(401, "Incorrect API key provided.", null, "invalid_api_key");

    public override SandboxReply Error(int status, string message) => Error(status, message, null, null);

    private static SandboxReply Error(int status, string message, string? param, string? code) => SandboxReply.Json(status, new JsonObject
    {
        ["error"] = new JsonObject { ["message"] = message, ["type"] = "invalid_request_error", ["param"] = param, ["code"] = code },
    });

    private static SandboxReply Create(SandboxCall call)
    {
        if (CheckContentType(call) is { } wrongType)
            return wrongType;
        var fields = call.Fields();
        string? prompt = fields.Text("prompt", required: true, MaxPrompt);
        string model = fields.Text("model") ?? "sora-2";
        string seconds = fields.Choice("seconds", Seconds) ?? "4";
        string size = fields.Choice("size", Sizes) ?? "720x1280";
        ReadReference(fields, call);
        fields.RejectUnknown();
        if (fields.Problems.Count > 0)
            return Invalid(fields.Problems[0]);
        return Accept(call, new(JobKind.Generate, model, prompt!)
        {
            Size = size,
            Seconds = double.Parse(seconds, CultureInfo.InvariantCulture),
            Shape = ClipLibrary.ShapeOf(size),
        });
    }

    private static SandboxReply Remix(SandboxCall call)
    {
        if (CheckContentType(call) is { } wrongType)
            return wrongType;
        if (!Found(call, out var source, out var missing))
            return missing;
        var fields = call.Fields();
        string? prompt = fields.Text("prompt", required: true, MaxPrompt);
        fields.RejectUnknown();
        if (fields.Problems.Count > 0)
            return Invalid(fields.Problems[0]);
        return CheckReady(source, call.Now) ?? Accept(call, OrderFrom(source, JobKind.Edit, prompt!, added: 0));
    }

    private SandboxReply Derive(SandboxCall call, JobKind kind)
    {
        if (CheckContentType(call) is { } wrongType)
            return wrongType;
        var fields = call.Fields();
        var file = FileOf(call, "video");
        string? id = ReadVideoId(fields, file);
        string? prompt = fields.Text("prompt", required: true, MaxPrompt);
        string? added = kind == JobKind.Extend ? fields.Choice("seconds", ExtensionSeconds, required: true) : null;
        fields.RejectUnknown();
        if (fields.Problems.Count > 0)
            return Invalid(fields.Problems[0]);
        double addedSeconds = added is null ? 0 : double.Parse(added, CultureInfo.InvariantCulture);
        if (file is not null)
            return Accept(call, OrderFrom(file, kind, prompt!, addedSeconds));
        if (!call.Account.Jobs.TryGet(id, out var source))
            return NotFound(id!);
        return CheckReady(source, call.Now) ?? Accept(call, OrderFrom(source, kind, prompt!, addedSeconds));
    }

    private static JobOrder OrderFrom(SandboxJob source, JobKind kind, string prompt, double added) => new(kind, source.Order.Model, prompt)
    {
        SourceId = source.Id,
        SourceClip = source.Clip,
        Shape = source.Clip.Shape,
        Size = source.Order.Size,
        Seconds = source.Order.Seconds + added,
    };

    private JobOrder OrderFrom(IFormFile file, JobKind kind, string prompt, double added)
    {
        using var stream = file.OpenReadStream();
        byte[] bytes = new byte[file.Length];
        stream.ReadExactly(bytes);
        var clip = World.Clips.Recognise(bytes);
        return new(kind, "sora-2", prompt)
        {
            SourceClip = clip,
            Shape = clip?.Shape ?? ClipShape.Landscape,
            Size = clip?.Shape == ClipShape.Portrait ? "720x1280" : "1280x720",
            Seconds = 4 + added,
        };
    }

    private static SandboxReply Accept(SandboxCall call, JobOrder order)
    {
        if (Prompt.IsRefused(order.Prompt))
            return Error(400, "Your request was blocked by our moderation system.", "prompt", "moderation_blocked");
        var job = call.Account.Submit($"video_{Guid.NewGuid():N}", order, call.Now);
        return Answer(job, call.Now);
    }

    private static SandboxReply Answer(SandboxJob job, DateTimeOffset now) => SandboxReply.Json(200, Describe(job, now));

    private static JsonObject Describe(SandboxJob job, DateTimeOffset now)
    {
        var state = job.StateAt(now);
        bool isDone = state == JobState.Completed;
        return new()
        {
            ["id"] = job.Id,
            ["object"] = "video",
            ["model"] = job.Order.Model,
            ["status"] = state switch { JobState.Queued => "queued", JobState.Running => "in_progress", JobState.Completed => "completed", _ => "failed" },
            ["progress"] = (int)(state is JobState.Failed or JobState.Moderated ? ProgressWhenFailed : job.ProgressAt(now) * 100),
            ["created_at"] = job.Created.ToUnixTimeSeconds(),
            ["completed_at"] = isDone ? job.Completed.ToUnixTimeSeconds() : null,
            ["expires_at"] = isDone ? (job.Created + ContentLife).ToUnixTimeSeconds() : null,
            ["prompt"] = job.Order.Prompt,
            ["size"] = job.Order.Size,
            ["seconds"] = job.Order.Seconds.ToString(CultureInfo.InvariantCulture),
            ["remixed_from_video_id"] = job.Order.SourceId,
            ["error"] = ErrorOf(state),
        };
    }

    private static JsonObject? ErrorOf(JobState state) => state switch
    {
        JobState.Failed => new() { ["code"] = "video_generation_failed", ["message"] = "internal" },
        JobState.Moderated => new() { ["code"] = "moderation_blocked", ["message"] = "blocked by our moderation system" },
        _ => null,
    };

    private SandboxReply Content(SandboxCall call)
    {
        if (!Found(call, out var job, out var missing))
            return missing;
        if (CheckReady(job, call.Now) is { } notReady)
            return notReady;
        if (job.IsContentGone || call.Now >= job.Created + ContentLife)
            return Error(410, "The video's content has expired.", null, "video_expired");
        return (string?)call.Request.Query["variant"] switch
        {
            null or "" or "video" => SandboxReply.File(job.Clip.Bytes, "video/mp4", job.Clip.ETag, job.Completed),
            "thumbnail" => SandboxReply.File(World.Clips.Thumbnail, "image/webp"),
            "spritesheet" => SandboxReply.File(World.Clips.Spritesheet, "image/jpeg"),
            _ => Error(400, "Expected one of video, thumbnail, spritesheet.", "variant", "invalid_value"),
        };
    }

    private static SandboxReply List(SandboxCall call)
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

        return SandboxReply.Json(200, Page(jobs, limit, call.Now));
    }

    private static JsonObject Page(List<SandboxJob> jobs, int limit, DateTimeOffset now)
    {
        var page = jobs.Take(limit).ToList();
        return new()
        {
            ["object"] = "list",
            ["data"] = new JsonArray([.. page.Select(job => Describe(job, now))]),
            ["first_id"] = page.FirstOrDefault()?.Id,
            ["last_id"] = page.LastOrDefault()?.Id,
            ["has_more"] = jobs.Count > page.Count,
        };
    }

    private static SandboxReply Delete(SandboxCall call)
    {
        if (!Found(call, out var job, out var missing))
            return missing;
        call.Account.Jobs.Remove(job.Id);
        return SandboxReply.Json(200, new JsonObject { ["id"] = job.Id, ["object"] = "video.deleted", ["deleted"] = true });
    }

    private static void ReadReference(BodyFields fields, SandboxCall call)
    {
        if (FileOf(call, "input_reference") is { } file)
        {
            if (!ImageTypes.Contains(file.ContentType))
                fields.Report("input_reference", FieldFault.Value, $"Unsupported mimetype {file.ContentType}.");
            return;
        }

        if (fields.Object("input_reference") is not { } reference)
            return;
        string? url = reference.Text("image_url", maxLength: MaxImageUrl);
        string? fileId = reference.Text("file_id");
        if (url is null == fileId is null)
            reference.Report("", FieldFault.Value, "Expected exactly one of image_url and file_id.");
        if (url is not null && !url.StartsWith("https://", StringComparison.Ordinal) && !url.StartsWith("data:image/", StringComparison.Ordinal))
            reference.Report("image_url", FieldFault.Value, "Expected an https or data URL.");
        reference.RejectUnknown();
    }

    private static string? ReadVideoId(BodyFields fields, IFormFile? file)
    {
        if (file is not null)
            return null;
        var video = fields.Object("video", required: true);
        string? id = video?.Text("id", required: true);
        video?.RejectUnknown();
        return id;
    }

    private static IFormFile? FileOf(SandboxCall call, string name) => call.Form?.Files.GetFile(name);

    private static SandboxReply? CheckContentType(SandboxCall call) => call.IsJson || call.Form is not null
        ? null
        : Error(400, "Expected a content type of application/json or multipart/form-data.", null, "unsupported_content_type");

    private static SandboxReply? CheckReady(SandboxJob job, DateTimeOffset now) =>
        job.StateAt(now) == JobState.Completed ? null : Error(400, "Video is not ready", null, "video_not_ready");

    private static bool Found(SandboxCall call, out SandboxJob job, out SandboxReply missing)
    {
        bool isFound = call.TryFindJob(out var found);
        job = found!;
        missing = isFound ? SandboxReply.Empty(404) : NotFound(call.Id);
        return isFound;
    }

    private static SandboxReply NotFound(string id) => Error(404, $"Video with id '{id}' not found.", null, "not_found");

    private static SandboxReply Invalid(FieldProblem problem)
    {
        string code = problem.Fault switch
        {
            FieldFault.Missing => "missing_required_parameter",
            FieldFault.Type => "invalid_type",
            FieldFault.Unknown => "unknown_parameter",
            _ => "invalid_value",
        };
        return Error(400, problem.Message, problem.Path.Length == 0 ? null : problem.Path, code);
    }
}
