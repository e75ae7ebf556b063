using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using RemixProxy.Sandbox.Fields;
using RemixProxy.Sandbox.Hosting;
using RemixProxy.Sandbox.Jobs;
using RemixProxy.Sandbox.Wire;

namespace RemixProxy.Sandbox.Providers;

/// <summary>Kling's current API. Source: Kling's page of the Omni models and recorded exchanges; the codes of errors through integrations of others.</summary>
internal sealed class KlingSimulator(SandboxWorld world) : TaskSimulator(world)
{
    private const int Ok = 0;
    private const int WrongKey = 1000;
    private const int WrongParameter = 1201;
    private const int WrongMethod = 1202;
    private const int NoSuchThing = 1203;
    private const int Blocked = 1301;
    private const int ServerError = 5000;

    // By account and external_task_id.
    private readonly ConcurrentDictionary<(SandboxAccount Account, string ExternalId), string> _ids = new();
    private long _lastId = 8840;

    public override string Type => "kling";

    protected override StatusWords Words { get; } = new("submitted", "processing", "succeeded", "failed");

    protected override TimeSpan AssetLife => TimeSpan.FromDays(30);

    protected override bool RefreshesUrls => false;

    protected override bool IgnoresUnknownFields => true;

    public override void Map(SimulatorRoutes routes)
    {
        routes.Add("POST", "/text-to-video/{id}", call => Submit(call, KlingFields.TextToVideo));
        routes.Add("POST", "/image-to-video/{id}", call => Submit(call, KlingFields.ImageToVideo));
        routes.Add("POST", "/omni-video/{id}", call => Submit(call, KlingFields.OmniVideo));
        routes.Add("GET", "/tasks", Tasks);
    }

    public override SandboxReply Error(int status, string message) => Coded(status, status switch
    {
        401 => WrongKey,
        404 or 405 => WrongMethod,
        >= 500 => ServerError,
        _ => WrongParameter,
    }, message);

    protected override SandboxReply Refused() => Coded(400, Blocked, "Failure to pass the risk control system");

    protected override string NewId() => Interlocked.Increment(ref _lastId).ToString(CultureInfo.InvariantCulture);

    protected override SandboxReply Accepted(SandboxCall call, SandboxJob job)
    {
        if (ExternalId(job) is { } external)
            _ids[(call.Account, external)] = job.Id;
        return Answer(Head(call, job));
    }

    protected override JsonObject Describe(SandboxCall call, SandboxJob job)
    {
        var state = job.StateAt(call.Now);
        var task = Head(call, job);
        task["message"] = state switch
        {
            JobState.Failed => "generation failed, please retry",
            JobState.Moderated => "Failure to pass the risk control system",
            _ => "",
        };
        task["outputs"] = state != JobState.Completed ? [] : new JsonArray(new JsonObject
        {
            ["type"] = "video",
            ["id"] = "v-" + job.Id,
            ["url"] = UrlOf(call, job),
            ["watermark_url"] = "",
            ["duration"] = (job.Order.Seconds + 0.1).ToString("0.0", CultureInfo.InvariantCulture),
        });
        task["billing"] = new JsonArray();
        return task;
    }

    private SandboxReply Submit(SandboxCall call, IReadOnlyDictionary<string, FieldRule> models)
    {
        if (!models.TryGetValue(call.Id, out var rule))
            return Coded(404, NoSuchThing, $"The model {call.Id} does not exist.");
        return Checked(call, rule, submit =>
            submit.Body.Object("options").Text("external_task_id") is { } external && _ids.ContainsKey((call.Account, external))
                ? Coded(400, WrongParameter, $"external_task_id {external} already exists")
                : Make(call, Order(call.Id, submit)));
    }

    // Not for both at once, and what is unknown is left out.
    private SandboxReply Tasks(SandboxCall call)
    {
        var (ids, externals) = (Words(call, "task_ids"), Words(call, "external_task_ids"));
        if (ids.Length > 0 == externals.Length > 0)
            return Error(400, "Exactly one of task_ids and external_task_ids is needed.");
        var found = new JsonArray();
        foreach (string? id in ids.Concat(externals.Select(external => _ids.GetValueOrDefault((call.Account, external)))))
        {
            if (id is not null && call.Account.Jobs.TryGet(id, out var job))
                found.Add(Describe(call, job!));
        }

        return Answer(found);

        static string[] Words(SandboxCall call, string name) => call.Request.Query[name].ToString().Split(',', StringSplitOptions.RemoveEmptyEntries);
    }

    private JsonObject Head(SandboxCall call, SandboxJob job)
    {
        var changed = job.StateAt(call.Now) is JobState.Queued ? job.Created : call.Now < job.Completed ? call.Now : job.Completed;
        var head = new JsonObject
        {
            ["id"] = job.Id,
            ["status"] = Words.Of(job, call.Now),
            ["create_time"] = job.Created.ToUnixTimeMilliseconds(),
            ["update_time"] = changed.ToUnixTimeMilliseconds(),
        };
        if (ExternalId(job) is { } external)
            head["external_id"] = external;
        return head;
    }

    private static JobOrder Order(string model, Submission submit)
    {
        var (body, settings) = (submit.Body, submit.Body.Object("settings"));
        bool isEdit = KlingFields.Content(body, "base_video") is not null;
        string? prompt = body.Text("prompt") ?? KlingFields.Content(body, "prompt").Text("text");
        return Submission.Order(
            isEdit ? JobKind.Edit : JobKind.Generate, model, prompt, settings.Text("aspect_ratio"), isEdit ? submit.SourceOf("contents") : null) with
        {
            Seconds = settings.Number("duration") ?? 5,
            Input = body.Object("options")?["external_task_id"]?.DeepClone(),
        };
    }

    private static string? ExternalId(SandboxJob job) => job.Order.Input?.GetValue<string>();

    private static SandboxReply Answer(JsonNode data) => Coded(200, Ok, "SUCCEED", data);

    private static SandboxReply Coded(int status, int code, string message, JsonNode? data = null)
    {
        var body = new JsonObject { ["code"] = code, ["message"] = message, ["request_id"] = Guid.NewGuid().ToString() };
        if (data is not null)
            body["data"] = data;
        return SandboxReply.Json(status, body);
    }
}
