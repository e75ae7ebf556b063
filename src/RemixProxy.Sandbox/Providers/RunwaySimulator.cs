using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using RemixProxy.Sandbox.Content;
using RemixProxy.Sandbox.Hosting;
using RemixProxy.Sandbox.Jobs;
using RemixProxy.Sandbox.Wire;

namespace RemixProxy.Sandbox.Providers;

/// <summary>Runway's API, version 2024-11-06.</summary>
internal sealed class RunwaySimulator(SandboxWorld world) : ProviderSimulator(world)
{
    private const string ApiVersion = "2024-11-06";
    private const string DocUrl = "https://docs.dev.runwayml.com/api";
    private const string UploadScheme = "runway://";
    private const int MaxDataBytes = 5 * 1024 * 1024;
    private const long MaxSeed = uint.MaxValue;
    private const double ThrottledFrom = 0.1;

    private static readonly TimeSpan AssetLife = TimeSpan.FromHours(24);
    private static readonly string[] TargetAspects = ["16:9", "4:3", "3:2", "1:1", "2:3", "3:4", "9:16", "21:9"];
    private static readonly string[] OutputFormats = ["mp4", "prores", "png_sequence", "sdr_rec709_10bit"];
    private static readonly string[] EditModels =
        ["aleph2", "gemini_omni_flash_1.1", "gemini_omni_flash", "seedance2_5", "seedance2", "seedance2_fast", "seedance2_mini", "hailuo3"];

    private readonly SourceReader _sources = new(world);

    public override string Type => "runway";

    public override void Map(SimulatorRoutes routes)
    {
        routes.Add("POST", "/v1/text_to_video", call => Create(call, fromImage: false));
        routes.Add("POST", "/v1/image_to_video", call => Create(call, fromImage: true));
        routes.Add("POST", "/v1/video_to_video", Edit);
        routes.Add("POST", "/v1/uploads", AnnounceUpload);
        routes.Add("GET", "/v1/tasks/{id}", Poll);
        routes.Add("DELETE", "/v1/tasks/{id}", CancelOrDelete);
        routes.AddSigned("POST", "/uploads/{account}/{id}", ReceiveUpload);
    }

    public override SandboxReply? CheckCredential(HttpRequest request)
    {
        if (!HasGoodBearer(request))
            return Error(401, "The API key you provided is not valid.");
        return request.Headers["X-Runway-Version"] == ApiVersion ? null : Error(400, $"The X-Runway-Version header must be {ApiVersion}.");
    }

    public override SandboxReply Error(int status, string message) => SandboxReply.Json(status, new JsonObject { ["error"] = message, ["docUrl"] = DocUrl });

    private SandboxReply Create(SandboxCall call, bool fromImage)
    {
        if (!call.IsJson)
            return Error(400, "Expected a content type of application/json.");
        var fields = call.Fields();
        string? name = fields.Text("model", required: true);
        if (name is null || !RunwayModel.All.TryGetValue(name, out var model) || (!fromImage && !model.TakesText))
            return Invalid(name is null ? fields.Problems : [new("model", FieldFault.Value, $"Invalid discriminator value {name}.")]);
        string prompt = fields.Text("promptText", required: !fromImage, maxLength: model.MaxPrompt > 0 ? model.MaxPrompt : 32_000) ?? "";
        string? ratio = ReadRatio(fields, fromImage ? model.ImageRatios : model.TextRatios, model.IsExplicit);
        double seconds = ReadDuration(fields, model);
        ReadCommon(fields);
        if (fromImage)
            ReadPromptImage(fields, call);
        fields.Allow([.. model.ExtraFields]);
        fields.RejectUnknown();
        if (fields.Problems.Count > 0)
            return Invalid(fields.Problems);
        return Accept(call, new(JobKind.Generate, name, prompt) { Shape = ClipLibrary.ShapeOf(ratio), Seconds = seconds });
    }

