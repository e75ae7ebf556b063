using System.Text.Json.Serialization;

namespace RemixProxy.Providers.Luma;

/// <summary>What is sent to Luma Agents, and what callers say in its words.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    NumberHandling = JsonNumberHandling.AllowReadingFromString,
    Converters = [typeof(LooseBooleanConverter)])]
[JsonSerializable(typeof(LumaRequest))]
[JsonSerializable(typeof(LumaControls))]
internal sealed partial class LumaJsonContext : JsonSerializerContext;
