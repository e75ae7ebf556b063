using System.Text.Json;
using System.Text.Json.Serialization;
using RemixProxy.Contract;

namespace RemixProxy.Redis;

/// <summary>Writes an id as its unified text.</summary>
internal sealed class VideoIdConverter : JsonConverter<VideoId>
{
    public override VideoId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.GetString() is { } text && VideoId.TryParse(text, out var id) ? id.Value : throw new JsonException("Not the id of a video.");

    public override void Write(Utf8JsonWriter writer, VideoId value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}
