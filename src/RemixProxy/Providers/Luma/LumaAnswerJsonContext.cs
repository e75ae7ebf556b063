using System.Text.Json.Serialization;

namespace RemixProxy.Providers.Luma;

/// <summary>What Luma Agents answers, read tolerantly.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, Converters = [typeof(LooseTextConverter)])]
[JsonSerializable(typeof(LumaGeneration))]
[JsonSerializable(typeof(LumaError))]
internal sealed partial class LumaAnswerJsonContext : JsonSerializerContext;
