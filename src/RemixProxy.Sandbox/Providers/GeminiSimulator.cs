using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using RemixProxy.Sandbox.Content;
using RemixProxy.Sandbox.Fields;
using RemixProxy.Sandbox.Hosting;
using RemixProxy.Sandbox.Jobs;
using RemixProxy.Sandbox.Wire;

namespace RemixProxy.Sandbox.Providers;

/// <summary>Google's Gemini API: interactions with the Omni models, and the Files API beside them.</summary>
internal sealed class GeminiSimulator(SandboxWorld world) : InteractionsSimulator(world)
{
    private static readonly string[] Versions = ["v1", "v1beta"];

    private readonly GeminiFiles _files = new(world);

    public override string Type => "gemini";

    protected override string KeyHeader => "x-goog-api-key";

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

    protected override NativeSource Look(SandboxCall call, MediaRule rule, string text) =>
        rule.Forms.HasFlag(MediaForms.Upload) ? _files.FromUri(text, call) : base.Look(call, rule, text);

    protected override SandboxReply Accepted(SandboxCall call, SandboxJob job)
    {
        GeminiFiles.AddOutput(call.Account, job);
        return SandboxReply.Json(200, job.StateAt(call.Now) == JobState.Queued ? Head(call, job) : Describe(call, job));
    }

    private SandboxReply Upload(SandboxCall call, string version)
    {
        if (GeminiFiles.HasUploadId(call))
            return _files.Receive(call, version);
        return CheckHeaders(call.Request) ?? GeminiFiles.CheckStart(call)
            ?? Checked(call, GeminiFields.Upload, submit => _files.Start(call, submit.Body.Object("file"), version));
    }

    protected override JsonObject VideoPart(SandboxCall call, SandboxJob job)
    {
        var part = new JsonObject { ["type"] = "video", ["mime_type"] = "video/mp4" };
        if (job.Order.Inline)
            part["data"] = Convert.ToBase64String(job.Clip.Bytes);
        else
            part["uri"] = $"{_files.UriOf(call.Account, GeminiFiles.OutputIdOf(job), VersionOf(call))}:download?alt=media";
        return part;
    }

    private static string VersionOf(SandboxCall call) => call.Request.Path.Value!.Split('/')[3];
}
