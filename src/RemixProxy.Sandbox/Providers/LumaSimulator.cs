using System.Text.Json.Nodes;
using RemixProxy.Sandbox.Content;
using RemixProxy.Sandbox.Fields;
using RemixProxy.Sandbox.Hosting;
using RemixProxy.Sandbox.Jobs;
using RemixProxy.Sandbox.Wire;
using static RemixProxy.Sandbox.Fields.Field;

namespace RemixProxy.Sandbox.Providers;

/// <summary>
/// Luma's Agents API, version 2026-04-01. Sources: Luma's SDK 0.3 (fields, words, statuses, one hour); that 360p is taken is only reported by others.
/// </summary>
internal sealed class LumaSimulator(SandboxWorld world) : TaskSimulator(world)
{
    private const int MaxDataBytes = 64 * 1024 * 1024;

    private static readonly KeyValuePair<string, string>[] VersionHeader = [new("X-API-Version", "2026-04-01")];

    private static readonly FieldRule FrameRule = Object(Media(Image(MediaForms.Url), Image(MediaForms.Base64, MaxDataBytes), "image/")
        .But(Need("media_type", media => media.Has("data"))));

    private static readonly FieldRule SourceRule = Object(Media(Video(MediaForms.Url), Video(MediaForms.Base64, MaxDataBytes), "video/")
        .But(Need("media_type", media => media.Has("data") || media.Has("url"))));

    private static readonly FieldList VideoFields = new FieldList(
        ("resolution", Word("360p", "540p", "720p", "1080p")),
        ("duration", Word("5s", "10s")),
        ("loop", Flag()),
        ("hdr", Flag()),
        ("exr_export", Flag()),
        ("source_position", Any()),
        ("start_frame", FrameRule),
        ("end_frame", FrameRule))
        .But(Refuse("loop", "loop is not available with 10s or hdr.", video =>
            video.Flag("loop") == true && (video.Text("duration") == "10s" || video.Flag("hdr") == true)));

    private static readonly FieldList EditFields = new(
        ("strength", Word("adhere_1", "adhere_2", "adhere_3", "flex_1", "flex_2", "flex_3", "reimagine_1", "reimagine_2", "reimagine_3")),
        ("auto_controls", Flag()),
        ("controls", Object(("depth", Object()), ("face", Object()), ("normals", Object()), ("pose", Object()), ("trajectory", Object()))),
        ("keyframes", List(Object(), 64)),
        ("keyframe_indexes", List(Whole(0, int.MaxValue), 64)));

    private static readonly FieldList CreateFields = new(
        ("prompt", Text(6000).Required),
        ("aspect_ratio", Word("9:16", "3:4", "1:1", "4:3", "16:9", "21:9")),
        ("user_id", Text(min: 0)),
        ("video", Object(VideoFields)));

    private static readonly FieldList DerivedFields = CreateFields.With(("source", SourceRule.Required));

    /// <summary>What <c>POST generations</c> takes, by model and type.</summary>
    internal static FieldRule Generations { get; } = Variant("model", ("ray-3.2", Variant("type",
        ("video", CreateFields),
        ("video_edit", DerivedFields.With(("video", Object(VideoFields.With(("edit", Object(EditFields)))
            .But(Refuse("edit", "keyframes and start_frame exclude each other.", video =>
                video.Has("start_frame") && video.Object("edit")?.Has("keyframes") == true)))))),
        ("video_reframe", DerivedFields.But(Need("aspect_ratio", _ => true))))));

    public override string Type => "luma";

    protected override StatusWords Words { get; } = new("queued", "processing", "completed", "failed");

    protected override TimeSpan AssetLife => TimeSpan.FromHours(1);

    public override void Map(SimulatorRoutes routes)
    {
        routes.Add("POST", "/v1/generations", call => Submit(call, Generations, Order));
        routes.Add("GET", "/v1/generations/{id}", Poll);
    }

    public override SandboxReply Error(int status, string message) => Reply(status, new() { ["detail"] = message });

    // What a field points to is found out only after the form was found good: those are told as text.
    protected override SandboxReply Invalid(IReadOnlyList<FieldProblem> problems) => problems.Any(problem => problem.IsOfSource)
        ? base.Invalid(problems)
        : Reply(400, new()
        {
            ["detail"] = new JsonArray([.. problems.Select(problem => new JsonObject
            {
                ["loc"] = new JsonArray(["body", .. problem.Path.Split('.', StringSplitOptions.RemoveEmptyEntries).Select(part => JsonValue.Create(part))]),
                ["msg"] = problem.Message,
                ["type"] = problem.Fault switch { FieldFault.Missing => "missing", FieldFault.Unknown => "extra_forbidden", _ => "value_error" },
            })]),
            ["message"] = "Invalid request.",
        });

    protected override SandboxReply Refused() => Error(400, "content_moderated: the prompt was rejected by moderation.");

    protected override string UnknownJob(string id) => $"Generation {id} not found.";

    protected override NativeSource Look(SandboxCall call, MediaRule rule, string text)
    {
        var found = base.Look(call, rule, text);
        return found.Job is { IsContentGone: true } ? NativeSource.Refused("output_not_found") : found;
    }

    protected override SandboxReply Accepted(SandboxCall call, SandboxJob job) => Reply(201, Describe(call, job));

    protected override SandboxReply Polled(SandboxCall call, SandboxJob job) => Reply(200, Describe(call, job));

    protected override JsonObject Describe(SandboxCall call, SandboxJob job)
    {
        var state = job.StateAt(call.Now);
        var answer = new JsonObject
        {
            ["id"] = job.Id,
            ["created_at"] = WireTime.Seconds(job.Created),
            ["model"] = job.Order.Model,
            ["state"] = Words.Of(job, call.Now),
            ["type"] = job.Order.Input!.DeepClone(),
            ["output"] = state == JobState.Completed ? new JsonArray(new JsonObject { ["type"] = "video", ["url"] = UrlOf(call, job) }) : [],
        };
        if (state is JobState.Failed or JobState.Moderated)
        {
            answer["failure_code"] = state == JobState.Moderated ? "content_moderated" : "generation_failed";
            answer["failure_reason"] = state == JobState.Moderated ? "prompt rejected" : "try again";
        }

        return answer;
    }

    private static FieldList Media(FieldRule url, FieldRule data, string kind) => new FieldList(
        ("generation_id", Field.Video(MediaForms.Job)),
        ("url", url),
        ("data", data),
        ("media_type", Prefixed(kind)))
        .But(
            ExactlyOne("generation_id", "url", "data"),
            Refuse("media_type", "media_type does not fit.", media => media.Has("media_type") && media.Has("generation_id")));

    private static JobOrder Order(Submission submit)
    {
        var source = submit.SourceOf("source");
        var start = submit.SourceOf("video.start_frame");
        var kind = source is not null ? JobKind.Edit : start?.Clip is not null ? JobKind.Extend : JobKind.Generate;
        return Submission.Order(kind, submit.Body.Text("model")!, submit.Body.Text("prompt"), submit.Body.Text("aspect_ratio"), source ?? start) with
        {
            Input = JsonValue.Create(submit.Body.Text("type")),
        };
    }

    private static SandboxReply Reply(int status, JsonObject body) => SandboxReply.Json(status, body) with { Headers = VersionHeader };
}
