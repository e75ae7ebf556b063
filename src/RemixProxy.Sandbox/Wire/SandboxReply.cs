using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using RemixProxy.Sandbox.Jobs;

namespace RemixProxy.Sandbox.Wire;

/// <summary>What a simulator answers.</summary>
internal abstract record SandboxReply
{
    /// <summary>Headers beside those of the content.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    public static SandboxReply Json(int status, JsonNode body) => new Text(status, body.ToJsonString(), "application/json");

    /// <summary>An error of the asset host, in the words of an S3-like store.</summary>
    public static SandboxReply Xml(int status, string code, string message) =>
        new Text(status, $"<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>{code}</Code><Message>{message}</Message></Error>", "application/xml");

    public static SandboxReply Empty(int status) => new Text(status, "", null);

    /// <summary>Bytes with ranges, conditions and HEAD.</summary>
    public static SandboxReply File(byte[] bytes, string contentType) => new Content(bytes, contentType, null, null);

    /// <summary>A job's clip, likewise.</summary>
    public static SandboxReply Video(SandboxJob job) => new Content(job.Clip.Bytes, "video/mp4", job.Clip.ETag, job.Completed);

    public Task WriteAsync(HttpContext http)
    {
        foreach (var (name, value) in Headers)
            http.Response.Headers[name] = value;
        return WriteBodyAsync(http);
    }

    protected abstract Task WriteBodyAsync(HttpContext http);

    private sealed record Text(int Status, string Body, string? ContentType) : SandboxReply
    {
        protected override async Task WriteBodyAsync(HttpContext http)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(Body);
            http.Response.StatusCode = Status;
            if (ContentType is null)
                return;
            http.Response.ContentType = ContentType;
            http.Response.ContentLength = bytes.Length;
            if (!HttpMethods.IsHead(http.Request.Method))
                await http.Response.Body.WriteAsync(bytes, http.RequestAborted);
        }
    }

    private sealed record Content(byte[] Bytes, string ContentType, string? ETag, DateTimeOffset? LastModified) : SandboxReply
    {
        protected override Task WriteBodyAsync(HttpContext http)
        {
            var tag = ETag is null ? null : EntityTagHeaderValue.Parse(ETag);
            return TypedResults.Bytes(Bytes, ContentType, enableRangeProcessing: true, lastModified: LastModified, entityTag: tag).ExecuteAsync(http);
        }
    }
}
