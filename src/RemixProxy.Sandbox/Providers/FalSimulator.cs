using System.Text.Json.Nodes;
using RemixProxy.Sandbox.Fields;
using RemixProxy.Sandbox.Hosting;
using RemixProxy.Sandbox.Jobs;
using RemixProxy.Sandbox.Wire;

namespace RemixProxy.Sandbox.Providers;

/// <summary>
/// fal's queue. Source: fal's own client 1.10.1 and its documentation. In one thing it is stricter than fal: there the queue takes any input, and the model
/// refuses it later; here it is refused at once.
/// </summary>
internal sealed class FalSimulator(SandboxWorld world) : TaskSimulator(world)
{
    /// <summary>How many models a page has, so that lists have more than one.</summary>
    private const int PageSize = 3;

    private const string SecondPage = "Mg==";

    private static readonly string[] Namespaces = ["workflows", "comfy"];

    public override string Type => "fal";

    protected override string KeyScheme => "Key";

    // How it ended, the result tells.
    protected override StatusWords Words { get; } = new("IN_QUEUE", "IN_PROGRESS", "COMPLETED", "COMPLETED");

    protected override TimeSpan AssetLife => TimeSpan.FromDays(7);

    protected override bool RefreshesUrls => false;

    public override void Map(SimulatorRoutes routes)
    {
        // At fal this is another host, which needs no key.
        routes.AddSigned("GET", $"/{Type}/{{account}}/v1/models", FindModels);
        // Whatever else lies below a model takes posts only: a status asked for below a model's full path is a 405.
        routes.Add("POST", "/{**model}", Submit);
        foreach (string app in Namespaces.Select(space => $"/{space}/{{owner}}/{{app}}").Prepend("/{owner}/{app}"))
        {
            routes.Add("GET", app + "/requests/{id}/status", call => Found(call, job => OfItsApp(call, job, () => Status(call, job))));
            routes.Add("GET", app + "/requests/{id}", call => Found(call, job => OfItsApp(call, job, () => Result(call, job))));
            routes.Add("PUT", app + "/requests/{id}/cancel", call => Found(call, job => OfItsApp(call, job, () => Cancel(call, job))));
        }
    }

    public override SandboxReply Error(int status, string message) => SandboxReply.Json(status, new JsonObject { ["detail"] = message });

    protected override SandboxReply Invalid(IReadOnlyList<FieldProblem> problems) => Detailed(422, [.. problems.Select(Detail)]);

    protected override SandboxReply Refused() => Detailed(422, Blocked());

    protected override string UnknownJob(string id) => $"Request {id} not found";

    protected override SandboxReply Accepted(SandboxCall call, SandboxJob job)
    {
        var answer = Describe(call, job);
        answer["queue_position"] = 0;
        return SandboxReply.Json(200, answer);
    }

    protected override JsonObject Describe(SandboxCall call, SandboxJob job)
    {
        string request = $"{call.Request.Scheme}://{call.Request.Host}/fal/{call.Account.Name}/{AppOf(job)}/requests/{job.Id}";
        return new JsonObject
        {
            ["status"] = Words.Of(job, call.Now),
            ["request_id"] = job.Id,
            ["response_url"] = request,
            ["status_url"] = request + "/status",
            ["cancel_url"] = request + "/cancel",
        };
    }

    private static SandboxReply FindModels(SandboxCall call)
    {
        var query = call.Request.Query;
        string[] asked = [.. query["endpoint_id"].OfType<string>()];
        bool isExpanded = query["expand"].Contains("openapi-3.0");
        var found = FalFields.Models.Where(model =>
            (asked.Length == 0 || asked.Contains(model.Key))
            && (query["category"].FirstOrDefault() is not { } category || category == FalFields.CategoryOf(model.Key))
            && query["status"].FirstOrDefault() is null or "active").ToArray();
        if (asked.Length > 0 && found.Length == 0)
            return ModelError(404, "not_found", "Resource not found");
        // As at fal, a cursor is the number of a page in base64.
        if (query["cursor"].FirstOrDefault() is { } cursor && cursor != SecondPage)
            return ModelError(400, "validation_error", "Invalid request parameters");
        bool isSecond = query.ContainsKey("cursor");
        var page = found.Skip(isSecond ? PageSize : 0).Take(isSecond || asked.Length > 0 ? found.Length : PageSize).ToArray();
        bool hasMore = !isSecond && page.Length < found.Length;
        return SandboxReply.Json(200, new JsonObject
        {
            ["models"] = new JsonArray([.. page.Select(model => Listed(model.Key, isExpanded ? model.Value : null))]),
            ["next_cursor"] = hasMore ? SecondPage : null,
            ["has_more"] = hasMore,
        });
    }

    private static SandboxReply ModelError(int status, string type, string message) =>
        SandboxReply.Json(status, new JsonObject { ["error"] = new JsonObject { ["type"] = type, ["message"] = message } });

    private static JsonObject Listed(string model, FieldRule? expanded)
    {
        var answer = new JsonObject
        {
            ["endpoint_id"] = model,
            ["metadata"] = new JsonObject
            {
                ["display_name"] = model, ["category"] = FalFields.CategoryOf(model), ["description"] = "", ["status"] = "active", ["tags"] = new JsonArray(),
                ["updated_at"] = "2026-10-01T00:00:00Z", ["is_favorited"] = null, ["thumbnail_url"] = "https://fal.media/files/a.webp",
                ["model_url"] = "https://fal.run/" + model, ["date"] = "2026-10-01T00:00:00Z", ["highlighted"] = false, ["pinned"] = false,
                ["kind"] = "inference",
            },
        };
        if (expanded is not null)
            answer["openapi"] = Document(model, expanded);
        return answer;
    }

