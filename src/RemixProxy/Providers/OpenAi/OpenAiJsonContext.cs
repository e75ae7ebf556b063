using System.Text.Json.Serialization;

namespace RemixProxy.Providers.OpenAi;

/// <summary>What is sent to the server.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(OpenAiRequest))]
internal sealed partial class OpenAiJsonContext : JsonSerializerContext;
