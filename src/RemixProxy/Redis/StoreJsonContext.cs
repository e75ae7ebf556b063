using System.Text.Json;
using System.Text.Json.Serialization;
using RemixProxy.Contract;
using RemixProxy.Jobs;
using RemixProxy.Jobs.Submissions;

namespace RemixProxy.Redis;

/// <summary>How jobs and submissions are written for other replicas, also those of the version before and after.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    IgnoreReadOnlyProperties = true,
    Converters = [typeof(VideoIdConverter)])]
[JsonSerializable(typeof(StoredJob))]
[JsonSerializable(typeof(Submission))]
internal sealed partial class StoreJsonContext : JsonSerializerContext;

/// <summary>A job as it is kept.</summary>
/// <param name="Job">It.</param>
/// <param name="Position">Where it stands in its caller's list: sorts by creation, then by arrival. It stays though the list forgets the job, so a cursor stays right.</param>
internal sealed record StoredJob(VideoJob Job, string Position);

/// <summary>An id as its unified text.</summary>
internal sealed class VideoIdConverter : JsonConverter<VideoId>
{
    public override VideoId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.GetString() is { } text && VideoId.TryParse(text, out var id) ? id.Value : throw new JsonException("Not the id of a video.");

    public override void Write(Utf8JsonWriter writer, VideoId value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}
