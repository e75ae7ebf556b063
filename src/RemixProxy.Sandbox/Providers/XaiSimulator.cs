using System.Text.Json.Nodes;
using RemixProxy.Sandbox.Fields;
using RemixProxy.Sandbox.Hosting;
using RemixProxy.Sandbox.Jobs;
using RemixProxy.Sandbox.Wire;
using static RemixProxy.Sandbox.Fields.Field;

namespace RemixProxy.Sandbox.Providers;

/// <summary>
/// xAI's API for Grok Imagine. Sources: the AI SDK's provider for xAI 5.0.12 (paths, fields, words, what goes together) and xAI's own gRPC SDK (limits); the
/// texts of errors are only reported by others.
/// </summary>
internal sealed class XaiSimulator(SandboxWorld world) : TaskSimulator(world)
{
    private const int MonthInSeconds = 2_592_000;
    private const string Imagine = "grok-imagine-video";

    private static readonly string[] Aspects = ["1:1", "16:9", "9:16", "4:3", "3:4", "3:2", "2:3", "21:9", "5:2"];

    private static readonly string[] Frames = ["image", "last_frame"];

    private static readonly string[] References = ["reference_images", "reference_audios"];

    private static readonly FieldRule ImageRule = Given(Image(MediaForms.Url | MediaForms.DataUri), "file_id");

    private static readonly FieldList Common = new(
        ("prompt", Text().Required),
        ("storage_options", Object(
            ("filename", Text().Required),
            ("expires_after", Whole(1, MonthInSeconds)),
            ("public_url", Either(Flag(), Object(("expires_after", Whole(3600, MonthInSeconds))))))));

    private static readonly FieldList CreateFields = Common
        .With(
            ("duration", Whole(1, 15)), ("aspect_ratio", Word(Aspects)), ("resolution", Word("480p", "720p")), ("generate_audio", Flag()), ("image", ImageRule),
            ("user", Text(min: 0)));

    private static readonly FieldList ReferringFields = CreateFields
        .With(
            ("reference_images", List(ImageRule, 7)),
            ("reference_audios", List(Given(new MediaRule("audio/", MediaForms.Url | MediaForms.DataUri, int.MaxValue), "voice_id"), 3)))
        .But(
            Refuse("image", "References and frames exclude each other.", body => References.Any(body.Has) && Frames.Any(body.Has)),
            Refuse("resolution", "At most 720p with references.", body => References.Any(body.Has) && body.Text("resolution") == "1080p"));

    private static readonly FieldList DerivedFields = Common.With(
        ("video", Given(Video(MediaForms.Url | MediaForms.DataUri), "file_id").Required));

    /// <summary>What <c>POST videos/generations</c> takes.</summary>
    internal static FieldRule Generations { get; } = Variant(
        "model",
        (Imagine, ReferringFields),
        ("grok-imagine-video-1.5", ReferringFields.With(
            ("resolution", Word("480p", "720p", "1080p")), ("last_frame", ImageRule),
            ("keyframes", List(Object(("image", ImageRule.Required), ("timestamp_s", Number(double.Epsilon, 15).Required)), 4)))),
        ("grok-imagine-video-1.5-lite", CreateFields.With(("resolution", Word("480p", "720p", "1080p")))));

    /// <summary>What <c>POST videos/edits</c> takes.</summary>
    internal static FieldRule Edits { get; } = Variant("model", (Imagine, DerivedFields.With(("user", Text(min: 0)))));

    /// <summary>What <c>POST videos/extensions</c> takes.</summary>
    internal static FieldRule Extensions { get; } = Variant("model", (Imagine, DerivedFields.With(("duration", Whole(2, 10)))));

    public override string Type => "xai";

    protected override StatusWords Words { get; } = new("pending", "pending", "done", "failed") { Moderated = "done" };

    protected override bool RefreshesUrls => false;

    public override void Map(SimulatorRoutes routes)
    {
        routes.Add("POST", "/v1/videos/generations", call => Submit(call, Generations, submit => Order(JobKind.Generate, submit)));
        routes.Add("POST", "/v1/videos/edits", call => Submit(call, Edits, submit => Order(JobKind.Edit, submit)));
        routes.Add("POST", "/v1/videos/extensions", call => Submit(call, Extensions, submit => Order(JobKind.Extend, submit)));
        routes.Add("GET", "/v1/videos/{id}", Poll);
    }

    public override SandboxReply Error(int status, string message) => SandboxReply.Json(status, new JsonObject
    {
        ["code"] = status switch
        {
            404 => "Some requested entity was not found",
            401 or 403 => "The caller does not have permission to execute the specified operation",
            _ => "Client specified an invalid argument",
        },
        ["error"] = message,
    });

    protected override SandboxReply Refused() => Error(400, "The prompt was rejected by content moderation.");

    protected override SandboxReply Accepted(SandboxCall call, SandboxJob job) => SandboxReply.Json(200, new JsonObject { ["request_id"] = job.Id });

    protected override SandboxReply Polled(SandboxCall call, SandboxJob job) => job.StateAt(call.Now) switch
    {
        JobState.Queued => SandboxReply.Empty(202),
        JobState.Running => SandboxReply.Json(202, Describe(call, job)),
        _ => SandboxReply.Json(200, Describe(call, job)),
    };

    protected override JsonObject Describe(SandboxCall call, SandboxJob job)
    {
        var answer = new JsonObject { ["status"] = Words.Of(job, call.Now) };
        var state = job.StateAt(call.Now);
        if (state == JobState.Running)
            answer["progress"] = (int)(job.ProgressAt(call.Now) * 100);
        if (state == JobState.Failed)
            answer["error"] = new JsonObject { ["code"] = "internal_error", ["message"] = "generation failed" };
        if (state is JobState.Completed or JobState.Moderated)
        {
            bool isGood = state == JobState.Completed;
            answer["progress"] = 100;
            answer["model"] = job.Order.Model;
            answer["video"] = new JsonObject
            {
                ["url"] = isGood ? UrlOf(call, job) : "", ["duration"] = isGood ? job.Order.Seconds : 0, ["respect_moderation"] = isGood,
            };
            answer["usage"] = new JsonObject { ["cost_in_usd_ticks"] = 4_000_000_000 };
        }

        return answer;
    }

    private static FieldRule Given(FieldRule url, string id) => Object(new FieldList(("url", url), (id, Text())).But(ExactlyOne("url", id)));

    private static JobOrder Order(JobKind kind, Submission submit) => Submission.Order(
        kind, submit.Body.Text("model")!, submit.Body.Text("prompt"), submit.Body.Text("aspect_ratio"), submit.SourceOf("video")) with
    {
        Seconds = submit.Body.Number("duration") ?? 8,
    };
}
