using System.Text.Json.Nodes;
using RemixProxy.Sandbox.Content;
using RemixProxy.Sandbox.Hosting;
using RemixProxy.Sandbox.Jobs;
using RemixProxy.Sandbox.Wire;

namespace RemixProxy.Sandbox.Providers;

/// <summary>A customer's bucket of Google Cloud Storage, as far as videos are written into it. Reading needs the credential.</summary>
internal static class CloudBucket
{
    private const string Beginning = "gs://";

    public static void Map(SimulatorRoutes routes) => routes.Add("GET", "/storage/v1/b/{bucket}/o/{id}", Get);

    /// <summary>Where a video of a job lies.</summary>
    public static string PlaceOf(SandboxJob job, int index) => Invariant($"{job.Order.Folder!.TrimEnd('/')}/{job.Id}/sample_{index}.mp4");

    /// <summary>The clip at a place, as the vendor finds it by itself.</summary>
    public static NativeSource Find(SandboxCall call, string uri)
    {
        if (!uri.StartsWith(Beginning, StringComparison.Ordinal)) return NativeSource.Refused("Only gs:// addresses and bytes are taken.");
        return JobAt(call, uri) is { } job ? new(job.Clip) : NativeSource.Refused($"{uri} was not found, or may not be read.");
    }

    private static SandboxReply Get(SandboxCall call)
    {
        string place = $"{Beginning}{call.Request.RouteValues["bucket"]}/{call.Id}";
        if (JobAt(call, place) is not { IsContentGone: false } job) return GeminiErrors.WithStatus(404, $"No such object: {place[Beginning.Length..]}");
        return call.Request.Query["alt"] == "media"
            ? SandboxReply.Video(job)
            : SandboxReply.Json(200, new JsonObject { ["kind"] = "storage#object", ["name"] = call.Id, ["contentType"] = "video/mp4" });
    }

    private static SandboxJob? JobAt(SandboxCall call, string place) =>
        place.Split('/') is [.., var id, var name] && name.StartsWith("sample_", StringComparison.Ordinal)
        && call.Account.Jobs.TryGet(id, out var job) && job.Order.Folder is not null && job.StateAt(call.Now) == JobState.Completed
        && Enumerable.Range(0, job.Order.Count).Any(index => PlaceOf(job, index) == place)
            ? job
            : null;
}
