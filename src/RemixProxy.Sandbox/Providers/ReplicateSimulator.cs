using System.Text.Json.Nodes;
using RemixProxy.Sandbox.Content;
using RemixProxy.Sandbox.Fields;
using RemixProxy.Sandbox.Hosting;
using RemixProxy.Sandbox.Jobs;
using RemixProxy.Sandbox.Wire;
using static RemixProxy.Sandbox.Fields.Field;

namespace RemixProxy.Sandbox.Providers;

/// <summary>
/// Replicate's API. Source: Replicate's own client 1.4.0 and its HTTP documentation; what the models take is as others report it. Only official
/// models are here, so there are no versions.
/// </summary>
internal sealed class ReplicateSimulator(SandboxWorld world) : TaskSimulator(world)
{
    private const string Extension = "xai/grok-imagine-video-extension";

    private static readonly TimeSpan DataLife = TimeSpan.FromHours(1);

    private static readonly FieldRule ImageUrl = Image(MediaForms.Url | MediaForms.DataUri);

    private static readonly FieldRule VideoUrl = Video(MediaForms.Url | MediaForms.DataUri);

    private static readonly FieldList Prompted = new(("prompt", Text().Required));

    /// <summary>What <c>POST models/{model}/predictions</c> takes, by model.</summary>
    internal static IReadOnlyDictionary<string, FieldRule> Models { get; } = new Dictionary<string, FieldRule>(StringComparer.Ordinal)
    {
        ["google/veo-3.1"] = Of(Prompted.With(
            ("aspect_ratio", Word("16:9", "9:16")), ("duration", OneOf(4, 6, 8)), ("image", ImageUrl), ("last_frame", ImageUrl),
            ("reference_images", List(ImageUrl, 3)), ("negative_prompt", Text()), ("resolution", Word("720p", "1080p")), ("generate_audio", Flag()),
            ("seed", Whole(int.MinValue, uint.MaxValue)))),
        ["xai/grok-imagine-video"] = Of(Prompted.With(
            ("duration", Whole(1, 15)), ("aspect_ratio", Word("16:9", "4:3", "3:2", "1:1", "2:3", "3:4", "9:16")), ("resolution", Word("480p", "720p")),
            ("image", ImageUrl), ("video", VideoUrl))),
        ["runwayml/aleph-2"] = Of(Prompted.With(
            ("video", VideoUrl.Required), ("keyframe_images", List(ImageUrl, 5)), ("keyframe_positions", List(Text(), 5)),
            ("seed", Whole(0, uint.MaxValue)))),
        ["kwaivgi/kling-v3-omni-video"] = Of(Prompted.With(
            ("start_image", ImageUrl), ("end_image", ImageUrl), ("reference_images", List(ImageUrl, 7)), ("reference_video", VideoUrl),
            ("video_reference_type", Word("feature", "base")), ("keep_original_sound", Flag()), ("generate_audio", Flag()), ("mode", Word("standard", "pro")),
            ("aspect_ratio", Word("16:9", "9:16", "1:1")), ("duration", Whole(3, 15)), ("negative_prompt", Text()))),
        ["luma/modify-video"] = Of(Prompted.With(("video", VideoUrl.Required))),
        [Extension] = Of(Prompted.With(("video", VideoUrl.Required), ("duration", Whole(2, 10)))),
    };

    public override string Type => "replicate";

    protected override StatusWords Words { get; } = new("starting", "processing", "succeeded", "failed") { Cancelled = "canceled" };

    protected override TimeSpan AssetLife => DataLife;

    protected override bool RefreshesUrls => false;

    public override void Map(SimulatorRoutes routes)
    {
        routes.Add("POST", "/v1/models/{owner}/{name}/predictions", Submit);
        routes.Add("GET", "/v1/models/{owner}/{name}", DescribeModel);
        routes.Add("GET", "/v1/predictions/{id}", Poll);
        routes.Add("POST", "/v1/predictions/{id}/cancel", call => Found(call, job =>
        {
            job.TryCancel(call.Now);
            return SandboxReply.Json(200, Describe(call, job));
        }));
        routes.Add("POST", "/v1/files", Upload);
    }

    public override SandboxReply Error(int status, string message) => SandboxReply.Json(status, new JsonObject
    {
        ["title"] = status switch { 401 => "Unauthenticated", 404 => "Not found", _ => "Invalid request" }, ["detail"] = message, ["status"] = status,
    });

    protected override SandboxReply Invalid(IReadOnlyList<FieldProblem> problems) => SandboxReply.Json(422, new JsonObject
    {
        ["title"] = "Input validation failed",
        ["detail"] = string.Concat(problems.Select(problem => $"- {problem}\n")),
        ["status"] = 422,
        ["invalid_fields"] = new JsonArray([.. problems.Select(problem => (JsonNode)new JsonObject
        {
            ["type"] = problem.Fault == FieldFault.Missing ? "required" : "invalid", ["field"] = problem.Path, ["description"] = problem.Message,
        })]),
    });

    protected override SandboxReply Refused() => Error(422, "The input was flagged as sensitive. Please try again with different inputs. (E005)");

    protected override SandboxReply NotFound(string id) => Error(404, "The requested resource could not be found.");

    protected override string NewId() => Guid.NewGuid().ToString("N")[..26];

    protected override SandboxReply Accepted(SandboxCall call, SandboxJob job) => SandboxReply.Json(201, Describe(call, job));

