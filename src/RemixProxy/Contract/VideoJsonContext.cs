using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace RemixProxy.Contract;

/// <summary>How RemixProxy's types are written for callers.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(Video))]
[JsonSerializable(typeof(VideoList))]
[JsonSerializable(typeof(DeletedVideo))]
[JsonSerializable(typeof(ErrorEnvelope))]
[JsonSerializable(typeof(ModelList))]
[JsonSerializable(typeof(JsonNode))]
internal sealed partial class VideoJsonContext : JsonSerializerContext
{
    /// <summary>The options of answers. Text is not escaped for HTML, because an answer is JSON with its own content type and never part of a page.</summary>
    public static VideoJsonContext Answer { get; } =
        new(new JsonSerializerOptions { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}

/// <summary>A page of videos.</summary>
internal sealed record VideoList(IReadOnlyList<Video> Data, string? FirstId, string? LastId, bool HasMore)
{
    [JsonPropertyOrder(-1)]
    public string Object { get; } = "list";
}

/// <summary>The answer of a delete.</summary>
internal sealed record DeletedVideo(string Id)
{
    [JsonPropertyOrder(-1)]
    public string Object { get; } = "video.deleted";

    public bool Deleted { get; } = true;
}

/// <summary>The body of an error.</summary>
internal sealed record ErrorEnvelope(ErrorBody Error, ErrorOrigin ExtraFields);

/// <summary>The error itself. All four keys are always present.</summary>
internal sealed record ErrorBody(string Message, string Type, string? Param, string Code);

/// <summary>The provider that an error came from.</summary>
internal sealed record ErrorOrigin(string RequestType, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Provider);

/// <summary>The models.</summary>
internal sealed record ModelList(IReadOnlyList<ModelEntry> Data)
{
    [JsonPropertyOrder(-1)]
    public string Object { get; } = "list";
}

/// <summary>A model.</summary>
/// <param name="Id">What a request's <c>model</c> may say.</param>
/// <param name="OwnedBy">The provider's configured name.</param>
/// <param name="Capabilities">What it can do.</param>
/// <param name="Created">Unknown for all models; the key is part of the OpenAI model object.</param>
internal sealed record ModelEntry(string Id, string OwnedBy, ModelCapabilities Capabilities, long Created = 0)
{
    [JsonPropertyOrder(-1)]
    public string Object { get; } = "model";
}

/// <summary>What a model can do.</summary>
internal sealed record ModelCapabilities(
    IReadOnlyList<string> Operations, string Remix, IReadOnlyList<string> Sizes, IReadOnlyList<decimal> Seconds, IReadOnlyList<string> AspectRatios,
    InputCapabilities Inputs, string Audio);

/// <summary>Which images, videos and sounds a model takes in at least one of its operations.</summary>
internal sealed record InputCapabilities(
    bool Images, bool FirstFrame, bool LastFrame, bool ReferenceImages, bool ReferenceVideos, bool ReferenceAudio);