    private SandboxReply Edit(SandboxCall call)
    {
        if (!call.IsJson)
            return Error(400, "Expected a content type of application/json.");
        var fields = call.Fields();
        string? model = fields.Choice("model", EditModels, required: true);
        if (model is null)
            return Invalid(fields.Problems);
        bool isSeedance = model.StartsWith("seedance", StringComparison.Ordinal) || model == "hailuo3";
        var source = ReadSource(fields, isSeedance ? "promptVideo" : "videoUri", call);
        string prompt = fields.Text("promptText", required: model != "aleph2", maxLength: model == "aleph2" ? 1000 : 32_000) ?? "";
        string? aspect = model == "aleph2" ? ReadAleph(fields) : null;
        string mode = model == "aleph2" ? "edit" : ReadMode(fields, model);
        ReadCommon(fields);
        fields.RejectUnknown();
        if (fields.Problems.Count > 0)
            return Invalid(fields.Problems);
        var shape = aspect is null ? source.Clip?.Shape ?? ClipShape.Landscape : ClipLibrary.ShapeOf(aspect);
        var kind = mode == "extend" ? JobKind.Extend : JobKind.Edit;
        return Accept(call, new(kind, model, prompt) { SourceClip = source.Clip, Shape = shape });
    }

    private SandboxReply Accept(SandboxCall call, JobOrder order)
    {
        if (Prompt.IsRefused(order.Prompt))
            return Error(400, "Input rejected by moderation: the prompt violates our content policy.");
        var job = call.Account.Submit(Guid.NewGuid().ToString(), order, call.Now);
        return SandboxReply.Json(200, new JsonObject { ["id"] = job.Id, ["estimatedCost"] = Credits(60) });
    }

    private static string? ReadRatio(BodyFields fields, IReadOnlyCollection<string> allowed, bool required)
    {
        if (allowed.Count > 0)
            return fields.Choice("ratio", allowed, required);
        string? ratio = fields.Text("ratio", required);
        if (ratio is not null && ratio.Split(':') is not [{ Length: > 0 }, { Length: > 0 }])
            fields.Report("ratio", FieldFault.Value, "Expected two numbers with a colon between.");
        return ratio;
    }

    private static double ReadDuration(BodyFields fields, RunwayModel model)
    {
        if (model.AllowsAutoDuration && fields.Any("duration") is JsonValue value && value.TryGetValue(out string? text) && text == "auto")
            return 5;
        long? seconds = fields.Integer("duration", model.Durations.Min(), model.Durations.Max(), model.IsExplicit);
        if (seconds is { } given && !model.Durations.Contains(given))
            fields.Report("duration", FieldFault.Value, $"Expected one of {string.Join(", ", model.Durations)}.");
        return seconds ?? 5;
    }

    private static void ReadCommon(BodyFields fields)
    {
        fields.Integer("seed", 0, MaxSeed);
        if (fields.Has("contentModeration") && fields.Object("contentModeration") is { } moderation)
        {
            moderation.Choice("publicFigureThreshold", ["auto", "low"]);
            moderation.RejectUnknown();
        }
    }

    private void ReadPromptImage(BodyFields fields, SandboxCall call)
    {
        var value = fields.Any("promptImage", required: true);
        if (value?.GetValueKind() == JsonValueKind.String)
        {
            CheckImage(fields, "promptImage", value.GetValue<string>(), call);
            return;
        }

        foreach (var image in fields.Objects("promptImage", maxCount: 2))
        {
            image.Choice("position", ["first", "last"], required: true);
            if (image.Text("uri", required: true) is { } uri)
                CheckImage(image, "uri", uri, call);
            image.RejectUnknown();
        }
    }

    private void CheckImage(BodyFields fields, string name, string uri, SandboxCall call)
    {
        if (Look(uri, "image/", call).Problem is { } problem)
            fields.Report(name, FieldFault.Value, problem);
    }

