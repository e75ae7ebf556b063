using System.Globalization;
using System.Runtime.InteropServices;

namespace RemixProxy.Adapters;

/// <summary>A request in a provider's own format, without its credential.</summary>
/// <param name="Method">The HTTP method.</param>
/// <param name="Target">An absolute URL, or a path and query relative to the provider's base, without a leading slash. Each id in it is one escaped segment
/// (<see cref="Segment"/>).</param>
public sealed record NativeRequest(HttpMethod Method, string Target)
{
    /// <summary>
    /// The body. A GET or HEAD has none. Any other request without one gets an empty body, because .NET's handler may send a POST without content twice.
    /// </summary>
    public NativeBody? Body { get; init; }

    /// <summary>Headers other than the credential and the headers of the body.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>
    /// Whether the proxy adds the credential. Even where this is true, it sends the credential only to the provider's own origin, or to the origin of the
    /// destination that YARP chose in the provider's cluster.
    /// </summary>
    /// <value>true</value>
    public bool Authenticated { get; init; } = true;

    /// <summary>Escapes an id or a model name for use as one path segment or query value.</summary>
    public static string Segment(string value) => Uri.EscapeDataString(value);

    /// <summary>Escapes each segment of a path; null where one is empty or a dot segment, which would lead elsewhere.</summary>
    public static string? Segments(string path)
    {
        var segments = path.Split('/');
        return segments.Any(s => s is "" or "." or "..") ? null : string.Join('/', segments.Select(Segment));
    }
}

/// <summary>The body of a native request.</summary>
public abstract record NativeBody;

/// <summary>A JSON body.</summary>
/// <param name="Utf8">The JSON text in UTF-8, without the base64 of the files.</param>
public sealed record JsonBody(ReadOnlyMemory<byte> Utf8) : NativeBody
{
    /// <summary>The files that the proxy streams as base64 into the text, in the order of their positions.</summary>
    public IReadOnlyList<JsonMedia> Media { get; init; } = [];
}

/// <summary>A file inside a JSON body.</summary>
/// <param name="Offset">The position in <see cref="JsonBody.Utf8"/>, inside a JSON string, where the base64 is inserted.</param>
/// <param name="File">The file.</param>
public sealed record JsonMedia(int Offset, MediaFile File);

/// <summary>A <c>multipart/form-data</c> body.</summary>
/// <param name="Parts">The parts, in order.</param>
public sealed record MultipartBody(IReadOnlyList<MultipartPart> Parts) : NativeBody;

/// <summary>A part of a multipart body: a text, a file, or a text that ends with the base64 of a file.</summary>
/// <param name="Name">The field's name.</param>
/// <param name="Text">The text; null for a file.</param>
/// <param name="File">The file; null for a text. With a text, the proxy streams it as base64 behind the text.</param>
public sealed record MultipartPart(string Name, string? Text, MediaFile? File = null);

/// <summary>A body that consists of a file's bytes, unchanged.</summary>
/// <param name="File">The file.</param>
public sealed record FileBody(MediaFile File) : NativeBody;

/// <summary>A file to send, from a caller or from another provider. The proxy opens it when it sends it.</summary>
/// <param name="Name">The file name without a path.</param>
/// <param name="ContentType">The media type.</param>
/// <param name="Length">The length in bytes.</param>
/// <param name="Open">Opens a stream of the bytes.</param>
public sealed record MediaFile(string Name, string ContentType, long Length, Func<CancellationToken, ValueTask<Stream>> Open)
{
    /// <summary>Makes a file of bytes in memory.</summary>
    public static MediaFile From(string name, string contentType, ReadOnlyMemory<byte> bytes) =>
        new(name, contentType, bytes.Length, _ => new(MemoryMarshal.TryGetArray(bytes, out var array)
            ? new MemoryStream(array.Array!, array.Offset, array.Count, writable: false)
            : new MemoryStream(bytes.ToArray(), writable: false)));
}

/// <summary>
/// A provider's response. The proxy reads it whole, up to a size limit. A JSON string of more than 32 KiB that is base64, alone or in a <c>data:</c> URL, has a
/// short mark in place of the base64: an output's <c>data:</c> URL takes it like the base64 itself.
/// </summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Headers">The headers. Letter case of the names does not matter.</param>
/// <param name="Body">The bytes.</param>
public sealed record NativeResponse(int Status, IReadOnlyDictionary<string, string> Headers, ReadOnlyMemory<byte> Body)
{
    /// <summary>Whether the status is 2xx.</summary>
    public bool IsSuccess => Status is >= 200 and < 300;

    /// <summary>
    /// The wait that <c>Retry-After</c> gives in seconds. Null where the header is absent, above one day, or a date, because an adapter has no clock.
    /// </summary>
    public TimeSpan? RetryAfter => Wait("Retry-After", TimeSpan.TicksPerSecond);

    /// <summary>The wait that a header gives as a number; null where there is none or it is above one day.</summary>
    internal TimeSpan? Wait(string header, long ticksPerUnit) =>
        Headers.TryGetValue(header, out var text)
        && double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var units)
        && units >= 0 && units * ticksPerUnit <= TimeSpan.TicksPerDay
            ? TimeSpan.FromTicks((long)(units * ticksPerUnit))
            : null;
}
