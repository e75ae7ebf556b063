using System.Text.Json;
using System.Text.Json.Serialization;

namespace RemixProxy.Providers.OpenAi;

/// <summary>The wire format.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(OpenAiSubmit))]
[JsonSerializable(typeof(OpenAiVideo))]
[JsonSerializable(typeof(JsonElement))]
internal sealed partial class OpenAiJsonContext : JsonSerializerContext;
