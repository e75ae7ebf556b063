using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using RemixProxy.Sandbox.Content;
using RemixProxy.Sandbox.Hosting;
using RemixProxy.Sandbox.Jobs;
using RemixProxy.Sandbox.Wire;

namespace RemixProxy.Sandbox.Providers;

/// <summary>Google's Interactions API with the Omni models, and the Files API beside it.</summary>
internal sealed class GeminiSimulator(SandboxWorld world) : ProviderSimulator(world)
{
    private const string InvalidName = "Invalid interaction name";

    private static readonly TimeSpan InteractionLife = TimeSpan.FromDays(55);
    private static readonly string[] Versions = ["v1", "v1beta"];
    private static readonly string[] Models = ["gemini-omni-1.1-flash", "gemini-omni-1.2-flash"];

    private readonly GeminiFiles _files = new(world);
    private readonly SourceReader _sources = new(world);

    public override string Type => "gemini";

    public override void Map(SimulatorRoutes routes)
    {
        foreach (string version in Versions)
        {
            routes.Add("POST", $"/{version}/interactions", call => Create(call, version));
            routes.Add("GET", $"/{version}/interactions/{{id}}", call => Poll(call, version));
            routes.Add("DELETE", $"/{version}/interactions/{{id}}", Delete);
            routes.Add("POST", $"/{version}/interactions/{{id}}/cancel", call => Cancel(call, version));
            routes.AddSigned("POST", $"/gemini/{{account}}/upload/{version}/files", call => Upload(call, version));
            _files.Map(routes, version);
        }
    }

    public override SandboxReply? CheckCredential(HttpRequest request) => IsGoodKey(request.Headers["x-goog-api-key"])
        ? null
        : Error(401, "Request had invalid authentication credentials. Expected a valid API key.");

    public override SandboxReply Error(int status, string message) => GeminiErrors.WithStatus(status, message);

    private SandboxReply Create(SandboxCall call, string version)
    {
        if (!call.IsJson)
            return GeminiErrors.Invalid("Expected a content type of application/json.");
        var fields = call.Fields();
        if (fields.Text("model", required: true) is { } model && !Models.Contains(model))
            return Error(404, $"models/{model} is not found or is not supported for interactions.");
        var wish = GeminiWish.Read(fields);
        if (fields.Problems.Count > 0)
            return GeminiErrors.Invalid(fields.Problems[0].ToString());
        var source = FindSource(wish, call);
        if (source.Problem is { } problem)
            return problem == InvalidName ? GeminiErrors.Invalid(InvalidName) : GeminiErrors.NotReady(problem);
        return Accept(call, wish, source.Clip, version);
    }

    private NativeSource FindSource(GeminiWish wish, SandboxCall call)
    {
        if (wish.PreviousId is { } previous)
        {
            if (!TryFind(call, previous, out var job))
                return NativeSource.Refused(InvalidName);
            return job.StateAt(call.Now) == JobState.Completed
                ? new(job.Clip, null)
                : NativeSource.Refused("The previous interaction is not completed or has no video.");
        }

        if (wish.VideoData is { } data)
            return _sources.FromBase64(data, GeminiFiles.MaxInlineBytes);
        return wish.VideoUri is { } uri ? _files.FromUri(uri, call) : new(null, null);
    }

    private SandboxReply Accept(SandboxCall call, GeminiWish wish, Clip? source, string version)
    {
        if (Prompt.IsRefused(wish.Prompt))
            return Error(400, "The prompt was blocked by our PROHIBITED_CONTENT policy.");
        string id = "v1_" + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(30));
        var job = call.Account.Submit(id, wish.ToOrder(source), call.Now);
        GeminiFiles.AddOutput(call.Account, job);
        return SandboxReply.Json(200, Describe(call, job, version, withSteps: false));
    }

    private SandboxReply Poll(SandboxCall call, string version) =>
        TryFind(call, call.Id, out var job) ? SandboxReply.Json(200, Describe(call, job, version, withSteps: true)) : GeminiErrors.Invalid(InvalidName);

    private SandboxReply Cancel(SandboxCall call, string version)
    {
        if (!TryFind(call, call.Id, out var job))
            return GeminiErrors.Invalid(InvalidName);
        return job.TryCancel(call.Now)
            ? SandboxReply.Json(200, Describe(call, job, version, withSteps: true))
            : GeminiErrors.NotReady("The interaction has already ended.");
    }

    private static SandboxReply Delete(SandboxCall call)
    {
        if (!TryFind(call, call.Id, out var job))
            return GeminiErrors.Invalid(InvalidName);
        call.Account.Jobs.Remove(job.Id);
        return SandboxReply.Json(200, new JsonObject());
    }

    private SandboxReply Upload(SandboxCall call, string version) =>
        GeminiFiles.HasUploadId(call) ? _files.Receive(call, version) : CheckCredential(call.Request) ?? _files.Start(call, version);

    private static bool TryFind(SandboxCall call, string id, out SandboxJob job)
    {
        bool isThere = call.Account.Jobs.TryGet(id, out var found) && call.Now < found.Created + InteractionLife;
        job = found!;
        return isThere;
    }

    private JsonObject Describe(SandboxCall call, SandboxJob job, string version, bool withSteps)
    {
        var state = job.StateAt(call.Now);
        var answer = new JsonObject
        {
            ["id"] = job.Id,
            ["object"] = "interaction",
            ["model"] = job.Order.Model,
            ["status"] = StatusWord(state),
            ["created"] = WireTime.Seconds(job.Created),
            ["updated"] = WireTime.Seconds(state is JobState.Queued ? job.Created : call.Now),
        };
        if (!withSteps)
            return answer;
        var steps = new JsonArray();
        if (call.Request.Query["include_input"] == "true")
            steps.Add((JsonNode)new JsonObject { ["type"] = "user_input", ["content"] = job.Order.Input!.DeepClone() });
        answer["steps"] = steps;
        Finish(answer, steps, job, state, call, version);
        return answer;
    }

    private void Finish(JsonObject answer, JsonArray steps, SandboxJob job, JobState state, SandboxCall call, string version)
    {
        switch (state)
        {
            case JobState.Completed:
                steps.Add((JsonNode)new JsonObject { ["type"] = "thought", ["signature"] = "c2FuZGJveA==" });
                steps.Add((JsonNode)Output(VideoPart(job, call, version)));
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
    }

    private JsonObject VideoPart(SandboxJob job, SandboxCall call, string version)
    {
        var part = new JsonObject { ["type"] = "video", ["mime_type"] = "video/mp4" };
        if (job.Order.Inline)
            part["data"] = Convert.ToBase64String(job.Clip.Bytes);
        else
            part["uri"] = $"{_files.UriOf(call.Account, GeminiFiles.OutputIdOf(job), version)}:download?alt=media";
        return part;
    }

    private static JsonObject Output(JsonObject part) => new() { ["type"] = "model_output", ["content"] = new JsonArray(part) };

    private static JsonObject Usage(string modality, int tokens) => new()
    {
        ["output_tokens_by_modality"] = new JsonArray(new JsonObject { ["modality"] = modality, ["tokens"] = tokens }),
    };

    private static string StatusWord(JobState state) => state switch
    {
        JobState.Queued => "queued",
        JobState.Running => "in_progress",
        JobState.Failed => "failed",
        JobState.Cancelled => "cancelled",
        _ => "completed",
    };
}