    private NativeSource ReadSource(BodyFields fields, string name, SandboxCall call)
    {
        if (fields.Text(name, required: true) is not { } uri)
            return new(null, null);
        var source = Look(uri, "video/", call);
        if (source.Problem is { } problem)
            fields.Report(name, FieldFault.Value, problem);
        return source;
    }

    private NativeSource Look(string uri, string mediaPrefix, SandboxCall call)
    {
        if (uri.StartsWith("data:", StringComparison.Ordinal))
            return _sources.FromDataUri(uri, mediaPrefix, MaxDataBytes);
        if (!uri.StartsWith(UploadScheme, StringComparison.Ordinal))
            return _sources.FromUrl(uri, call.Now);
        bool isThere = call.Account.Files.TryGet(uri[UploadScheme.Length..], out var file) && file.Uploaded is not null && call.Now < file.Created + AssetLife;
        return isThere ? new(World.Clips.Recognise(file!.Uploaded!.Bytes), null) : NativeSource.Refused("The upload does not exist or has not been completed.");
    }

    private static string? ReadAleph(BodyFields fields)
    {
        fields.Choice("outputFormat", OutputFormats);
        foreach (var keyframe in fields.Objects("keyframes", maxCount: 5))
        {
            if (keyframe.Has("seconds") == keyframe.Has("at"))
                keyframe.Report("", FieldFault.Value, "Expected exactly one of seconds and at.");
            keyframe.Allow("seconds", "at", "range");
            keyframe.Text("uri", required: true);
            keyframe.RejectUnknown();
        }

        string? deprecated = fields.Text("ratio");
        return fields.Choice("targetAspectRatio", TargetAspects) ?? deprecated;
    }

    private static string ReadMode(BodyFields fields, string model)
    {
        string[] modes = model is "seedance2_5" or "gemini_omni_flash_1.1" ? ["edit", "extend", "reference"] : [];
        string mode = modes.Length > 0 ? fields.Choice("mode", modes) ?? "edit" : "reference";
        bool followsSource = model == "seedance2_5" && mode != "reference";
        if (followsSource && fields.Has("ratio"))
            fields.Report("ratio", FieldFault.Value, $"Not allowed in mode {mode}.");
        if (model == "seedance2_5" && mode == "edit" && fields.Any("duration") is { } duration && duration.ToJsonString() != "\"auto\"")
            fields.Report("duration", FieldFault.Value, "Expected \"auto\" in mode edit.");
        fields.Allow("ratio", "duration", "references", "resolution", "audio");
        return mode;
    }

    private SandboxReply Poll(SandboxCall call)
    {
        if (!call.TryFindJob(out var job))
            return Error(404, "The task was not found.");
        var state = job.StateAt(call.Now);
        var answer = new JsonObject
        {
            ["id"] = job.Id,
            ["status"] = StatusWord(job, state, call.Now),
            ["createdAt"] = WireTime.Milliseconds(job.Created),
        };
        Describe(answer, job, state, call);
        return SandboxReply.Json(200, answer);
    }

    private void Describe(JsonObject answer, SandboxJob job, JobState state, SandboxCall call)
    {
        switch (state)
        {
            case JobState.Queued:
                answer["estimatedCost"] = Credits(60);
                break;
            case JobState.Running:
                answer["progress"] = Math.Round(job.ProgressAt(call.Now), 2);
                answer["estimatedCost"] = Credits(60);
                break;
            case JobState.Completed:
                answer["output"] = new JsonArray(JsonValue.Create(World.Assets.Sign(call.Account, job, "_jwt", call.Now + AssetLife)));
                answer["cost"] = Credits(60);
                break;
            case JobState.Cancelled:
                answer["cost"] = Credits(0);
                break;
            default:
                bool isModerated = state == JobState.Moderated;
                answer["failure"] = isModerated ? "Input rejected by moderation" : "An unexpected error occurred.";
                answer["failureCode"] = isModerated ? "SAFETY.INPUT.TEXT" : "INTERNAL.BAD_OUTPUT.CODE01";
                answer["cost"] = Credits(0);
                break;
        }
    }

