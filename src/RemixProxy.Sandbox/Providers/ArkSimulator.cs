using System.Text.Json.Nodes;
using RemixProxy.Sandbox.Content;
using RemixProxy.Sandbox.Fields;
using RemixProxy.Sandbox.Hosting;
using RemixProxy.Sandbox.Jobs;
using RemixProxy.Sandbox.Wire;

namespace RemixProxy.Sandbox.Providers;

/// <summary>
/// BytePlus ModelArk's API of video tasks. Sources: the AI SDK's provider for ByteDance 1.0.29, and the vendor's pages of tasks and errors as others quote
/// them. What code a second cancel gets is nowhere written down.
/// </summary>
internal sealed class ArkSimulator(SandboxWorld world) : TaskSimulator(world)
{
    public override string Type => "ark";

    protected override StatusWords Words { get; } = new("queued", "running", "succeeded", "failed") { Cancelled = "cancelled" };

    protected override TimeSpan? JobLife => TimeSpan.FromDays(7);

    protected override bool RefreshesUrls => false;

    protected override string AssetParameter => "X-Tos-Signature";

    public override void Map(SimulatorRoutes routes)
    {
        routes.Add("POST", "/api/v3/contents/generations/tasks", call => Submit(call, ArkFields.Tasks, Order));
        routes.Add("GET", "/api/v3/contents/generations/tasks/{id}", Poll);
        routes.Add("DELETE", "/api/v3/contents/generations/tasks/{id}", call => Found(call, job => CancelOrDelete(call, job)));
    }

    public override SandboxReply Error(int status, string message) => Coded(status, status switch
    {
        401 => "AuthenticationError",
        404 => "ResourceNotFound",
        >= 500 => "InternalServiceError",
        _ => "InvalidParameter",
    }, message);

    protected override SandboxReply Invalid(IReadOnlyList<FieldProblem> problems)
    {
        string message = string.Join("; ", problems);
        var ofTask = problems.FirstOrDefault(problem => problem.Message.StartsWith(ArkFields.TaskConstraint, StringComparison.Ordinal));
        string param = (ofTask ?? problems[0]).Path;
        if (problems is [{ Path: "model", Fault: FieldFault.Value }])
            return Coded(404, "InvalidEndpointOrModel.NotFound", message, param);
        if (ofTask is not null)
            return Coded(400, "InvalidParameter.TaskTypeConstraint", message, param);
        return Coded(400, problems[0].Fault == FieldFault.Missing ? "MissingParameter" : "InvalidParameter", message, param);
    }

    protected override SandboxReply Refused() => Coded(
        400, "InputTextSensitiveContentDetected", "The request failed because the input text may contain sensitive information.");

    protected override string NewId() => "cgt-" + Guid.NewGuid().ToString("N");

    protected override SandboxReply Accepted(SandboxCall call, SandboxJob job) => SandboxReply.Json(200, new JsonObject { ["id"] = job.Id });

    protected override JsonObject Describe(SandboxCall call, SandboxJob job)
    {
        var state = job.StateAt(call.Now);
        var changed = state is JobState.Queued ? job.Created : call.Now < job.Completed ? call.Now : job.Completed;
        var task = new JsonObject
        {
            ["id"] = job.Id,
            ["model"] = job.Order.Model,
            ["status"] = Words.Of(job, call.Now),
            ["created_at"] = job.Created.ToUnixTimeSeconds(),
            ["updated_at"] = changed.ToUnixTimeSeconds(),
        };
        if (state is JobState.Failed or JobState.Moderated)
        {
            task["error"] = state == JobState.Failed
                ? Fault("InternalServiceError", "The service encountered an unexpected internal error.")
                : Fault("OutputVideoSensitiveContentDetected", "The output may contain sensitive information.");
        }

        if (state == JobState.Completed)
        {
            task["content"] = new JsonObject { ["video_url"] = UrlOf(call, job) };
            task["usage"] = new JsonObject { ["completion_tokens"] = 108_900, ["total_tokens"] = 108_900 };
            task["seed"] = 7;
            task["resolution"] = job.Order.Input?["resolution"]?.DeepClone() ?? "720p";
            task["ratio"] = job.Order.Input.Text("ratio") is { } ratio and not "adaptive" ? ratio : RatioOf(job.Clip.Shape);
            // How long a clip is that was made as long as another, the sandbox does not know.
            if (job.Order.Seconds > 0)
                task["duration"] = job.Order.Seconds;
            task["framespersecond"] = 24;
        }

        return task;
    }

    private static SandboxReply CancelOrDelete(SandboxCall call, SandboxJob job)
    {
        switch (job.StateAt(call.Now))
        {
            case JobState.Running:
                return Coded(409, "InvalidAction.RunningTaskDeletion", "The specified task is currently running and cannot be deleted.");
            case JobState.Cancelled:
                return Coded(409, "InvalidAction", "The specified task is cancelled and cannot be deleted.");
            case JobState.Queued:
                job.TryCancel(call.Now);
                break;
            default:
                Remove(call, job);
                break;
        }

        return SandboxReply.Json(200, new JsonObject());
    }

    private static JobOrder Order(Submission submit)
    {
        var body = submit.Body;
        var source = body.List("content").Any(item => item.Text("role") == "reference_video") ? submit.SourceOf("content") : null;
        var kind = source is null ? JobKind.Generate : ArkFields.TaskOf(body) == "extend" ? JobKind.Extend : JobKind.Edit;
        string? prompt = body.List("content").First(item => item.Text("type") == "text").Text("text");
        return Submission.Order(kind, body.Text("model")!, prompt, body.Text("ratio") is { } ratio and not "adaptive" ? ratio : null, source) with
        {
            Seconds = body.Number("duration") ?? 5,
            Input = new JsonObject { ["ratio"] = body["ratio"]?.DeepClone(), ["resolution"] = body["resolution"]?.DeepClone() },
        };
    }

    private static string RatioOf(ClipShape shape) => shape switch
    {
        ClipShape.Portrait => "9:16",
        ClipShape.Square => "1:1",
        _ => "16:9",
    };

    private static SandboxReply Coded(int status, string code, string message, string param = "") => SandboxReply.Json(status, new JsonObject
    {
        ["error"] = new JsonObject
        {
            ["code"] = code,
            ["message"] = message,
            ["param"] = param,
            ["type"] = status switch { 401 => "Unauthorized", 404 => "NotFound", 409 => "Conflict", >= 500 => "InternalServerError", _ => "BadRequest" },
        },
    });

    private static JsonObject Fault(string code, string message) => new() { ["code"] = code, ["message"] = message };
}
