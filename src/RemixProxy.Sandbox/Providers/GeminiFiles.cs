using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using RemixProxy.Sandbox.Content;
using RemixProxy.Sandbox.Fields;
using RemixProxy.Sandbox.Hosting;
using RemixProxy.Sandbox.Jobs;
using RemixProxy.Sandbox.Wire;

namespace RemixProxy.Sandbox.Providers;

/// <summary>The Files API: uploads by the resumable protocol, and the outputs of interactions. Downloads need the key.</summary>
internal sealed class GeminiFiles(SandboxWorld world)
{
    /// <summary>What the name of each file begins with.</summary>
    public const string Collection = "files/";

    private const string DownloadVerb = ":download";

    private static readonly TimeSpan FileLife = TimeSpan.FromHours(48);
    private static readonly TimeSpan ProcessingTime = TimeSpan.FromSeconds(1);

    public void Map(SimulatorRoutes routes, string version)
    {
        routes.Add("GET", $"/{version}/files", call => List(call, version));
        routes.Add("GET", $"/{version}/files/{{id}}", call => Get(call, version));
        routes.Add("DELETE", $"/{version}/files/{{id}}", Delete);
    }

    /// <summary>Whether a call of the upload path brings bytes; the one that starts an upload has no upload id.</summary>
    public static bool HasUploadId(SandboxCall call) => call.Request.Query.ContainsKey("upload_id");

    public string UriOf(SandboxAccount account, string id, string version) =>
        $"{world.ApiOrigin}/gemini/{Uri.EscapeDataString(account.Name)}/{version}/files/{id}";

