using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using RemixProxy.Sandbox.Fields;
using RemixProxy.Sandbox.Hosting;
using RemixProxy.Sandbox.Jobs;
using RemixProxy.Sandbox.Wire;

namespace RemixProxy.Sandbox.Providers;

/// <summary>Google's Interactions API with the Omni models, as far as the Gemini API and Google Cloud have it in common.</summary>
internal abstract class InteractionsSimulator(SandboxWorld world) : TaskSimulator(world)
{
    private const double DefaultSeconds = 10;

    // Without background the vendor answers at the end. The sandbox answers at once, with a job that began long enough ago.
    private static readonly TimeSpan HeldFor = TimeSpan.FromMinutes(1);

    // What was blocked is completed, without a video.
    protected override StatusWords Words { get; } =
        new("queued", "in_progress", "completed", "failed") { Moderated = "completed", Cancelled = "cancelled" };

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

    protected override string NewId() => "v1_" + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(30));

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

    protected JsonObject Head(SandboxCall call, SandboxJob job) => new()
    {
        ["id"] = job.Id,
        ["object"] = "interaction",
        ["model"] = job.Order.Model,
        ["status"] = Words.Of(job, call.Now),
        ["created"] = WireTime.Seconds(job.Created),
        ["updated"] = WireTime.Seconds(job.StateAt(call.Now) is JobState.Queued ? job.Created : call.Now),
    };

    protected static JobOrder Order(Submission submit)
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

    protected SandboxReply Cancel(SandboxCall call, SandboxJob job) =>
        job.TryCancel(call.Now) ? Polled(call, job) : GeminiErrors.NotReady("The interaction has already ended.");

    protected static SandboxReply Delete(SandboxCall call, SandboxJob job)
    {
        Remove(call, job);
        return SandboxReply.Json(200, new JsonObject());
    }

    /// <summary>The part of a completed interaction that holds or names its video.</summary>
    protected abstract JsonObject VideoPart(SandboxCall call, SandboxJob job);

    private static JsonObject Output(JsonObject part) => new() { ["type"] = "model_output", ["content"] = new JsonArray(part) };

    private static JsonObject Usage(string modality, int tokens) => new()
    {
        ["output_tokens_by_modality"] = new JsonArray(new JsonObject { ["modality"] = modality, ["tokens"] = tokens }),
    };
}
