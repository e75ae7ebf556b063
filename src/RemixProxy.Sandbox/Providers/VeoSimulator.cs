using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using RemixProxy.Sandbox.Content;
using RemixProxy.Sandbox.Fields;
using RemixProxy.Sandbox.Hosting;
using RemixProxy.Sandbox.Jobs;
using RemixProxy.Sandbox.Wire;

namespace RemixProxy.Sandbox.Providers;

/// <summary>
/// Veo at Google Cloud's Vertex AI: long-running operations, which are asked for by their whole name in a body. Source: Google's pages and the types of its
/// SDK 3.3.
/// </summary>
internal sealed class VeoSimulator(SandboxWorld world) : TaskSimulator(world)
{
    private const string Submitting = ":predictLongRunning";
    private const string Polling = ":fetchPredictOperation";
    private const double DefaultSeconds = 8;

    public override string Type => "vertex-veo";

    protected override StatusWords Words { get; } = new("", "", "", "");

    public override void Map(SimulatorRoutes routes)
    {
        foreach (string version in new[] { "v1", "v1beta1" })
            routes.Add("POST", $"/{version}/projects/{{project}}/locations/{{location}}/publishers/google/models/{{id}}", Answer);
        CloudBucket.Map(routes);
        GoogleTokens.Map(routes, Type);
    }

    public override SandboxReply? CheckHeaders(HttpRequest request) => GoogleCloud.CheckHeaders(request);

    public override SandboxReply Error(int status, string message) => GeminiErrors.WithStatus(status, message);

    protected override SandboxReply Invalid(IReadOnlyList<FieldProblem> problems) => GeminiErrors.Invalid(problems);

    protected override SandboxReply Refused() => Error(400, "The prompt could not be submitted. It was blocked by our PROHIBITED_CONTENT policy.");

    protected override NativeSource Look(SandboxCall call, MediaRule rule, string text) =>
        rule.Forms.HasFlag(MediaForms.Upload) ? CloudBucket.Find(call, text) : base.Look(call, rule, text);

    protected override SandboxReply Accepted(SandboxCall call, SandboxJob job) => SandboxReply.Json(200, new JsonObject { ["name"] = NameOf(call, job) });

    protected override JsonObject Describe(SandboxCall call, SandboxJob job)
    {
        var answer = new JsonObject { ["name"] = NameOf(call, job) };
        var state = job.StateAt(call.Now);
        if (state is JobState.Queued or JobState.Running)
            return answer;
        answer["done"] = true;
        if (state == JobState.Failed)
            answer["error"] = new JsonObject { ["code"] = 13, ["message"] = "Internal error" };
        else
            answer["response"] = state == JobState.Moderated ? Filtered(job) : Made(job);
        return answer;
    }

    private SandboxReply Answer(SandboxCall call)
    {
        string model = call.Id.Split(':')[0];
        if (!VeoFields.Models.Contains(model))
            return Error(404, $"Publisher Model {Parent(call)}/models/{model} was not found or your project does not have access to it.");
        if (call.Id == model + Submitting)
            return Submit(call, VeoFields.Predict, submit => Order(submit, model));
        if (call.Id != model + Polling)
            return Error(404, $"{call.Id} is no method of a model.");
        return Checked(call, VeoFields.Poll, submit =>
        {
            string name = submit.Body.Text("operationName")!;
            string prefix = $"{Parent(call)}/models/{model}/operations/";
            if (!name.StartsWith(prefix, StringComparison.Ordinal))
                return Error(400, $"Invalid operation name {name}.");
            return call.Account.Jobs.TryGet(name[prefix.Length..], out var job) ? Polled(call, job) : Error(404, $"Operation {name} was not found.");
        });
    }

    private static JobOrder Order(Submission submit, string model)
    {
        var (instance, parameters) = (VeoFields.InstanceOf(submit.Body)!, submit.Body.Object("parameters"));
        bool isExtension = instance.Has("video");
        var source = submit.SourceOf("instances.0.video") ?? submit.SourceOf("instances");
        var kind = isExtension ? JobKind.Extend : JobKind.Generate;
        return Submission.Order(kind, model, instance.Text("prompt"), parameters.Text("aspectRatio"), source) with
        {
            Seconds = parameters.Number("durationSeconds") ?? DefaultSeconds,
            Count = (int)(parameters.Number("sampleCount") ?? 1),
            Folder = parameters.Text("storageUri"),
        };
    }

    private static JsonObject Made(SandboxJob job) => new()
    {
        ["@type"] = "type.googleapis.com/cloud.ai.large_models.vision.GenerateVideoResponse",
        ["raiMediaFilteredCount"] = 0,
        ["videos"] = new JsonArray([.. Enumerable.Range(0, job.Order.Count).Select(index => (JsonNode)(job.Order.Folder is null
            ? new JsonObject { ["bytesBase64Encoded"] = Convert.ToBase64String(job.Clip.Bytes), ["mimeType"] = "video/mp4" }
            : new JsonObject { ["gcsUri"] = CloudBucket.PlaceOf(job, index), ["mimeType"] = "video/mp4" }))]),
    };

    private static JsonObject Filtered(SandboxJob job) => new()
    {
        ["raiMediaFilteredCount"] = job.Order.Count,
        ["raiMediaFilteredReasons"] = new JsonArray("The video was not made, because it violates Google's usage guidelines. Support codes: 58061214"),
        ["videos"] = new JsonArray(),
    };

    private static string Parent(SandboxCall call) =>
        $"projects/{call.Request.RouteValues["project"]}/locations/{call.Request.RouteValues["location"]}/publishers/google";

    private static string NameOf(SandboxCall call, SandboxJob job) => $"{Parent(call)}/models/{job.Order.Model}/operations/{job.Id}";
}
