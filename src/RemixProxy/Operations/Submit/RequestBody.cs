using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using RemixProxy.Adapters;
using RemixProxy.Contract;

namespace RemixProxy.Operations.Submit;

/// <summary>A submit's body, in one shape for JSON and multipart.</summary>
internal sealed class RequestBody
{
    private const int MaxParts = JsonFields.MaxFields;
    private const int MaxHeaders = 8 << 10;

    public static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly Dictionary<string, GivenField> _byMeaning = new(StringComparer.Ordinal);

    private RequestBody(IReadOnlyList<GivenField> fields, IReadOnlyList<MultipartPart>? form, MarkedData? data = null)
    {
        (Fields, Form, Data) = (fields, form, data ?? new());
        foreach (var field in fields)
        {
            var meaning = FieldNames.MeaningOf(field.Name, field.Values.Count);
            var isEmptyList = field.Values.Count == 0 && FieldNames.Media.Contains(meaning);
            if (isEmptyList || _byMeaning.TryAdd(meaning, field)) continue;
            var first = _byMeaning[meaning];
            if (field.SaysLike(first, meaning)) continue;
            throw new ApiException(ApiError.Invalid(field.Name, $"'{first.Name}' and '{field.Name}' mean the same; send one of them."));
        }
    }

    /// <summary>The fields in the caller's order. Those of a form are text. A field that is null is left out, because it counts as absent.</summary>
    public IReadOnlyList<GivenField> Fields { get; }

    /// <summary>The parts of a form; null where the body is JSON.</summary>
    public IReadOnlyList<MultipartPart>? Form { get; }

    /// <summary>The bytes of the data URLs in the fields and parts.</summary>
    public MarkedData Data { get; }

    /// <summary>The fields by our names for them (<see cref="FieldNames"/>).</summary>
    public IReadOnlyDictionary<string, GivenField> ByMeaning => _byMeaning;

    /// <summary>The field of a meaning; null where the caller gave none.</summary>
    public GivenField? Find(string meaning) => _byMeaning.GetValueOrDefault(meaning);

    /// <summary>The body that a JSON object makes.</summary>
    /// <exception cref="ApiException">400 for a field that is given twice under two names.</exception>
    public static RequestBody Of(JsonObject json, MarkedData? data = null) =>
        new([.. json.Where(f => f.Value is not null).Select(f => GivenField.Of(f.Key, f.Value!))], null, data);

    /// <summary>The body that the parts of a form make.</summary>
    /// <exception cref="ApiException">400 for a field that is given twice.</exception>
    public static RequestBody Of(IReadOnlyList<MultipartPart> form, MarkedData? data = null) => new(FormFields.Of(form), form, data);

