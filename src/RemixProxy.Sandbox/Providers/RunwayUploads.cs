using System.Text.Json.Nodes;
using RemixProxy.Sandbox.Content;
using RemixProxy.Sandbox.Fields;
using RemixProxy.Sandbox.Hosting;
using RemixProxy.Sandbox.Wire;
using static RemixProxy.Sandbox.Fields.Field;

namespace RemixProxy.Sandbox.Providers;

/// <summary>Runway's ephemeral uploads: announced at the API, sent to a storage of their own, then named by <c>runway://</c>.</summary>
internal sealed class RunwayUploads(SandboxWorld world)
{
    private const string Scheme = "runway://";

    private static readonly TimeSpan UploadLife = TimeSpan.FromHours(24);

    /// <summary>What an announcement takes.</summary>
    public static FieldRule Announcement { get; } = Object(("filename", Text(255).Required), ("type", Word("ephemeral").Required));

    public SandboxReply Announce(SandboxCall call, string name)
    {
        var file = call.Account.AddFile(Guid.NewGuid().ToString("N"), name, "application/octet-stream", call.Now);
        return SandboxReply.Json(200, new JsonObject
        {
            ["uploadUrl"] = $"{world.Assets.Origin}/uploads/{Uri.EscapeDataString(call.Account.Name)}/{file.Id}",
            ["fields"] = FieldsOf(file),
            ["runwayUri"] = Scheme + file.Id,
        });
    }

    /// <summary>Takes the bytes. The storage is an S3 bucket: it knows the form's fields, not Runway's key.</summary>
    public static SandboxReply Receive(SandboxCall call)
    {
        if (call.Request.Headers.ContainsKey("Authorization"))
            return SandboxReply.Xml(400, "InvalidArgument", "Only one auth mechanism allowed.");
        if (!call.Account.Files.TryGet(call.Id, out var file) || call.Form is not { } form)
            return SandboxReply.Xml(403, "AccessDenied", "Invalid according to Policy.");
        bool isComplete = FieldsOf(file).All(field => form[field.Key] == field.Value!.GetValue<string>());
        if (!isComplete || form.Files is not [{ Name: "file", Length: > 0 } part])
            return SandboxReply.Xml(403, "AccessDenied", "Invalid according to Policy: a field or the file is missing.");
        return file.TryFill(SandboxCall.Read(part), call.Now) ? SandboxReply.Empty(204) : SandboxReply.Xml(409, "OperationAborted", "The object exists.");
    }

    /// <summary>What an address names; <see langword="null"/> if it is no upload's.</summary>
    public NativeSource? Find(SandboxCall call, string uri)
    {
        if (!uri.StartsWith(Scheme, StringComparison.Ordinal))
            return null;
        return call.Account.Files.TryGet(uri[Scheme.Length..], out var file) && file.Uploaded is { } upload && call.Now < file.Created + UploadLife
            ? new(world.Clips.Recognise(upload.Bytes))
            : NativeSource.Refused("The upload does not exist or has not been completed.");
    }

    private static JsonObject FieldsOf(SandboxFile file) => new()
    {
        ["key"] = $"ephemeral/{file.Id}/{file.FileName}",
        ["policy"] = "eyJleHBpcmF0aW9uIjoiIn0=",
        ["x-amz-algorithm"] = "AWS4-HMAC-SHA256",
        ["x-amz-signature"] = file.Id,
    };
}
