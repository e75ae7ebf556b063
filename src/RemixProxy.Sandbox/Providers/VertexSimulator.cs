using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using RemixProxy.Sandbox.Content;
using RemixProxy.Sandbox.Fields;
using RemixProxy.Sandbox.Hosting;
using RemixProxy.Sandbox.Jobs;
using RemixProxy.Sandbox.Wire;

namespace RemixProxy.Sandbox.Providers;

/// <summary>
/// The Interactions API at Google Cloud's Vertex AI, a bucket beside it, and the token endpoint. Source: Google's pages and SDK 3.3. With a key there is no
/// project in the path (express mode); with a token there is one, and the location is <c>global</c>.
/// </summary>
internal sealed class VertexSimulator(SandboxWorld world) : InteractionsSimulator(world)
{
    private const string Express = "/v1beta1/interactions";
    private const string Project = "/v1beta1/projects/{project}/locations/{location}/interactions";

    public override string Type => "vertex";

    // Stored interactions are kept so long.
    protected override TimeSpan? JobLife => TimeSpan.FromDays(7);

    public override void Map(SimulatorRoutes routes)
    {
        foreach (string path in new[] { Express, Project })
        {
            routes.Add("POST", path, call => Located(call, () => Submit(call, GeminiFields.CloudInteractions, OrderOf)));
            routes.Add("GET", path + "/{id}", call => Located(call, () => Poll(call)));
            routes.Add("DELETE", path + "/{id}", call => Located(call, () => Found(call, job => Delete(call, job))));
            routes.Add("POST", path + "/{id}/cancel", call => Located(call, () => Found(call, job => Cancel(call, job))));
        }

        CloudBucket.Map(routes);
        GoogleTokens.Map(routes, Type);
    }

    public override SandboxReply? CheckHeaders(HttpRequest request) => GoogleCloud.CheckHeaders(request);

    protected override NativeSource Look(SandboxCall call, MediaRule rule, string text) =>
        rule.Forms.HasFlag(MediaForms.Upload) ? CloudBucket.Find(call, text) : base.Look(call, rule, text);

    protected override SandboxReply Accepted(SandboxCall call, SandboxJob job) => SandboxReply.Json(200, Head(call, job));

    protected override JsonObject VideoPart(SandboxCall call, SandboxJob job)
    {
        var part = new JsonObject { ["type"] = "video", ["mime_type"] = "video/mp4" };
        if (job.Order.Folder is null)
            part["data"] = Convert.ToBase64String(job.Clip.Bytes);
        else
            part["uri"] = CloudBucket.PlaceOf(job, 0);
        return part;
    }

    private static JobOrder OrderOf(Submission submit)
    {
        var format = GeminiFields.FormatOf(submit.Body);
        return Order(submit) with { Folder = format.Text("delivery") == "uri" ? format.Text("gcs_uri") : null };
    }

    private SandboxReply Located(SandboxCall call, Func<SandboxReply> operation) => call.Request.RouteValues["location"] switch
    {
        null when GoogleCloud.HasKey(call.Request) => operation(),
        null => Error(403, "Without a project in the path only a key of express mode is taken."),
        "global" => operation(),
        var location => Error(404, $"Omni models are not served in {location}."),
    };
}