    /// <summary>Reads the body of a request.</summary>
    /// <exception cref="ApiException">400 (broken, or too slow), 413 (too large), 415 (another media type) or 503 (too many bodies held).</exception>
    public static async Task<RequestBody> ReadAsync(
        HttpRequest request, LimitsOptions limits, BodyBudget.Lease lease, TimeProvider time, CancellationToken callerGone)
    {
        RefuseEncoded(request.Headers.ContentEncoding, "identity");
        if (request.ContentLength > limits.MaxRequestBytes) throw BoundedBody.TooLarge(limits.MaxRequestBytes);
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type)) throw Unsupported();
        await using var body = new BoundedBody(request.Body, request.ContentLength, limits.MaxRequestBytes, lease);
        using var tooLong = new CancellationTokenSource(limits.BodyTimeout, time);
        using var cut = CancellationTokenSource.CreateLinkedTokenSource(callerGone, tooLong.Token);
        var cancellationToken = cut.Token;
        var (data, cost) = (new MarkedData(), new TextCost(lease));
        try
        {
            if (type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase) || type.Suffix.Equals("json", StringComparison.OrdinalIgnoreCase))
                return Of(await ReadJsonAsync(body, data, cost, cancellationToken), data);
            if (type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase)
                && HeaderUtilities.RemoveQuotes(type.Boundary) is { Length: > 0 and <= 200 } boundary)
                return await ReadFormAsync(new(boundary.ToString(), body) { HeadersLengthLimit = MaxHeaders }, body, data, cost, cancellationToken);
        }
        catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            throw BoundedBody.TooLarge(limits.MaxRequestBytes);
        }
        catch (OperationCanceledException) when (tooLong.IsCancellationRequested && !callerGone.IsCancellationRequested)
        {
            // Not 408, after which an SDK would send the same body as slowly again.
            throw new ApiException(new(400, "invalid_value", Invariant(
                $"The request body did not arrive within {limits.BodyTimeout.TotalSeconds:0.###} seconds. Send it faster, or a URL in place of a file.")));
        }
        catch (Exception e) when (e is IOException or InvalidDataException or BadHttpRequestException)
        {
            // A caller that hung up did not send a broken body.
            callerGone.ThrowIfCancellationRequested();
            throw new ApiException(new(400, "invalid_value", "The request body is broken or incomplete, or has a part with too many headers."));
        }

        throw Unsupported();
    }

    /// <summary>400 for a text that some servers would take for a shorter one.</summary>
    public static ApiException HoldsNul(string field) =>
        new(ApiError.Invalid(FieldNames.Shown(field), $"'{FieldNames.Shown(field)}' holds a NUL character, at which many servers end a text."));

    // The bytes would be taken for what they encode.
    private static void RefuseEncoded(StringValues encodings, params ReadOnlySpan<string> plain)
    {
        foreach (var encoding in encodings)
        {
            if (encoding is { Length: > 0 } && !plain.Contains(encoding, StringComparer.OrdinalIgnoreCase))
                throw new ApiException(new(
                    415, "unsupported_media_type", $"The body is encoded as '{FieldNames.Shown(encoding)}', which is not read here. Send it as it is."));
        }
    }

    private static ApiException Unsupported() => new(new(415, "unsupported_media_type", "Send the body as application/json or multipart/form-data."));

    private static async Task<JsonObject> ReadJsonAsync(BoundedBody body, MarkedData data, TextCost cost, CancellationToken cancellationToken)
    {
        var json = WithoutMark(await body.ReadToEndAsync(body, cancellationToken));
        // JSON holds no NUL, and UTF-16 and UTF-32 begin with one, with one behind a character, or with a mark that holds FE and FF.
        if (json.Span is [0, ..] or [_, 0, ..] or [0xFE, 0xFF, ..] or [0xFF, 0xFE, ..])
            throw new ApiException(new(400, "invalid_json", "The request body is UTF-16 or UTF-32: send it as UTF-8."));
        return JsonFields.Read(json, data, cost);
    }

    private static async Task<RequestBody> ReadFormAsync(
        MultipartReader reader, BoundedBody body, MarkedData data, TextCost cost, CancellationToken cancellationToken)
    {
        var parts = new List<MultipartPart>();
        while (await reader.ReadNextSectionAsync(cancellationToken) is { } section)
        {
            if (parts.Count == MaxParts) throw new ApiException(new(400, "invalid_value", $"The form has more than {MaxParts} parts."));
            if (!ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var disposition)
                || HeaderUtilities.RemoveQuotes(disposition.Name).Value is not { Length: > 0 } name)
                throw new ApiException(new(400, "invalid_value", "A part of the form has no name."));

            if (name.Length > JsonFields.MaxName)
                throw new ApiException(new(400, "invalid_value", $"The form has a field whose name is longer than {JsonFields.MaxName} characters."));
            RefuseEncoded(section.Headers!.GetValueOrDefault("Content-Encoding"), "identity");
            RefuseEncoded(section.Headers!.GetValueOrDefault("Content-Transfer-Encoding"), "binary", "8bit", "7bit");
            var bytes = await body.ReadToEndAsync(section.Body, cancellationToken);
            var fileName = HeaderUtilities.RemoveQuotes(disposition.FileNameStar.HasValue ? disposition.FileNameStar : disposition.FileName);
            // A browser sends an empty part for a file that nobody chose.
            if (fileName is { HasValue: true, Length: 0 } && bytes.IsEmpty) continue;
            parts.Add(fileName.HasValue
                ? new(name, null, FileOf(name, Path.GetFileName(fileName.Value!), section.ContentType, bytes))
                : new(name, TextOf(name, section.ContentType, bytes, data, cost)));
        }

        return Of(parts, data);
    }

    // A clip may have a container that is not known here, or bytes that a server reads all the same. Only a text is certainly none.
    private static MediaFile FileOf(string name, string fileName, string? contentType, ReadOnlyMemory<byte> bytes)
    {
        var type = MediaTypes.Of(contentType, bytes.Span);
        var isClip = type == MediaTypes.AnyBytes && FormFields.FieldOf(name) == FieldNames.Video && !MediaTypes.IsText(bytes.Span);
        return MediaFile.From(fileName, isClip ? MediaTypes.Mp4 : type, bytes);
    }

    // A part without a filename is a text. One that says otherwise was meant as a file. A text that was read wrongly would be paid for.
    private static string TextOf(string name, string? contentType, Memory<byte> bytes, MarkedData data, TextCost cost)
    {
        var type = contentType?.Split(';')[0].Trim() ?? "";
        var isText = type.Length == 0 || type.StartsWith("text/", StringComparison.OrdinalIgnoreCase)
            || type.Equals("application/json", StringComparison.OrdinalIgnoreCase);
        var field = FieldNames.Shown(FormFields.FieldOf(name));
        if (!isText) throw new ApiException(ApiError.Invalid(field, $"The part '{field}' has the type {ShortType(type)} but no filename; a file needs one."));
        if (!FieldNames.IsText(FormFields.FieldOf(name)) && data.Take(WithoutMark(bytes)) is { } url) return url;
        cost.Add(bytes.Length);
        try
        {
            var text = StrictUtf8.GetString(WithoutMark(bytes).Span);
            return text.Contains('\0') ? throw HoldsNul(name) : text;
        }
        catch (DecoderFallbackException)
        {
            throw new ApiException(ApiError.Invalid(field, $"'{field}' is not UTF-8."));
        }
    }

    private static string ShortType(string type) =>
        type.Length <= 64 && type.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '-' or '+' or '.') ? type : "of a file";

    private static Memory<byte> WithoutMark(Memory<byte> utf8) =>
        utf8.Span.StartsWith(Encoding.UTF8.Preamble) ? utf8[Encoding.UTF8.Preamble.Length..] : utf8;
}
