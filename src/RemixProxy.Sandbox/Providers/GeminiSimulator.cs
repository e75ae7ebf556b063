using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using RemixProxy.Sandbox.Content;
using RemixProxy.Sandbox.Fields;
using RemixProxy.Sandbox.Hosting;
using RemixProxy.Sandbox.Jobs;
using RemixProxy.Sandbox.Wire;

namespace RemixProxy.Sandbox.Providers;

/// <summary>Google's Interactions API with the Omni models, and the Files API beside it.</summary>
internal sealed class GeminiSimulator(SandboxWorld world) : TaskSimulator(world)
{
    private const double DefaultSeconds = 10;

    // Without background the vendor answers at the end. The sandbox answers at once, with a job that began long enough ago.
    private static readonly TimeSpan HeldFor = TimeSpan.FromMinutes(1);

    private static readonly string[] Versions = ["v1", "v1beta"];

    private readonly GeminiFiles _files = new(world);

    public override string Type => "gemini";

    protected override string KeyHeader => "x-goog-api-key";

    // What was blocked is completed, without a video.
    protected override StatusWords Words { get; } =
        new("queued", "in_progress", "completed", "failed") { Moderated = "completed", Cancelled = "cancelled" };

    protected override TimeSpan? JobLife => TimeSpan.FromDays(55);

    public override void Map(SimulatorRoutes routes)
    {
        foreach (string version in Versions)
        {
            routes.Add("POST", $"/{version}/interactions", call => Submit(call, GeminiFields.Interactions, Order));
            routes.Add("GET", $"/{version}/interactions/{{id}}", Poll);
            routes.Add("DELETE", $"/{version}/interactions/{{id}}", call => Found(call, job => Delete(call, job)));
            routes.Add("POST", $"/{version}/interactions/{{id}}/cancel", call => Found(call, job => Cancel(call, job)));
            routes.AddSigned("POST", $"/gemini/{{account}}/upload/{version}/files", call => Upload(call, version));
            _files.Map(routes, version);
        }
    }

    public override SandboxReply? CheckHeaders(HttpRequest request) =>
        HasGoodKey(request) ? null : Error(401, "Request had invalid authentication credentials. Expected a valid API key.");

    public override SandboxReply Error(int status, string message) => GeminiErrors.WithStatus(status, message);

    protected override SandboxReply Invalid(IReadOnlyList<FieldProblem> problems) => problems[0] switch
    {
        { Path: "model", Fault: FieldFault.Value } model =>
            Error(404, $"The model is not found under models/ or is not supported for interactions. {model.Message}"),
        { Fault: FieldFault.NoSuchSource } => GeminiErrors.UnknownInteraction(),
        { IsOfSource: true } source => GeminiErrors.NotReady(source.Message),
        _ => GeminiErrors.Invalid(problems),
    };

    protected override SandboxReply Refused() => Error(400, "The prompt was blocked by our PROHIBITED_CONTENT policy.");

    protected override string UnknownJob(string id) => GeminiErrors.InvalidName;

    protected override SandboxReply NotFound(string id) => GeminiErrors.UnknownInteraction();

    protected override NativeSource Look(SandboxCall call, MediaRule rule, string text) =>
        rule.Forms.HasFlag(MediaForms.Upload) ? _files.FromUri(text, call) : base.Look(call, rule, text);

    protected override string NewId() => "v1_" + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(30));

    protected override SandboxReply Accepted(SandboxCall call, SandboxJob job)
    {
        GeminiFiles.AddOutput(call.Account, job);
        return SandboxReply.Json(200, job.StateAt(call.Now) == JobState.Queued ? Head(call, job) : Describe(call, job));
    }

    protected override JsonObject Describe(SandboxCall call, SandboxJob job)
    {
        var (answer, steps) = (Head(call, job), new JsonArray());
        if (call.Request.Query["include_input"] == "true")
            steps.Add((JsonNode)new JsonObject { ["type"] = "user_input", ["content"] = job.Order.Input!.DeepClone() });
        answer["steps"] = steps;
        switch (job.StateAt(call.Now))
        {
            case JobState.Completed:
                steps.Add((JsonNode)new JsonObject { ["type"] = "thought", ["signature"] = "c2FuZGJveA==" });
                steps.Add((JsonNode)Output(VideoPart(call, job)));
                answer["usage"] = Usage("video", 46336);
                break;
            case JobState.Moderated:
                steps.Add((JsonNode)Output(new() { ["type"] = "text", ["text"] = "I can't create that video." }));
                answer["usage"] = Usage("text", 21);
                break;
            case JobState.Failed:
                answer["errors"] = new JsonArray(new JsonObject { ["code"] = "internal", ["message"] = "generation failed" });
                break;
        }

        return answer;
    }

    private JsonObject Head(SandboxCall call, SandboxJob job) => new()
    {
        ["id"] = job.Id,
        ["object"] = "interaction",
        ["model"] = job.Order.Model,
        ["status"] = Words.Of(job, call.Now),
        ["created"] = WireTime.Seconds(job.Created),
        ["updated"] = WireTime.Seconds(job.StateAt(call.Now) is JobState.Queued ? job.Created : call.Now),
    };

    private static JobOrder Order(Submission submit)
    {
        var body = submit.Body;
        var format = GeminiFields.FormatOf(body);
        var kind = GeminiFields.TaskOf(body) switch { "extend" => JobKind.Extend, "edit" or "upscale" => JobKind.Edit, _ => JobKind.Generate };
        var source = submit.SourceOf("previous_interaction_id") ?? submit.SourceOf("input");
        return Submission.Order(kind, body.Text("model")!, GeminiFields.PromptOf(body), format.Text("aspect_ratio"), source) with
        {
            Seconds = SecondsRule.Read(format.Text("duration")) ?? DefaultSeconds,
            Input = GeminiFields.InputOf(body),
            Inline = format.Text("delivery") == "inline",
            Waited = body.Flag("background") == true ? TimeSpan.Zero : HeldFor,
        };
    }

    private SandboxReply Cancel(SandboxCall call, SandboxJob job) =>
        job.TryCancel(call.Now) ? Polled(call, job) : GeminiErrors.NotReady("The interaction has already ended.");

    private static SandboxReply Delete(SandboxCall call, SandboxJob job)
    {
        Remove(call, job);
        return SandboxReply.Json(200, new JsonObject());
    }

    private SandboxReply Upload(SandboxCall call, string version)
    {
        if (GeminiFiles.HasUploadId(call))
            return _files.Receive(call, version);
        return CheckHeaders(call.Request) ?? GeminiFiles.CheckStart(call)
            ?? Checked(call, GeminiFields.Upload, submit => _files.Start(call, submit.Body.Object("file"), version));
    }

    private JsonObject VideoPart(SandboxCall call, SandboxJob job)
    {
        var part = new JsonObject { ["type"] = "video", ["mime_type"] = "video/mp4" };
        if (job.Order.Inline)
            part["data"] = Convert.ToBase64String(job.Clip.Bytes);
        else
            part["uri"] = $"{_files.UriOf(call.Account, GeminiFiles.OutputIdOf(job), VersionOf(call))}:download?alt=media";
        return part;
    }

    private static string VersionOf(SandboxCall call) => call.Request.Path.Value!.Split('/')[3];

    private static JsonObject Output(JsonObject part) => new() { ["type"] = "model_output", ["content"] = new JsonArray(part) };

    private static JsonObject Usage(string modality, int tokens) => new()
    {
        ["output_tokens_by_modality"] = new JsonArray(new JsonObject { ["modality"] = modality, ["tokens"] = tokens }),
    };
}