    private static string StatusWord(SandboxJob job, JobState state, DateTimeOffset now) => state switch
    {
        JobState.Queued => job.ShareAt(now) < ThrottledFrom ? "PENDING" : "THROTTLED",
        JobState.Running => "RUNNING",
        JobState.Completed => "SUCCEEDED",
        JobState.Cancelled => "CANCELLED",
        _ => "FAILED",
    };

    private SandboxReply CancelOrDelete(SandboxCall call)
    {
        if (!call.TryFindJob(out var job))
            return Error(404, "The task was not found.");
        if (!job.TryCancel(call.Now))
            call.Account.Jobs.Remove(job.Id);
        return SandboxReply.Empty(204);
    }

    private SandboxReply AnnounceUpload(SandboxCall call)
    {
        if (!call.IsJson)
            return Error(400, "Expected a content type of application/json.");
        var fields = call.Fields();
        string? name = fields.Text("filename", required: true, maxLength: 255);
        fields.Choice("type", ["ephemeral"], required: true);
        fields.RejectUnknown();
        if (fields.Problems.Count > 0)
            return Invalid(fields.Problems);
        var file = call.Account.AddFile(Guid.NewGuid().ToString("N"), name!, "application/octet-stream", call.Now);
        return SandboxReply.Json(200, new JsonObject
        {
            ["uploadUrl"] = $"{World.Assets.Origin}/uploads/{Uri.EscapeDataString(call.Account.Name)}/{file.Id}",
            ["fields"] = FieldsOf(file),
            ["runwayUri"] = UploadScheme + file.Id,
        });
    }

    private static JsonObject FieldsOf(SandboxFile file) => new()
    {
        ["key"] = $"ephemeral/{file.Id}/{file.FileName}",
        ["policy"] = "eyJleHBpcmF0aW9uIjoiIn0=",
        ["x-amz-algorithm"] = "AWS4-HMAC-SHA256",
        ["x-amz-signature"] = file.Id,
    };

    // The storage behind runway:// is an S3 bucket: it knows the form's fields, not Runway's key.
    private SandboxReply ReceiveUpload(SandboxCall call)
    {
        if (call.Request.Headers.ContainsKey("Authorization"))
            return SandboxReply.Xml(400, "InvalidArgument", "Only one auth mechanism allowed.");
        if (!call.Account.Files.TryGet(call.Id, out var file) || call.Form is not { } form)
            return SandboxReply.Xml(403, "AccessDenied", "Invalid according to Policy.");
        bool isComplete = FieldsOf(file).All(field => form[field.Key] == field.Value!.GetValue<string>());
        if (!isComplete || form.Files is not [{ Name: "file", Length: > 0 } part])
            return SandboxReply.Xml(403, "AccessDenied", "Invalid according to Policy: a field or the file is missing.");
        using var content = part.OpenReadStream();
        byte[] bytes = new byte[part.Length];
        content.ReadExactly(bytes);
        return file.TryFill(bytes, call.Now) ? SandboxReply.Empty(204) : SandboxReply.Xml(409, "OperationAborted", "The object exists.");
    }

    private static SandboxReply Invalid(IReadOnlyList<FieldProblem> problems)
    {
        var issues = new JsonArray();
        foreach (var problem in problems)
        {
            var path = new JsonArray([.. problem.Path.Split('.', StringSplitOptions.RemoveEmptyEntries).Select(part => JsonValue.Create(part))]);
            string code = problem.Fault switch { FieldFault.Unknown => "unrecognized_keys", FieldFault.Value => "invalid_value", _ => "invalid_type" };
            issues.Add((JsonNode)new JsonObject { ["code"] = code, ["path"] = path, ["message"] = problem.Message });
        }

        return SandboxReply.Json(400, new JsonObject { ["error"] = "Validation of body failed", ["issues"] = issues, ["docUrl"] = DocUrl });
    }

    private static JsonObject Credits(int count) => new() { ["credits"] = count };
}
