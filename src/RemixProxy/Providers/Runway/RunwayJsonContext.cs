using System.Text.Json;
using System.Text.Json.Serialization;

namespace RemixProxy.Providers.Runway;

/// <summary>Runway's wire format.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(RunwaySubmit))]
[JsonSerializable(typeof(RunwayTask))]
[JsonSerializable(typeof(RunwayUploadRequest))]
[JsonSerializable(typeof(RunwayUpload))]
[JsonSerializable(typeof(RunwayError))]
internal sealed partial class RunwayJsonContext : JsonSerializerContext;
