using System.Text.Json.Serialization;

namespace RemixProxy.Providers.Gemini;

/// <summary>What is sent to the Gemini API.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(GeminiRequest))]
[JsonSerializable(typeof(GeminiPart[]))]
[JsonSerializable(typeof(GeminiUploadRequest))]
internal sealed partial class GeminiJsonContext : JsonSerializerContext;
