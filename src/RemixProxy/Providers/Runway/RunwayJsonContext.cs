using System.Text.Json.Serialization;

namespace RemixProxy.Providers.Runway;

/// <summary>What is sent to Runway.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(RunwayRequest))]
[JsonSerializable(typeof(RunwayUploadRequest))]
internal sealed partial class RunwayJsonContext : JsonSerializerContext;
