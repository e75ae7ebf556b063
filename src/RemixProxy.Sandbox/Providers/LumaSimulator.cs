using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using RemixProxy.Sandbox.Content;
using RemixProxy.Sandbox.Hosting;
using RemixProxy.Sandbox.Jobs;
using RemixProxy.Sandbox.Wire;

namespace RemixProxy.Sandbox.Providers;

/// <summary>Luma's Agents API, version 2026-04-01.</summary>
internal sealed class LumaSimulator(SandboxWorld world) : ProviderSimulator(world)
{
    private const int MaxDataBytes = 64 * 1024 * 1024;

    private static readonly TimeSpan AssetLife = TimeSpan.FromHours(1);
    private static readonly KeyValuePair<string, string>[] VersionHeader = [new("X-API-Version", "2026-04-01")];
    private static readonly string[] Types = ["video", "video_edit", "video_reframe"];
    private static readonly string[] Aspects = ["9:16", "3:4", "1:1", "4:3", "16:9", "21:9"];
    private static readonly string[] Resolutions = ["360p", "540p", "720p", "1080p"];
    private static readonly string[] Durations = ["5s", "10s"];
    private static readonly string[] Strengths =
        ["adhere_1", "adhere_2", "adhere_3", "flex_1", "flex_2", "flex_3", "reimagine_1", "reimagine_2", "reimagine_3"];

    private readonly SourceReader _sources = new(world);

    public override string Type => "luma";

    public override void Map(SimulatorRoutes routes)
    {
        routes.Add("POST", "/v1/generations", Create);
        routes.Add("GET", "/v1/generations/{id}", Poll);
    }

    public override SandboxReply? CheckCredential(HttpRequest request) => HasGoodBearer(request) ? null : Error(401, "Invalid API key.");

    public override SandboxReply Error(int status, string message) => Reply(status, new() { ["detail"] = message });

    private SandboxReply Create(SandboxCall call)
    {
        if (!call.IsJson)
            return Error(400, "Expected a content type of application/json.");
        var fields = call.Fields();
        string? model = fields.Choice("model", ["ray-3.2"], required: true);
        string? type = fields.Choice("type", Types, required: true);
        string? prompt = fields.Text("prompt", required: true, maxLength: 6000);
        string? aspect = fields.Choice("aspect_ratio", Aspects, required: type == "video_reframe");
        fields.Text("user_id");
        var start = ReadVideo(fields, type, call);
        var source = type is "video_edit" or "video_reframe" ? ReadSource(fields, "source", "video/", isRequired: true, call) : null;
        fields.RejectUnknown();
        if (fields.Problems.Count > 0)
            return Invalid(fields.Problems);
        return Accept(call, type!, new(source is not null ? JobKind.Edit : start?.Clip is not null ? JobKind.Extend : JobKind.Generate, model!, prompt!)
        {
            SourceClip = source?.Clip ?? start?.Clip,
            Shape = aspect is null ? source?.Clip?.Shape ?? start?.Clip?.Shape ?? ClipShape.Landscape : ClipLibrary.ShapeOf(aspect),
            Input = JsonValue.Create(type),
        });
    }

    private static SandboxReply Accept(SandboxCall call, string type, JobOrder order)
    {
        if (Prompt.IsRefused(order.Prompt))
            return Reply(400, new() { ["detail"] = "content_moderated: the prompt was rejected by moderation." });
        var job = call.Account.Submit(Guid.NewGuid().ToString(), order, call.Now);
        return Reply(201, Describe(job, "queued", type, []));
    }

    /// <summary>Checks <c>video</c> and returns the start frame, if there is one.</summary>
    private NativeSource? ReadVideo(BodyFields fields, string? type, SandboxCall call)
    {
        if (fields.Object("video") is not { } video)
            return null;
        video.Choice("resolution", Resolutions);
        string? duration = video.Choice("duration", Durations);
        bool isHdr = video.Flag("hdr") ?? false;
        if ((video.Flag("loop") ?? false) && (duration == "10s" || isHdr))
            video.Report("loop", FieldFault.Value, "loop is not available with 10s or hdr.");
        video.Flag("exr_export");
        video.Allow("source_position");
        var start = video.Has("start_frame") ? ReadSource(video, "start_frame", "image/", isRequired: false, call) : null;
        if (video.Has("end_frame"))
            ReadSource(video, "end_frame", "image/", isRequired: false, call);
        if (type == "video_edit" && video.Object("edit") is { } edit)
            ReadEdit(edit, hasStartFrame: start is not null);
        video.RejectUnknown();
        return start;
    }

