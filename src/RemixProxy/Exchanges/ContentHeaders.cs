using System.Net;
using Microsoft.AspNetCore.Http;
using RemixProxy.Contract;

namespace RemixProxy.Exchanges;

/// <summary>Which of a source's headers callers get with the bytes, and which sources they get bytes from.</summary>
internal static class ContentHeaders
{
    private static readonly string[] Copied = ["Content-Length", "Content-Range", "Content-Encoding", "Accept-Ranges", "ETag", "Last-Modified"];

    /// <summary>Headers of a caller that belong to the source of the bytes.</summary>
    public static readonly string[] OfRange = ["Range", "If-Range", "If-None-Match", "If-Modified-Since"];

    /// <summary>Takes over the status and headers of a good response with media in it; false: it must not go to the caller as it is.</summary>
    public static bool TryCopy(HttpResponseMessage source, HttpResponse target)
    {
        if (source.StatusCode is not (HttpStatusCode.OK or HttpStatusCode.PartialContent or HttpStatusCode.NotModified)) return false;
        if (MediaType(source) is not { } mediaType) return false;
        target.StatusCode = (int)source.StatusCode;
        foreach (var name in Copied)
        {
            if (source.Headers.NonValidated.TryGetValues(name, out var values) || source.Content.Headers.NonValidated.TryGetValues(name, out values))
                target.Headers[name] = values.ToString();
        }

        if (source.StatusCode != HttpStatusCode.NotModified) target.ContentType = mediaType;
        target.Headers.CacheControl = "private";
        target.Headers.XContentTypeOptions = "nosniff";
        return true;
    }

    /// <summary>Whether a response holds something that may be served as a video's bytes.</summary>
    public static bool IsMedia(HttpResponseMessage source) => MediaType(source) is not null;

    private static string? MediaType(HttpResponseMessage source) =>
        source.StatusCode == HttpStatusCode.NotModified ? "" : MediaTypes.Served(source.Content.Headers.ContentType?.MediaType);
}
