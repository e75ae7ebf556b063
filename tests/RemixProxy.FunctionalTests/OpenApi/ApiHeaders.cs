using Microsoft.OpenApi;
using RemixProxy.Cache;
using RemixProxy.Contract;
using RemixProxy.Operations;

namespace RemixProxy.FunctionalTests.OpenApi;

/// <summary>The headers of answers.</summary>
internal sealed class ApiHeaders(OpenApiDocument document)
{
    private const string RequestId = "x-request-id";
    private const string ShouldRetry = "x-should-retry";
    private const string RetryAfter = "Retry-After";

    /// <summary>What every answer has.</summary>
    public Dictionary<string, IOpenApiHeader> OfAll() => Of(
        (RequestId, Always(RequestId, "This call, in the proxy's log.", new() { Type = JsonSchemaType.String, Pattern = "^req_[0-9a-f]{32}$" })),
        ("x-ratelimit-limit-requests", Sometimes("RateLimit", "The client's requests a minute, where they have a limit.", Number("1"))),
        ("x-ratelimit-remaining-requests", Sometimes("RateLimitRemaining", "How many of them are left.", Number("0"))),
        ("x-ratelimit-reset-requests", Sometimes(
            "RateLimitReset", "When all of them are there again: `120ms`, `8.64s`, `6m0s`.",
            new() { Type = JsonSchemaType.String, Pattern = @"^([0-9]+ms|([0-9]+m)?[0-9]+(\.[0-9]+)?s)$" })));

    /// <summary>A submit that was accepted or answered.</summary>
    public Dictionary<string, IOpenApiHeader> OfSubmit()
    {
        var headers = OfAll();
        headers[CacheStatus.Header] = Always(
            "CacheStatus", "What the cache did (RFC 9211); `fwd=bypass` and `detail` tell why it did nothing.", CacheStatusSchema());
        headers[Answers.ReplayedHeader] = Replayed();
        return headers;
    }

    public Dictionary<string, IOpenApiHeader> OfRetrieve()
    {
        var headers = OfAll();
        headers[Answers.PollAfterHeader] = Always(
            "PollAfter", "Milliseconds after which the provider likes to be asked again.", new() { Type = JsonSchemaType.Integer, Minimum = "1" });
        return headers;
    }

    /// <summary>Of an error of one status.</summary>
    public Dictionary<string, IOpenApiHeader> OfError(VideoOperation operation, int status)
    {
        var headers = OfAll();
        var never = new OpenApiSchema { Type = JsonSchemaType.String, Const = "false" };
        headers[ShouldRetry] = status is 409 or 429 or >= 500
            ? Sometimes("ShouldRetry", "Present where a repeat can't mend it.", never)
            : Always("ShouldNotRetry", "A repeat can't mend it.", never);
        var wait = new OpenApiSchema { Type = JsonSchemaType.Integer, Minimum = "1", Maximum = "60" };
        if (status == 429) headers[RetryAfter] = Always("RetryAfter", "Seconds to wait; the provider's own wish where it gave one.", wait);
        if (status is 409 or 503) headers[RetryAfter] = Sometimes("RetryAfterIfKnown", "Seconds to wait, where they are known.", wait);
        if (status == 405) headers["Allow"] = Always("Allow", "The methods that the path has.", Text());
        if (status == 416) headers["Content-Range"] = Sometimes("UnsatisfiedRange", "The length in bytes: `bytes */1234`.", Text());
        if (!ApiErrors.FollowsCache(operation, status)) return headers;
        headers[CacheStatus.Header] = Sometimes("CacheStatusIfKnown", "What the cache did (RFC 9211), where it was asked.", CacheStatusSchema());
        headers[Answers.ReplayedHeader] = Replayed();
        return headers;
    }

    /// <summary>Of bytes.</summary>
    public Dictionary<string, IOpenApiHeader> OfContent(int status)
    {
        var headers = OfAll();
        headers["Cache-Control"] = Always("CacheControl", "The bytes are the caller's only.", new() { Type = JsonSchemaType.String, Const = "private" });
        headers["X-Content-Type-Options"] = Always(
            "ContentTypeOptions", "The bytes are never anything else than their type says.", new() { Type = JsonSchemaType.String, Const = "nosniff" });
        if (status != 304)
            headers["Content-Length"] = Sometimes(
                "ContentLength", "How many bytes follow, where the source says.", new() { Type = JsonSchemaType.Integer, Minimum = "0" });
        if (status == 206) headers["Content-Range"] = Always("ContentRange", "Which bytes follow: `bytes 0-9/1234`.", Text());
        headers["Accept-Ranges"] = Sometimes("AcceptRanges", "`bytes` where the source serves ranges.", Text());
        headers["Content-Encoding"] = Sometimes("ContentEncoding", "As the source has it.", Text());
        headers["ETag"] = Sometimes("ETag", "As the source has it, for `If-Range` and `If-None-Match`.", Text());
        headers["Last-Modified"] = Sometimes("LastModified", "As the source has it.", Text());
        return headers;
    }

    private OpenApiHeaderReference Replayed() =>
        Sometimes("Replayed", "This request was taken before; this is what became of it.", new() { Type = JsonSchemaType.String, Const = "true" });

    private static OpenApiSchema Number(string least) => new() { Type = JsonSchemaType.Integer, Minimum = least };

    private static OpenApiSchema Text() => new() { Type = JsonSchemaType.String };

    private static OpenApiSchema CacheStatusSchema() => new()
    {
        Type = JsonSchemaType.String,
        Pattern = """^RemixProxy(; (hit|fwd=[a-z-]+|stored|collapsed|key="[0-9a-f]+"|detail=[a-z_-]+))*$""",
        Examples = ["RemixProxy; hit; key=\"dee106ab3b70321699fa683c32727904\"; detail=semantic"],
    };

    private OpenApiHeaderReference Always(string name, string description, OpenApiSchema schema) => Add(name, description, schema, isRequired: true);

    private OpenApiHeaderReference Sometimes(string name, string description, OpenApiSchema schema) => Add(name, description, schema, isRequired: false);

    private OpenApiHeaderReference Add(string name, string description, OpenApiSchema schema, bool isRequired)
    {
        if (document.Components?.Headers?.ContainsKey(name) != true)
            document.AddComponent(name, new OpenApiHeader { Description = description, Required = isRequired, Schema = schema });
        return new(name, document);
    }

    private static Dictionary<string, IOpenApiHeader> Of(params (string Name, IOpenApiHeader Header)[] headers) =>
        headers.ToDictionary(h => h.Name, h => h.Header, StringComparer.OrdinalIgnoreCase);
}
