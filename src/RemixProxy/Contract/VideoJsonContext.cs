using System.Text.Json;
using System.Text.Json.Serialization;

namespace RemixProxy.Contract;

/// <summary>How callers see our types.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(Video))]
internal sealed partial class VideoJsonContext : JsonSerializerContext;
