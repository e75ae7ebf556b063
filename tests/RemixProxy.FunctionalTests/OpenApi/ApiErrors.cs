using System.Globalization;
using Microsoft.OpenApi;
using RemixProxy.Contract;

namespace RemixProxy.FunctionalTests.OpenApi;

/// <summary>Which errors an operation can end with.</summary>
internal static class ApiErrors
{
    private const VideoOperation All = (VideoOperation)2047;
    private const VideoOperation WithSource = VideoOperation.Remix | VideoOperation.Edit | VideoOperation.Extend;
    private const VideoOperation ByPathId = VideoOperation.Retrieve | VideoOperation.Delete | VideoOperation.Content | VideoOperation.Cancel;
    private const VideoOperation Upstream = VideoOperation.Submit | ByPathId;

    /// <summary>Every error there is; of <see cref="VideoOperation.None"/>: requests that are no operation.</summary>
    public static readonly IReadOnlyList<Row> Rows =
    [
        new(400, "missing_required_parameter", VideoOperation.Submit, "`param` names what is missing."),
        new(400, "invalid_value", Upstream | VideoOperation.List,
        "`param` names the field, query parameter or header at fault; also what the provider finds wrong."),
        new(400, "invalid_json", VideoOperation.Submit, "The body is no JSON object."),
        new(400, "invalid_video_id", WithSource | ByPathId | VideoOperation.List, "This can't be the id of a video."),
        new(400, "unsupported_parameter", VideoOperation.Submit, "An image, video, sound or number of videos that the model can't take; the message lists who can."),
        new(400, "unsupported_operation", Upstream | VideoOperation.Character, "The provider or the model can't do it; the message lists who can."),
        new(400, "unsupported_variant", VideoOperation.Content, "The provider has no such variant; the message lists who has."),
        new(400, "content_policy_violation", VideoOperation.Submit, "The provider's moderation refused it. Nothing was created."),
        new(401, "invalid_api_key", All,
        "Clients are configured and this is no key of theirs, or a signed URL that has expired; or the provider needs a key of the caller's own, and there is "
            + "none or it refused it."),
        new(403, "not_allowed", All, "The connection, the web page or the client may not do this."),
        new(404, "video_not_found", Upstream | VideoOperation.List, "There is no such video, or it is another caller's, or it was deleted."),
        new(404, "provider_not_found", WithSource | ByPathId, "The id's suffix names no configured provider."),
        new(404, "model_not_found", VideoOperation.Submit | VideoOperation.Models, "Nobody has this model."),
        new(404, "unsupported_operation", VideoOperation.None, "There is no such path. The message names the base URL to use."),
        new(405, "unsupported_operation", VideoOperation.None, "The path is not answered with this method, but with those in `Allow`."),
        new(409, "video_not_ready", WithSource | VideoOperation.Content, "The video is not completed yet; retrieve it until it is."),
        new(409, "video_failed", WithSource | VideoOperation.Content, "The video failed and never will have content."),
        new(409, "submission_in_progress", VideoOperation.Submit, "The same request is still being submitted. Ask again after `Retry-After`."),
        new(410, "video_expired", WithSource | VideoOperation.Retrieve | VideoOperation.Content | VideoOperation.Cancel, "The bytes are gone at the provider."),
        new(413, "request_too_large", VideoOperation.Submit | VideoOperation.Retrieve,
        "The body, or a video that is carried inside an answer or to another provider, is larger than allowed."),
        new(415, "unsupported_media_type", VideoOperation.Submit, "The body is neither JSON nor a multipart form."),
        new(416, "invalid_value", VideoOperation.Content, "The video has no bytes in this range."),
        new(422, "idempotency_key_reused", VideoOperation.Submit, "The key was used for another request."),
        new(424, "submission_unknown", VideoOperation.Submit, "It may have been billed, and is not sent again: look at the provider before you submit anew."),
        new(429, "rate_limit_exceeded", All, "Too many requests, here or at the provider. Nothing was created."),
        new(429, "insufficient_quota", VideoOperation.Submit, "The provider's account, or the client's share, is used up. Nothing was created."),
        new(500, "internal_error", All, "This proxy failed. Nothing was created."),
        new(502, "provider_error", Upstream, "The provider failed or refused. Nothing was created."),
        new(502, "provider_auth_failed", Upstream, "The provider refused this proxy's credential."),
        new(502, "provider_invalid_response", Upstream, "The provider's answer can't be used. Nothing was created."),
        new(503, "provider_unavailable", Upstream, "The provider can't be reached, or this proxy is full or stopping. Nothing was sent."),
        new(503, "store_unavailable", Upstream | VideoOperation.List, "This proxy can't reach what it remembers. Nothing was sent."),
        new(504, "provider_timeout", Upstream, "The provider did not answer in time. Nothing was created."),
    ];