    /// <summary>A job's output file: its id follows from the job's, so that every poll names the same file.</summary>
    public static string OutputIdOf(SandboxJob job) => Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(job.Id)).AsSpan(0, 6));

    public static void AddOutput(SandboxAccount account, SandboxJob job) =>
        account.Files.Add(OutputIdOf(job), new(OutputIdOf(job), "output.mp4", "video/mp4", job.Completed) { Job = job });

    /// <summary>The clip behind a files address of this account, with or without the download verb.</summary>
    public NativeSource FromUri(string uri, SandboxCall call)
    {
        string path = uri.Split('?')[0];
        int slash = path.LastIndexOf("/files/", StringComparison.Ordinal);
        string id = slash < 0 ? "" : path[(slash + "/files/".Length)..].Replace(DownloadVerb, "", StringComparison.Ordinal);
        if (!call.Account.Files.TryGet(id, out var file) || StateOf(file, call.Now) is not { } state)
            return NativeSource.Refused($"You do not have permission to access {uri} or it may not exist.");
        if (state != "ACTIVE")
            return NativeSource.Refused($"The File {id} is not in an ACTIVE state and usage is not allowed.", FieldFault.SourceNotReady);
        return new(file.Job?.Clip ?? world.Clips.Recognise(file.Uploaded!.Bytes));
    }

    /// <summary>What is wrong with the headers that announce an upload, if anything is.</summary>
    public static SandboxReply? CheckStart(SandboxCall call) =>
        call.Request.Headers["X-Goog-Upload-Protocol"] == "resumable" && call.Request.Headers["X-Goog-Upload-Command"] == "start" && call.IsJson
            ? null
            : GeminiErrors.WithStatus(400, "Expected the resumable protocol, command start and a JSON body.");

    /// <summary>Announces an upload.</summary>
    public SandboxReply Start(SandboxCall call, JsonObject? meta, string version)
    {
        string id = meta.Text("name")?[Collection.Length..] ?? Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6));
        if (call.Account.Files.TryGet(id, out _))
            return GeminiErrors.WithStatus(409, $"File {id} already exists.");
        string name = meta.Text("display_name") ?? meta.Text("displayName") ?? "";
        string mime = (string?)call.Request.Headers["X-Goog-Upload-Header-Content-Type"] ?? meta.Text("mime_type") ?? meta.Text("mimeType") ?? "video/mp4";
        var file = call.Account.AddFile(id, name, mime, call.Now);
        string url = $"{world.ApiOrigin}/gemini/{Uri.EscapeDataString(call.Account.Name)}/upload/{version}/files?upload_id={file.Id}&upload_protocol=resumable";
        return SandboxReply.Empty(200) with { Headers = [new("X-Goog-Upload-URL", url), new("X-Goog-Upload-Status", "active")] };
    }

    /// <summary>Takes the bytes, in one piece or in several. The upload URL is its own credential.</summary>
    public SandboxReply Receive(SandboxCall call, string version)
    {
        var headers = call.Request.Headers;
        string command = string.Concat(((string?)headers["X-Goog-Upload-Command"] ?? "").Split(' '));
        if (command is not ("upload" or "upload,finalize") || call.Body.Length == 0
            || !long.TryParse(headers["X-Goog-Upload-Offset"], NumberStyles.None, CultureInfo.InvariantCulture, out long offset))
            return GeminiErrors.WithStatus(400, "Expected bytes, their offset and the command upload, or upload, finalize.");
        if (!call.Account.Files.TryGet(call.Request.Query["upload_id"], out var file) || file.Uploaded is not null)
            return GeminiErrors.WithStatus(404, "No such upload, or it is finished.");
        bool isLast = command != "upload";
        if (!file.TryAppend(offset, call.Body, isLast, call.Now))
            return GeminiErrors.WithStatus(400, "The offset is not where the last bytes ended.");
        var reply = isLast
            ? SandboxReply.Json(200, new JsonObject { ["file"] = Describe(call.Account, file, "PROCESSING", version) })
            : SandboxReply.Empty(200);
        return reply with { Headers = [new("X-Goog-Upload-Status", isLast ? "final" : "active")] };
    }

    private SandboxReply List(SandboxCall call, string version)
    {
        var files = call.Account.Files.Snapshot().Where(file => StateOf(file, call.Now) is not null);
        return SandboxReply.Json(200, new JsonObject
        {
            ["files"] = new JsonArray([.. files.Select(file => Describe(call.Account, file, StateOf(file, call.Now)!, version))]),
        });
    }

    // Kestrel hands over "x:download" as one segment.
    private SandboxReply Get(SandboxCall call, string version)
    {
        bool isDownload = call.Id.EndsWith(DownloadVerb, StringComparison.Ordinal);
        string id = isDownload ? call.Id[..^DownloadVerb.Length] : call.Id;
        if (!call.Account.Files.TryGet(id, out var file) || StateOf(file, call.Now) is not { } state)
            return GeminiErrors.WithStatus(404, $"File {id} not found.");
        if (!isDownload)
            return SandboxReply.Json(200, Describe(call.Account, file, state, version));
        if (call.Request.Query["alt"] != "media")
            return GeminiErrors.WithStatus(400, "Downloads need alt=media.");
        if (state != "ACTIVE")
            return GeminiErrors.WithStatus(400, $"File {id} is not ACTIVE.");
        if (file.Job is not { } job)
            return GeminiErrors.WithStatus(400, "Only generated files can be downloaded.");
        return job.IsContentGone
            ? GeminiErrors.WithStatus(410, "The file's content is gone.")
            : SandboxReply.Video(job);
    }

    private static SandboxReply Delete(SandboxCall call) =>
        call.Account.Files.Remove(call.Id) ? SandboxReply.Json(200, new JsonObject()) : GeminiErrors.WithStatus(404, $"File {call.Id} not found.");

    /// <summary>The file's state word, or nothing if it does not exist (yet, or any more).</summary>
    private static string? StateOf(SandboxFile file, DateTimeOffset now)
    {
        if (now >= file.Created + FileLife)
            return null;
        if (file.Job is { } job)
            return job.StateAt(now) == JobState.Completed ? "ACTIVE" : null;
        return file.Uploaded is not { } upload ? null : now < upload.At + ProcessingTime ? "PROCESSING" : "ACTIVE";
    }

    private JsonObject Describe(SandboxAccount account, SandboxFile file, string state, string version)
    {
        int length = file.Job?.Clip.Bytes.Length ?? file.Uploaded!.Bytes.Length;
        return new()
        {
            ["name"] = $"files/{file.Id}",
            ["displayName"] = file.FileName,
            ["mimeType"] = file.ContentType,
            ["sizeBytes"] = length.ToString(CultureInfo.InvariantCulture),
            ["createTime"] = WireTime.Seconds(file.Created),
            ["expirationTime"] = WireTime.Seconds(file.Created + FileLife),
            ["uri"] = UriOf(account, file.Id, version),
            ["state"] = state,
        };
    }
}
