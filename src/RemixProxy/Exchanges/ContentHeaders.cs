using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Http;
using RemixProxy.Contract;

namespace RemixProxy.Exchanges;

/// <summary>Chooses the responses whose bytes may go to callers, and the headers that go with them.</summary>
internal static class ContentHeaders
{
    private const string Bytes = "bytes";

    /// <summary>The range and condition headers of a caller, which go to the source of the bytes.</summary>
    public static readonly string[] OfRange = ["Range", "If-Range", "If-None-Match", "If-Modified-Since"];

    /// <summary>
    /// Copies the status and headers of a good media response. False: the response must not go to the caller as it is, because its type, its length or its
    /// range is wrong. An odd validator is left out.
    /// </summary>
    /// <param name="source">The response.</param>
    /// <param name="asked">The caller's headers that the source was sent.</param>
    /// <param name="target">The response to the caller.</param>
    public static bool TryCopy(HttpResponseMessage source, IReadOnlyList<KeyValuePair<string, string>> asked, HttpResponse target)
    {
        if (!IsAnswerTo(source, asked) || MediaType(source) is not { } mediaType) return false;
        var headers = source.Content.Headers;
        var encoding = string.Join(", ", headers.ContentEncoding);
        // A length or an encoding that can't be read leaves bytes that nobody can read.
        if ((headers.ContentLength is null && headers.NonValidated.Contains("Content-Length")) || !IsPlain(encoding)
            || (encoding.Length == 0 && headers.NonValidated.Contains("Content-Encoding"))) return false;
        if (source.StatusCode == HttpStatusCode.OK && headers.ContentLength == 0) return false;
        target.StatusCode = (int)source.StatusCode;
        target.ContentLength = headers.ContentLength;
        if (encoding.Length > 0) target.Headers.ContentEncoding = encoding;
        if (source.StatusCode == HttpStatusCode.PartialContent) target.Headers.ContentRange = headers.ContentRange!.ToString();
        if (source.Headers.AcceptRanges is { Count: 1 } units && units.Single() is Bytes or "none") target.Headers.AcceptRanges = units.Single();
        if (source.Headers.ETag is { Tag: not "*" } tag && IsPlain(tag.Tag)) target.Headers.ETag = tag.ToString();
        if (headers.LastModified is { } changed) target.Headers.LastModified = HeaderValue(changed);
        if (source.StatusCode != HttpStatusCode.NotModified) target.ContentType = mediaType;
        target.Headers.CacheControl = "private";
        target.Headers.XContentTypeOptions = "nosniff";
        return true;
    }

    /// <summary>Whether the proxy may take the response for a video's bytes.</summary>
    public static bool IsMedia(HttpResponseMessage source) =>
        source.StatusCode == HttpStatusCode.OK && MediaType(source) is not null && source.Content.Headers.ContentEncoding.All(e => e == "identity");

    /// <summary>The length that a 416 tells, as it may be shown to callers; null where it tells none.</summary>
    public static string? LengthOf(string contentRange) =>
        ContentRangeHeaderValue.TryParse(contentRange, out var range) && range is { Unit: Bytes, HasLength: true, HasRange: false } ? range.ToString() : null;

    private static bool IsAnswerTo(HttpResponseMessage source, IReadOnlyList<KeyValuePair<string, string>> asked) => source.StatusCode switch
    {
        HttpStatusCode.OK => true,
        HttpStatusCode.NotModified => asked.Any(h => h.Key is "If-None-Match" or "If-Modified-Since"),
        HttpStatusCode.PartialContent => asked.FirstOrDefault(h => h.Key == "Range").Value is { } range && RangeHeaderValue.TryParse(range, out var wanted)
            && source.Content.Headers.ContentRange is { Unit: Bytes, HasRange: true } sent && IsPartOf(sent, wanted)
            && !(source.Content.Headers.ContentLength is { } length && length != sent.To - sent.From + 1),
        _ => false,
    };

    // A source may send less than was asked for, but it must begin where it was asked to.
    private static bool IsPartOf(ContentRangeHeaderValue sent, RangeHeaderValue wanted) => wanted.Ranges.Single() switch
    {
        { From: { } from, To: var to } => sent.From == from && !(sent.To > to),
        { To: var last } => !(sent.To - sent.From + 1 > last) && (sent.Length is not { } length || sent.To == length - 1),
    };

    // An unreadable type is not the same as none.
    private static string? MediaType(HttpResponseMessage source)
    {
        if (source.StatusCode == HttpStatusCode.NotModified) return "";
        var headers = source.Content.Headers;
        var isUnreadable = headers.ContentType is null && headers.NonValidated.TryGetValues("Content-Type", out var values)
            && values.ToString().Trim().Length > 0;
        return isUnreadable ? null : MediaTypes.Served(headers.ContentType?.MediaType);
    }

    private static string HeaderValue(DateTimeOffset time) => time.ToString("r", CultureInfo.InvariantCulture);

    private static bool IsPlain(string value) => value.AsSpan().IndexOfAnyExceptInRange(' ', '~') < 0;
}