    public static IEnumerable<string> Codes => Rows.Select(r => r.Code).Distinct(StringComparer.Ordinal);

    public static IEnumerable<string> Types => Rows.Select(TypeOf).Distinct(StringComparer.Ordinal);

    /// <summary>The error answers of an operation, by status; kept among the document's components, equal ones once.</summary>
    public static IEnumerable<KeyValuePair<string, IOpenApiResponse>> Of(
        VideoOperation operation, OpenApiDocument document, ApiSchemas schemas, ApiHeaders headers)
    {
        foreach (var rows in Rows.Where(r => operation == VideoOperation.None ? r.Operations == VideoOperation.None : r.Operations.HasFlag(operation)).GroupBy(
            r => r.Status))
        {
            var name = NameOf(operation, rows.Key, [.. rows]);
            if (document.Components?.Responses?.ContainsKey(name) != true) document.AddComponent(name, Response(operation, [.. rows], schemas, headers));
            yield return new(rows.Key.ToString(CultureInfo.InvariantCulture), new OpenApiResponseReference(name, document));
        }
    }

    /// <summary>Whether a header of an error says what the cache did, which may have been asked before the error.</summary>
    public static bool FollowsCache(VideoOperation operation, int status) =>
        operation != VideoOperation.None && VideoOperation.Submit.HasFlag(operation) && status != 403;

    // Named after the first operation that ends so.
    private static string NameOf(VideoOperation operation, int status, Row[] rows)
    {
        if (operation == VideoOperation.None) return Invariant($"NoSuchOperation{status}");
        if (rows.All(r => r.Operations == All) && !FollowsCache(operation, status)) return Invariant($"Error{status}");
        var first = Enum.GetValues<VideoOperation>().First(
            o =>
                o != VideoOperation.None && FollowsCache(o, status) == FollowsCache(operation, status)
                    && Rows.Where(r => r.Status == status && r.Operations.HasFlag(o)).SequenceEqual(rows));
        return Invariant($"{first}{status}");
    }

    private static OpenApiResponse Response(VideoOperation operation, Row[] rows, ApiSchemas schemas, ApiHeaders headers) => new()
    {
        Description = string.Join(' ', rows.Select(r => $"`{r.Code}`: {r.When}")),
        Headers = headers.OfError(operation, rows[0].Status),
        Content = new Dictionary<string, IOpenApiMediaType>(StringComparer.Ordinal)
        {
            ["application/json"] = new OpenApiMediaType
            {
                Schema = ApiOperations.Narrowed(schemas.Of(typeof(ErrorEnvelope)), "error", new()
                {
                    ["type"] = new OpenApiSchema { Const = TypeOf(rows[0]) },
                    ["code"] = new OpenApiSchema { Enum = ApiFields.Words(rows.Select(r => r.Code)) },
                }),
            },
        },
    };

    private static string TypeOf(Row row) => new ApiError(row.Status, row.Code, row.When).Type;

    /// <summary>An error.</summary>
    /// <param name="Status">HTTP status.</param>
    /// <param name="Code">The stable word.</param>
    /// <param name="Operations">Which can end with it.</param>
    /// <param name="When">For people.</param>
    internal sealed record Row(int Status, string Code, VideoOperation Operations, string When);
}
