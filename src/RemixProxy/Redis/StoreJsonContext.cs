using System.Text.Json.Serialization;
using RemixProxy.Jobs.Submissions;

namespace RemixProxy.Redis;

/// <summary>How jobs and submissions are written for other replicas, also for replicas of the version before and after.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    IgnoreReadOnlyProperties = true,
    Converters = [typeof(VideoIdConverter)])]
[JsonSerializable(typeof(StoredJob))]
[JsonSerializable(typeof(Submission))]
internal sealed partial class StoreJsonContext : JsonSerializerContext;
