using System.Net;
using Microsoft.AspNetCore.Http;
using RemixProxy.Contract;

namespace RemixProxy.Exchanges;

/// <summary>Chooses the responses whose bytes may go to callers, and the headers that go with them.</summary>
internal static class ContentHeaders
{
    private static readonly string[] Copied = ["Content-Length", "Content-Range", "Content-Encoding", "Accept-Ranges", "ETag", "Last-Modified"];

    /// <summary>The range and condition headers of a caller, which go to the source of the bytes.</summary>
    public static readonly string[] OfRange = ["Range", "If-Range", "If-None-Match", "If-Modified-Since"];

    /// <summary>Copies the status and headers of a good media response. False: the response must not go to the caller as it is.</summary>
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

    /// <summary>Whether the proxy may serve the response as a video's bytes.</summary>
    public static bool IsMedia(HttpResponseMessage source) => MediaType(source) is not null;

    private static string? MediaType(HttpResponseMessage source) =>
        source.StatusCode == HttpStatusCode.NotModified ? "" : MediaTypes.Served(source.Content.Headers.ContentType?.MediaType);
}
