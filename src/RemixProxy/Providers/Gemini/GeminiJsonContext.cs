using System.Text.Json;
using System.Text.Json.Serialization;

namespace RemixProxy.Providers.Gemini;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(InteractionRequest))]
[JsonSerializable(typeof(ContentPart[]))]
[JsonSerializable(typeof(UploadRequest))]
internal sealed partial class GeminiJsonContext : JsonSerializerContext;