    protected override JsonObject Describe(SandboxCall call, SandboxJob job)
    {
        var state = job.StateAt(call.Now);
        bool hasEnded = state is not (JobState.Queued or JobState.Running);
        bool isRemoved = hasEnded && call.Now >= job.Completed + DataLife;
        string address = $"{World.ApiOrigin}/replicate/{Uri.EscapeDataString(call.Account.Name)}/v1/predictions/{job.Id}";
        var answer = new JsonObject
        {
            ["id"] = job.Id,
            ["model"] = job.Order.Model,
            ["version"] = "hidden",
            ["input"] = isRemoved ? null : job.Order.Input?.DeepClone(),
            ["output"] = state == JobState.Completed && !isRemoved ? UrlOf(call, job) : null,
            ["logs"] = "",
            ["error"] = state switch
            {
                JobState.Failed => "Prediction interrupted; please retry (code: PA)",
                JobState.Moderated => "The input or output was flagged as sensitive. Please try again with different inputs. (E005)",
                _ => null,
            },
            ["status"] = Words.Of(job, call.Now),
            ["created_at"] = WireTime.Milliseconds(job.Created),
            ["data_removed"] = isRemoved,
            ["urls"] = new JsonObject { ["get"] = address, ["cancel"] = address + "/cancel" },
        };
        if (state != JobState.Queued)
            answer["started_at"] = WireTime.Milliseconds(job.Created);
        if (hasEnded)
        {
            answer["completed_at"] = WireTime.Milliseconds(state == JobState.Cancelled ? call.Now : job.Completed);
            answer["metrics"] = new JsonObject { ["predict_time"] = job.Duration.TotalSeconds };
        }

        return answer;
    }

    protected override NativeSource Look(SandboxCall call, MediaRule rule, string text)
    {
        string files = FilesOf(call);
        if (!text.StartsWith(files, StringComparison.Ordinal))
            return base.Look(call, rule, text);
        return call.Account.Files.TryGet(text[files.Length..], out var file) && file.Uploaded is { } upload
            ? new(World.Clips.Recognise(upload.Bytes))
            : NativeSource.Refused("The file does not exist.");
    }

    private string FilesOf(SandboxCall call) => $"{World.ApiOrigin}/replicate/{Uri.EscapeDataString(call.Account.Name)}/v1/files/";

    private SandboxReply DescribeModel(SandboxCall call)
    {
        var (owner, name) = ((string)call.Request.RouteValues["owner"]!, (string)call.Request.RouteValues["name"]!);
        if (!Models.TryGetValue($"{owner}/{name}", out var rule))
            return NotFound(name);
        // Replicate keeps each closed list of values apart, and refers to it.
        var (input, schemas) = (FieldSchema.Of(((ObjectRule)rule).Fields!.Fields["input"]), new JsonObject());
        foreach (var (field, schema) in input["properties"]!.AsObject().ToArray())
        {
            if (schema!["enum"] is null)
                continue;
            input["properties"]![field] = new JsonObject { ["allOf"] = new JsonArray(new JsonObject { ["$ref"] = "#/components/schemas/" + field }) };
            schemas[field] = schema;
        }

        schemas["Input"] = input;
        schemas["Output"] = new JsonObject { ["type"] = "string", ["title"] = "Output", ["format"] = "uri" };
        return SandboxReply.Json(200, new JsonObject
        {
            ["url"] = $"https://replicate.com/{owner}/{name}", ["owner"] = owner, ["name"] = name, ["description"] = "", ["visibility"] = "public",
            ["run_count"] = 1,
            ["latest_version"] = new JsonObject
            {
                ["id"] = "hidden", ["created_at"] = "2026-10-01T00:00:00.000Z", ["cog_version"] = "0.16.0",
                ["openapi_schema"] = new JsonObject
                {
                    ["openapi"] = "3.0.2", ["info"] = new JsonObject { ["title"] = "Cog", ["version"] = "0.1.0" },
                    ["components"] = new JsonObject { ["schemas"] = schemas },
                },
            },
        });
    }

    private SandboxReply Submit(SandboxCall call)
    {
        string model = $"{call.Request.RouteValues["owner"]}/{call.Request.RouteValues["name"]}";
        return Models.TryGetValue(model, out var rule) ? Submit(call, rule, submit => Order(model, submit)) : NotFound(model);
    }

    private SandboxReply Upload(SandboxCall call)
    {
        if (call.Form?.Files.GetFile("content") is not { Length: > 0 } content)
            return Error(400, "Missing content.");
        var file = call.Account.AddFile(Guid.NewGuid().ToString("N"), content.FileName, content.ContentType, call.Now);
        file.TryFill(SandboxCall.Read(content), call.Now);
        return SandboxReply.Json(201, new JsonObject
        {
            ["id"] = file.Id, ["name"] = content.FileName, ["content_type"] = content.ContentType, ["size"] = content.Length,
            ["urls"] = new JsonObject { ["get"] = FilesOf(call) + file.Id },
        });
    }

    private static FieldRule Of(FieldList input) => Object(
        ("input", Object(input).Required), ("webhook", Prefixed("https://")), ("webhook_events_filter", List(Text())), ("stream", Flag()));

    private static JobOrder Order(string model, Submission submit)
    {
        var input = submit.Body.Object("input")!;
        var source = submit.SourceOf("input.video") ?? submit.SourceOf("input.reference_video");
        var kind = source is null ? JobKind.Generate : model == Extension ? JobKind.Extend : JobKind.Edit;
        return Submission.Order(kind, model, input.Text("prompt"), input.Text("aspect_ratio"), source) with { Input = input.DeepClone() };
    }
}
