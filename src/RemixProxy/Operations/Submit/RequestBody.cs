using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using RemixProxy.Adapters;
using RemixProxy.Contract;

namespace RemixProxy.Operations.Submit;

/// <summary>A submit's body, in one shape for JSON and multipart.</summary>
/// <param name="Fields">The fields. Those of a form are text; names in brackets become nested objects.</param>
/// <param name="Files">The files by field name.</param>
internal sealed record RequestBody(JsonObject Fields, IReadOnlyDictionary<string, MediaFile> Files)
{
    private const int MaxParts = 256;
    private const int MaxNesting = 8;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads the body of a request.</summary>
    /// <exception cref="ApiException">400 (broken), 413 (too large), 415 (another media type) or 503 (too many bodies held).</exception>
    public static async Task<RequestBody> ReadAsync(HttpRequest request, LimitsOptions limits, BodyBudget.Lease lease, CancellationToken cancellationToken)
    {
        RefuseEncoded(request.Headers.ContentEncoding, "identity");
        if (request.ContentLength > limits.MaxRequestBytes) throw BoundedBody.TooLarge(limits.MaxRequestBytes);
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type)) throw Unsupported();
        await using var body = new BoundedBody(request.Body, limits.MaxRequestBytes, lease);
        try
        {
            if (type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase) || type.Suffix.Equals("json", StringComparison.OrdinalIgnoreCase))
                return new(await ReadJsonAsync(body, cancellationToken), new Dictionary<string, MediaFile>(StringComparer.Ordinal));
            if (type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase)
                && HeaderUtilities.RemoveQuotes(type.Boundary) is { Length: > 0 and <= 200 } boundary)
                return await ReadFormAsync(new MultipartReader(boundary.ToString(), body), cancellationToken);
        }
        catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            throw BoundedBody.TooLarge(limits.MaxRequestBytes);
        }
        catch (Exception e) when (e is IOException or InvalidDataException or BadHttpRequestException)
        {
            // A caller that hung up did not send a broken body.
            cancellationToken.ThrowIfCancellationRequested();
            throw new ApiException(new(400, "invalid_value", "The request body is broken or incomplete."));
        }

        throw Unsupported();
    }

    // The bytes would be taken for what they encode.
    private static void RefuseEncoded(StringValues encodings, params ReadOnlySpan<string> plain)
    {
        foreach (var encoding in encodings)
        {
            if (encoding is { Length: > 0 } && !plain.Contains(encoding, StringComparer.OrdinalIgnoreCase))
                throw new ApiException(new(415, "unsupported_media_type", $"The body is encoded as '{encoding}', which is not read here. Send it as it is."));
        }
    }

    private static ApiException Unsupported() => new(new(415, "unsupported_media_type", "Send the body as application/json or multipart/form-data."));

    private static async Task<JsonObject> ReadJsonAsync(Stream body, CancellationToken cancellationToken)
    {
        var json = WithoutMark(await ReadAsync(body, cancellationToken));
        // JSON holds no NUL, and UTF-16 and UTF-32 begin with one, with one behind a character, or with a mark that holds FE and FF.
        if (json.Span is [0, ..] or [_, 0, ..] or [0xFE, 0xFF, ..] or [0xFF, 0xFE, ..])
            throw new ApiException(new(400, "invalid_json", "The request body is UTF-16 or UTF-32: send it as UTF-8."));
        try
        {
            if (JsonNode.Parse(json.Span) is JsonObject fields)
            {
                Check(fields);
                return fields;
            }
        }
        catch (Exception e) when (e is JsonException or ArgumentException or InvalidOperationException)
        {
            throw new ApiException(new(400, "invalid_json", "The request body is not valid JSON."));
        }

        throw new ApiException(new(400, "invalid_json", "The request body must be a JSON object."));
    }

    // The parser reports duplicate keys and broken surrogates only when a node is read. So every node is read here, before anything depends on it.
    private static void Check(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject o:
                foreach (var (_, child) in o) Check(child);
                break;
            case JsonArray a:
                foreach (var child in a) Check(child);
                break;
            case JsonValue value when value.GetValueKind() == JsonValueKind.String:
                _ = value.GetValue<string>();
                break;
        }
    }

    private static async Task<RequestBody> ReadFormAsync(MultipartReader reader, CancellationToken cancellationToken)
    {
        var fields = new JsonObject();
        var files = new Dictionary<string, MediaFile>(StringComparer.Ordinal);
        for (var count = 0; await reader.ReadNextSectionAsync(cancellationToken) is { } section; count++)
        {
            if (count == MaxParts) throw new ApiException(new(400, "invalid_value", $"The form has more than {MaxParts} parts."));
            if (!ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var disposition)
                || HeaderUtilities.RemoveQuotes(disposition.Name).Value is not { Length: > 0 } name)
                throw new ApiException(new(400, "invalid_value", "A part of the form has no name."));

            RefuseEncoded(section.Headers!.GetValueOrDefault("Content-Encoding"), "identity");
            RefuseEncoded(section.Headers!.GetValueOrDefault("Content-Transfer-Encoding"), "binary", "8bit", "7bit");
            var bytes = await ReadAsync(section.Body, cancellationToken);
            var fileName = HeaderUtilities.RemoveQuotes(disposition.FileNameStar.HasValue ? disposition.FileNameStar : disposition.FileName);
            if (fileName.HasValue) files[name] = MediaFile.From(Path.GetFileName(fileName.Value!), section.ContentType ?? "application/octet-stream", bytes);
            else Put(fields, name, TextOf(bytes, name));
        }

        return new(fields, files);
    }

    // A text that was read wrongly would be paid for.
    private static string TextOf(ReadOnlyMemory<byte> bytes, string name)
    {
        try
        {
            return StrictUtf8.GetString(WithoutMark(bytes).Span);
        }
        catch (DecoderFallbackException)
        {
            throw new ApiException(ApiError.Invalid(name, $"'{name}' is not UTF-8."));
        }
    }

    private static ReadOnlyMemory<byte> WithoutMark(ReadOnlyMemory<byte> utf8) =>
        utf8.Span.StartsWith(Encoding.UTF8.Preamble) ? utf8[Encoding.UTF8.Preamble.Length..] : utf8;

    // BoundedBody holds the bound.
    private static async Task<ReadOnlyMemory<byte>> ReadAsync(Stream part, CancellationToken cancellationToken) =>
        await BoundedRead.ToEndAsync(part, long.MaxValue, cancellationToken) ?? default;

    // "video[id]" is the field "id" of the object "video"; "tags[]" adds a value to the array "tags".
    private static void Put(JsonObject fields, string name, string value)
    {
        var path = name.EndsWith(']') ? name[..^1].Split('[', StringSplitOptions.None).Select(s => s.TrimEnd(']')).ToArray() : [name];
        if (path.Length > MaxNesting) throw new ApiException(ApiError.Invalid(path[0], $"'{path[0]}' is nested too deeply."));
        var target = fields;
        for (var i = 0; i < path.Length - 1; i++)
        {
            if (path[i + 1].Length == 0)
            {
                if (target[path[i]] is not JsonArray list) target[path[i]] = list = [];
                list.Add((JsonNode?)value);
                return;
            }

            if (target[path[i]] is not JsonObject inner) target[path[i]] = inner = [];
            target = inner;
        }

        target[path[^1]] = value;
    }
}
