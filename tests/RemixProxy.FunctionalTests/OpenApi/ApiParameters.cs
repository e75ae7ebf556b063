using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using RemixProxy.Contract;
using RemixProxy.Exchanges;
using RemixProxy.Operations;
using RemixProxy.Operations.Submit;

namespace RemixProxy.FunctionalTests.OpenApi;

/// <summary>What requests say in path, query and headers.</summary>
internal sealed class ApiParameters(OpenApiDocument document)
{
    private const ParameterLocation Query = ParameterLocation.Query;
    private const ParameterLocation Header = ParameterLocation.Header;

    public List<IOpenApiParameter> Of(VideoOperation operation) => operation switch
    {
        VideoOperation.Create or VideoOperation.Edit or VideoOperation.Extend => [.. Submit()],
        VideoOperation.Remix => [VideoId(), .. Submit()],
        VideoOperation.Retrieve =>
            [VideoId(), Add("include", Query, $"`base64`: a completed video's bytes in the answer, up to {RetrieveOperation.MaxInlineBytes >> 20} MiB.",
            Text(ApiFields.Words("base64"))), Raw()],
        VideoOperation.List =>
        [
            Add("limit", Query, "Videos a page. 0 and numbers above the greatest are taken to the bound.",
            new() { Type = JsonSchemaType.Integer, Minimum = "1", Maximum = Number(ListOperation.MaxLimit), Default = ListOperation.DefaultLimit }),
            Add("order", Query, "By time of creation.", new() { Type = JsonSchemaType.String, Enum = ApiFields.Words("asc", "desc"), Default = "desc" }),
            Add("after", Query, "The `last_id` of the page before.", Text()),
        ],
        VideoOperation.Delete or VideoOperation.Cancel => [VideoId()],
        VideoOperation.Content =>
        [
            VideoId(),
            Add("variant", Query, $"Which bytes. Built-in providers have {string.Join(", ", ApiFields.Variants.Select(v => $"`{v}`"))}, not each of them all.",
            new() { Type = JsonSchemaType.String, Default = "video" }),
            Add("index", Query, "Which output, counted from 0.", new() { Type = JsonSchemaType.Integer, Minimum = "0", Default = 0 }),
            Add("exp", Query, "Of a signed URL: Unix time in seconds at which it ends.", new() { Type = JsonSchemaType.Integer, Minimum = "0" }),
            Add("sig", Query, "Of a signed URL: stands for a key. It belongs to this video, `index` and `exp`, and to no `variant` but `video`.", Text()),
            .. ContentHeaders.OfRange.Select(OfRange),
        ],
        _ => [],
    };

    /// <summary>The id of a character: there are none.</summary>
    public OpenApiParameterReference CharacterId() => Add("character_id", ParameterLocation.Path, "The id of a character.", Text());

    /// <summary>The name of a model in a path.</summary>
    public OpenApiParameterReference Model() =>
        Add("model", ParameterLocation.Path, "An id of the list, whose slash may be percent-encoded, or a model's own name.",
            new() { Type = JsonSchemaType.String, MinLength = 1, Examples = ["sora-2", "runway/gen4.5"] });

    private OpenApiParameterReference VideoId() =>
        Add("video_id", ParameterLocation.Path,
        $"The id of a video, `{{native id}}:{{provider}}`, at most {RemixProxy.Contract.VideoId.MaxBytes} bytes. The suffix may be left out where one stored video has this native id.",
        new() { Type = JsonSchemaType.String, MinLength = 1, MaxLength = RemixProxy.Contract.VideoId.MaxBytes, Examples = ["task_abc123:runway"] });

    private IEnumerable<OpenApiParameterReference> Submit() =>
    [
        Add("Idempotency-Key", Header, "The same request with the same key is the same video, for 24 hours; another request is 422. Visible ASCII.",
            new() { Type = JsonSchemaType.String, MinLength = 1, MaxLength = SubmitHeaders.MaxKey, Pattern = "^[!-~]+$" }),
        Add(CacheHeaders.Mode, Header, "How far a stored video may answer this request; by default the operator's `Cache:Mode`.",
        Text(ApiFields.Words("off", "exact", "semantic"))),
        Add(CacheHeaders.Threshold, Header, "The least similarity of a hit; by default 0.95 with an embeddings endpoint, 0.85 with the built-in embedder.",
        new() { Type = JsonSchemaType.Number, Minimum = "0", Maximum = "1" }),
        Add(CacheHeaders.Ttl, Header, "Seconds for which the entry that this request stores is valid; by default one day.",
        new() { Type = JsonSchemaType.Integer, Minimum = "1", Maximum = Number(CacheHeaders.MaxTtlSeconds) }),
        Add("Cache-Control", Header,
        "`no-cache`: make a new video and store it in place of the old. `no-store`: neither look up nor store. Other directives mean nothing here.",
        new() { Type = JsonSchemaType.String, Examples = ["no-cache", "no-store"] }),
        Add("X-Stainless-Retry-Count", Header,
        "How often the SDK has sent this request before. From 1 on it repeats the caller's latest equal one of the last ten minutes.",
        new() { Type = JsonSchemaType.Integer, Minimum = "0" }),
        Raw(),
    ];

    private OpenApiParameterReference Raw() =>
        Add("x-remix-raw", Header, "`true` shows the native payloads of this call, where the operator allows it.",
            new() { Type = JsonSchemaType.String, Examples = ["true"] });

    private OpenApiParameterReference OfRange(string name) => Add(name, Header, name switch
    {
        "Range" => "One range of bytes. Of several the whole video is sent.",
        "If-Range" => "An `ETag` or a date: the range only if the bytes are still the same, else the whole.",
        "If-None-Match" => "304 if the bytes are still these.",
        "If-Modified-Since" => "304 if the bytes are no newer.",
        _ => throw new InvalidOperationException($"{name} has no description."),
    }, name == "Range" ? new() { Type = JsonSchemaType.String, Examples = ["bytes=0-1023"] } : Text());

    private OpenApiParameterReference Add(string name, ParameterLocation location, string description, OpenApiSchema schema)
    {
        if (document.Components?.Parameters?.ContainsKey(name) != true)
            document.AddComponent(
                name, new OpenApiParameter
                {
                    Name = name, In = location, Required = location == ParameterLocation.Path, Description = description,
                    Schema = schema
                });
        return new(name, document);
    }

    private static OpenApiSchema Text(IList<JsonNode>? words = null) => new() { Type = JsonSchemaType.String, Enum = words };

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
