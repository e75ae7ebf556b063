using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using RemixProxy.Sandbox.Content;
using RemixProxy.Sandbox.Fields;
using RemixProxy.Sandbox.Hosting;
using RemixProxy.Sandbox.Jobs;
using RemixProxy.Sandbox.Wire;

namespace RemixProxy.Sandbox.Providers;

/// <summary>Runway's API, version 2024-11-06. Source: Runway's SDK 4.20.1; the bodies of errors are only reported by others.</summary>
internal sealed class RunwaySimulator(SandboxWorld world) : TaskSimulator(world)
{
    private const string ApiVersion = "2024-11-06";
    private const string DocUrl = "https://docs.dev.runwayml.com/api";

    private readonly RunwayUploads _uploads = new(world);

    public override string Type => "runway";

    protected override StatusWords Words { get; } = new("PENDING", "RUNNING", "SUCCEEDED", "FAILED") { Throttled = "THROTTLED", Cancelled = "CANCELLED" };

    protected override string AssetParameter => "_jwt";

    protected override bool TakesNulls => false;

    public override void Map(SimulatorRoutes routes)
    {
        routes.Add("POST", "/v1/text_to_video", call => Submit(call, RunwayFields.TextToVideo, Order));
        routes.Add("POST", "/v1/image_to_video", call => Submit(call, RunwayFields.ImageToVideo, Order));
        routes.Add("POST", "/v1/video_to_video", call => Submit(call, RunwayFields.VideoToVideo, Order));
        routes.Add("GET", "/v1/tasks/{id}", Poll);
        routes.Add("DELETE", "/v1/tasks/{id}", call => Found(call, job => CancelOrDelete(call, job)));
        routes.Add("POST", "/v1/uploads", call =>
            Checked(call, RunwayUploads.Announcement, submit => _uploads.Announce(call, submit.Body.Text("filename")!)));
        routes.AddSigned("POST", "/uploads/{account}/{id}", RunwayUploads.Receive);
    }

    public override SandboxReply? CheckHeaders(HttpRequest request)
    {
        if (!HasGoodKey(request))
            return Error(401, "The API key you provided is not valid.");
        return request.Headers["X-Runway-Version"] == ApiVersion ? null : Error(400, $"The X-Runway-Version header must be {ApiVersion}.");
    }

    public override SandboxReply Error(int status, string message) => SandboxReply.Json(status, new JsonObject { ["error"] = message, ["docUrl"] = DocUrl });

    protected override SandboxReply Invalid(IReadOnlyList<FieldProblem> problems) => SandboxReply.Json(400, new JsonObject
    {
        ["error"] = "Validation of body failed",
        ["issues"] = new JsonArray([.. problems.Select(Issue)]),
        ["docUrl"] = DocUrl,
    });

    protected override SandboxReply Refused() => Error(400, "Input rejected by moderation: the prompt violates our content policy.");

    protected override string UnknownJob(string id) => "The task was not found.";

    protected override NativeSource Look(SandboxCall call, MediaRule rule, string text) =>
        _uploads.Find(call, text) ?? base.Look(call, rule, text);

    protected override SandboxReply Accepted(SandboxCall call, SandboxJob job) =>
        SandboxReply.Json(200, new JsonObject { ["id"] = job.Id, ["estimatedCost"] = Credits(60) });

    protected override JsonObject Describe(SandboxCall call, SandboxJob job)
    {
        var state = job.StateAt(call.Now);
        var answer = new JsonObject
        {
            ["id"] = job.Id,
            ["status"] = Words.Of(job, call.Now),
            ["createdAt"] = WireTime.Milliseconds(job.Created),
            [state is JobState.Queued or JobState.Running ? "estimatedCost" : "cost"] =
                Credits(state is JobState.Queued or JobState.Running or JobState.Completed ? 60 : 0),
        };
        if (state == JobState.Running)
            answer["progress"] = Math.Round(job.ProgressAt(call.Now), 2);
        if (state == JobState.Completed)
            answer["output"] = new JsonArray(JsonValue.Create(UrlOf(call, job)));
        if (state is JobState.Failed or JobState.Moderated)
        {
            answer["failure"] = state == JobState.Moderated ? "Input rejected by moderation" : "An unexpected error occurred.";
            answer["failureCode"] = state == JobState.Moderated ? "SAFETY.INPUT.TEXT" : "INTERNAL.BAD_OUTPUT.CODE01";
        }

        return answer;
    }

    private static JobOrder Order(Submission submit)
    {
        var body = submit.Body;
        var source = submit.SourceOf("videoUri") ?? submit.SourceOf("promptVideo");
        var kind = source is null ? JobKind.Generate : body.Text("mode") == "extend" ? JobKind.Extend : JobKind.Edit;
        return Submission.Order(kind, body.Text("model")!, body.Text("promptText"), body.Text("targetAspectRatio") ?? body.Text("ratio"), source);
    }

    private static SandboxReply CancelOrDelete(SandboxCall call, SandboxJob job)
    {
        if (!job.TryCancel(call.Now))
            Remove(call, job);
        return SandboxReply.Empty(204);
    }

    private static JsonObject Issue(FieldProblem problem) => new()
    {
        ["code"] = problem.Fault switch
        {
            FieldFault.Unknown => "unrecognized_keys",
            FieldFault.Missing or FieldFault.Type => "invalid_type",
            _ => "invalid_value",
        },
        ["path"] = new JsonArray([.. problem.Path.Split('.', StringSplitOptions.RemoveEmptyEntries).Select(part => JsonValue.Create(part))]),
        ["message"] = problem.Message,
    };

    private static JsonObject Credits(int count) => new() { ["credits"] = count };
}
