using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace RemixProxy.Providers.Runway;

/// <summary>Reads any scalar as its text and anything else as null, so that a field of another type costs no more than itself.</summary>
internal sealed class ScalarTextConverter : JsonConverter<string?>
{
    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.String:
                return reader.GetString();
            case JsonTokenType.StartObject or JsonTokenType.StartArray:
                reader.Skip();
                return null;
            default:
                return Encoding.UTF8.GetString(reader.ValueSpan);
        }
    }

    public override void Write(Utf8JsonWriter writer, string? value, JsonSerializerOptions options) => writer.WriteStringValue(value);
}
