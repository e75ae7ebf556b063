using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace RemixProxy.Submit;

/// <summary>SHA-256 over everything in a request that shapes its result: two requests with the same one ask for the same video.</summary>
internal static class Fingerprint
{
    public static async ValueTask<string> OfAsync(VideoOperation operation, string? sourceId, RequestBody body, CancellationToken cancellationToken)
    {
        var files = new JsonObject();
        foreach (var (name, file) in body.Files)
        {
            await using var bytes = await file.Open(cancellationToken);
            files[name] = Convert.ToHexStringLower(await SHA256.HashDataAsync(bytes, cancellationToken));
        }

        var buffer = new ArrayBufferWriter<byte>();
        await using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteNumber("operation", (int)operation);
            writer.WriteString("source", sourceId);
            writer.WritePropertyName("fields");
            WriteSorted(writer, body.Fields);
            writer.WritePropertyName("files");
            WriteSorted(writer, files);
            writer.WriteEndObject();
        }

        return Convert.ToHexStringLower(SHA256.HashData(buffer.WrittenSpan));
    }

    private static void WriteSorted(Utf8JsonWriter writer, JsonNode? node)
    {
        switch (node)
        {
            case JsonObject o:
                writer.WriteStartObject();
                foreach (var (name, value) in o.OrderBy(p => p.Key, StringComparer.Ordinal))
                {
                    writer.WritePropertyName(name);
                    WriteSorted(writer, value);
                }

                writer.WriteEndObject();
                break;
            case JsonArray a:
                writer.WriteStartArray();
                foreach (var value in a) WriteSorted(writer, value);
                writer.WriteEndArray();
                break;
            case null:
                writer.WriteNullValue();
                break;
            default:
                node.WriteTo(writer);
                break;
        }
    }
}