    private static void ReadEdit(BodyFields edit, bool hasStartFrame)
    {
        edit.Choice("strength", Strengths);
        edit.Flag("auto_controls");
        var keyframes = edit.Objects("keyframes", maxCount: 64);
        if (keyframes.Count > 0 && hasStartFrame)
            edit.Report("keyframes", FieldFault.Value, "keyframes and start_frame exclude each other.");
        edit.Allow("keyframe_indexes");
        if (edit.Object("controls") is { } controls)
        {
            controls.Allow("depth", "face", "normals", "pose", "trajectory");
            controls.RejectUnknown();
        }

        edit.RejectUnknown();
    }

    private NativeSource? ReadSource(BodyFields fields, string name, string mediaPrefix, bool isRequired, SandboxCall call)
    {
        if (fields.Object(name, isRequired) is not { } source)
            return null;
        string? id = source.Text("generation_id");
        string? url = source.Text("url");
        string? data = source.Text("data");
        string? mediaType = source.Text("media_type", required: data is not null || (url is not null && mediaPrefix == "video/"));
        source.RejectUnknown();
        int given = (id is null ? 0 : 1) + (url is null ? 0 : 1) + (data is null ? 0 : 1);
        if (given != 1)
            return Refuse(source, "Expected exactly one of generation_id, url and data.");
        if (mediaType is not null && (id is not null || !mediaType.StartsWith(mediaPrefix, StringComparison.Ordinal)))
            return Refuse(source, $"media_type {mediaType} does not fit.");
        var found = id is not null ? FromGeneration(id, call) : url is not null ? _sources.FromUrl(url, call.Now) : _sources.FromBase64(data!, MaxDataBytes);
        return found.Problem is { } problem ? Refuse(source, problem) : found;
    }

    private static NativeSource Refuse(BodyFields source, string problem)
    {
        source.Report("", FieldFault.Value, problem);
        return NativeSource.Refused(problem);
    }

    private static NativeSource FromGeneration(string id, SandboxCall call)
    {
        if (!call.Account.Jobs.TryGet(id, out var job))
            return NativeSource.Refused($"Generation {id} not found.");
        if (job.StateAt(call.Now) != JobState.Completed)
            return NativeSource.Refused($"Generation {id} is not completed.");
        return job.IsContentGone ? NativeSource.Refused("output_not_found") : new(job.Clip, null);
    }

    private SandboxReply Poll(SandboxCall call)
    {
        if (!call.TryFindJob(out var job))
            return Error(404, "Generation not found.");
        var state = job.StateAt(call.Now);
        string word = state switch { JobState.Queued => "queued", JobState.Running => "processing", JobState.Completed => "completed", _ => "failed" };
        JsonArray output = [];
        if (state == JobState.Completed)
            output.Add((JsonNode)new JsonObject { ["type"] = "video", ["url"] = World.Assets.Sign(call.Account, job, "sig", call.Now + AssetLife) });
        var answer = Describe(job, word, job.Order.Input!.GetValue<string>(), output);
        if (word == "failed")
        {
            answer["failure_code"] = state == JobState.Moderated ? "content_moderated" : "generation_failed";
            answer["failure_reason"] = state == JobState.Moderated ? "prompt rejected" : "try again";
        }

        return Reply(200, answer);
    }

    private static JsonObject Describe(SandboxJob job, string state, string type, JsonArray output) => new()
    {
        ["id"] = job.Id,
        ["created_at"] = WireTime.Seconds(job.Created),
        ["model"] = job.Order.Model,
        ["state"] = state,
        ["type"] = type,
        ["output"] = output,
    };

    private static SandboxReply Invalid(IReadOnlyList<FieldProblem> problems) =>
        Reply(400, new() { ["detail"] = string.Join("; ", problems), ["message"] = "Invalid request." });

    private static SandboxReply Reply(int status, JsonObject body) => SandboxReply.Json(status, body) with { Headers = VersionHeader };
}