    private static JsonObject Document(string model, FieldRule input) => new()
    {
        ["openapi"] = "3.0.4",
        ["info"] = new JsonObject
        {
            ["title"] = "Queue OpenAPI for " + model, ["version"] = "1.0.0", ["x-fal-metadata"] = new JsonObject { ["endpointId"] = model },
        },
        ["components"] = new JsonObject
        {
            ["schemas"] = new JsonObject
            {
                ["QueueStatus"] = new JsonObject
                {
                    ["type"] = "object", ["properties"] = new JsonObject { ["status"] = new JsonObject { ["type"] = "string" } },
                },
                ["ModelInput"] = FieldSchema.Of(input),
            },
        },
        ["paths"] = new JsonObject
        {
            [$"/{model}/requests/{{request_id}}/status"] = new JsonObject { ["get"] = new JsonObject { ["responses"] = new JsonObject() } },
            ["/" + model] = new JsonObject
            {
                ["post"] = new JsonObject
                {
                    ["requestBody"] = new JsonObject
                    {
                        ["required"] = true,
                        ["content"] = new JsonObject
                        {
                            ["application/json"] = new JsonObject { ["schema"] = new JsonObject { ["$ref"] = "#/components/schemas/ModelInput" } },
                        },
                    },
                },
            },
        },
        ["servers"] = new JsonArray(new JsonObject { ["url"] = "https://queue.fal.run" }),
    };

    private SandboxReply Submit(SandboxCall call)
    {
        string model = (string)call.Request.RouteValues["model"]!;
        return FalFields.Models.TryGetValue(model, out var rule)
            ? Submit(call, rule, submit => Order(model, submit))
            : Error(404, model.Split('/') is [var owner, var app, ..] ? $"Application '{owner}/{app}' not found" : $"Path /{model} not found");
    }

    private SandboxReply Status(SandboxCall call, SandboxJob job)
    {
        var (answer, state) = (Describe(call, job), job.StateAt(call.Now));
        switch (state)
        {
            case JobState.Queued:
                answer["queue_position"] = 1;
                break;
            case JobState.Running:
                answer["logs"] = null;
                break;
            default:
                answer["logs"] = null;
                answer["metrics"] = new JsonObject { ["inference_time"] = (job.Completed - job.Created).TotalSeconds };
                break;
        }

        if (state is JobState.Failed or JobState.Cancelled)
        {
            answer["error"] = state == JobState.Failed ? "The runner failed" : "The request was cancelled";
            answer["error_type"] = ErrorType(state);
        }

        return SandboxReply.Json(state is JobState.Queued or JobState.Running ? 202 : 200, answer);
    }

    private SandboxReply Result(SandboxCall call, SandboxJob job) => job.StateAt(call.Now) switch
    {
        JobState.Queued or JobState.Running => Error(400, "Request is still in progress"),
        JobState.Moderated => Detailed(422, Blocked()),
        JobState.Completed => SandboxReply.Json(200, new JsonObject
        {
            ["video"] = new JsonObject
            {
                ["url"] = UrlOf(call, job), ["content_type"] = "video/mp4", ["file_name"] = "out.mp4", ["file_size"] = job.Clip.Bytes.Length,
            },
        }),
        var state => SandboxReply.Json(500, new JsonObject { ["detail"] = "The request failed", ["error_type"] = ErrorType(state) }),
    };

    private static SandboxReply Cancel(SandboxCall call, SandboxJob job) => job.TryCancel(call.Now)
        ? SandboxReply.Json(202, new JsonObject { ["status"] = "CANCELLATION_REQUESTED" })
        : SandboxReply.Json(400, new JsonObject { ["status"] = "ALREADY_COMPLETED" });

    private SandboxReply OfItsApp(SandboxCall call, SandboxJob job, Func<SandboxReply> answer) =>
        call.Request.Path.Value!.Contains($"/{AppOf(job)}/requests/", StringComparison.Ordinal) ? answer() : NotFound(job.Id);

    private static string AppOf(SandboxJob job)
    {
        string[] segments = job.Order.Model.Split('/');
        return string.Join('/', segments.Take(Namespaces.Contains(segments[0]) ? 3 : 2));
    }

    private static string ErrorType(JobState state) => state == JobState.Failed ? "runner_server_error" : "client_cancelled";

    private static JobOrder Order(string model, Submission submit)
    {
        var (body, source) = (submit.Body, submit.SourceOf("video_url"));
        var kind = source is null ? JobKind.Generate : model.EndsWith("/extend-video", StringComparison.Ordinal) ? JobKind.Extend : JobKind.Edit;
        return Submission.Order(kind, model, body.Text("prompt"), body.Text("aspect_ratio"), source);
    }

    private static JsonObject Blocked() => new()
    {
        ["loc"] = new JsonArray("body", "prompt"),
        ["msg"] = "The content could not be processed because it contained material flagged by a content checker.",
        ["type"] = "content_policy_violation",
    };

    private static JsonObject Detail(FieldProblem problem) => new()
    {
        ["loc"] = new JsonArray([.. problem.Path.Split('.', StringSplitOptions.RemoveEmptyEntries).Prepend("body").Select(p => (JsonNode)p)]),
        ["msg"] = problem.Message,
        ["type"] = problem.Fault switch
        {
            FieldFault.Missing => "missing",
            FieldFault.Unknown => "extra_forbidden",
            FieldFault.Type => "type_error",
            _ => "value_error",
        },
    };

    private static SandboxReply Detailed(int status, params JsonObject[] details) =>
        SandboxReply.Json(status, new JsonObject { ["detail"] = new JsonArray([.. details]) });
}
