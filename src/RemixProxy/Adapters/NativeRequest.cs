using System.Globalization;
using System.Runtime.InteropServices;

namespace RemixProxy.Adapters;

/// <summary>A request in a provider's own format, without its credential.</summary>
/// <param name="Method">The HTTP method.</param>
/// <param name="Target">Path and query below the provider's base, without a leading slash and with each id as one escaped segment (<see cref="Segment"/>); or
/// an absolute URL.</param>
public sealed record NativeRequest(HttpMethod Method, string Target)
{
    /// <summary>The body. A POST without one is sent with an empty body, so that no handler sends it again.</summary>
    public NativeBody? Body { get; init; }

    /// <summary>Headers beside the credential and those of the body.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>Whether the credential is added; it never goes to another origin than the provider's own, whatever this says.</summary>
    public bool Authenticated { get; init; } = true;

    /// <summary>Escapes an id or a model to one path segment or query value.</summary>
    public static string Segment(string value) => Uri.EscapeDataString(value);
}

/// <summary>The body of a native request.</summary>
public abstract record NativeBody;

/// <summary>A JSON body.</summary>
/// <param name="Utf8">The text.</param>
public sealed record JsonBody(ReadOnlyMemory<byte> Utf8) : NativeBody
{
    /// <summary>The text that stands for <see cref="Media"/> in <see cref="Utf8"/>, as the whole value of the property <see cref="MediaProperty"/>.</summary>
    public const string MediaSlot = "@media";

    /// <summary>A file whose base64 is streamed in place of <see cref="MediaSlot"/>.</summary>
    public MediaFile? Media { get; init; }

    /// <summary>The property whose value is <see cref="MediaSlot"/>; no other property of that name may hold that text.</summary>
    public string MediaProperty { get; init; } = "data";

    /// <summary>What stands before the base64 in the same value, e.g. <c>data:image/png;base64,</c>; nothing that JSON escapes.</summary>
    public string MediaPrefix { get; init; } = "";
}

/// <summary>A <c>multipart/form-data</c> body.</summary>
/// <param name="Parts">The parts, in order.</param>
public sealed record MultipartBody(IReadOnlyList<MultipartPart> Parts) : NativeBody;

/// <summary>A part of a multipart body: a text or a file.</summary>
/// <param name="Name">The field's name.</param>
/// <param name="Text">Its text, or null for a file.</param>
/// <param name="File">Its file, or null for a text.</param>
public sealed record MultipartPart(string Name, string? Text, MediaFile? File = null);

/// <summary>A body that is a file as it is.</summary>
/// <param name="File">The file.</param>
public sealed record FileBody(MediaFile File) : NativeBody;

/// <summary>A file that a caller sent or that another provider holds, opened when it is sent.</summary>
/// <param name="Name">File name without a path.</param>
/// <param name="ContentType">Media type.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Open">Opens the bytes.</param>
public sealed record MediaFile(string Name, string ContentType, long Length, Func<CancellationToken, ValueTask<Stream>> Open)
{
    /// <summary>A file in memory.</summary>
    public static MediaFile From(string name, string contentType, ReadOnlyMemory<byte> bytes) =>
        new(name, contentType, bytes.Length, _ => new(MemoryMarshal.TryGetArray(bytes, out var array)
            ? new MemoryStream(array.Array!, array.Offset, array.Count, writable: false)
            : new MemoryStream(bytes.ToArray(), writable: false)));
}

/// <summary>A provider's response, read whole within a bound.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Headers">Headers, names in any case.</param>
/// <param name="Body">The bytes.</param>
public sealed record NativeResponse(int Status, IReadOnlyDictionary<string, string> Headers, ReadOnlyMemory<byte> Body)
{
    /// <summary>Whether the status is 2xx.</summary>
    public bool IsSuccess => Status is >= 200 and < 300;

    /// <summary>What <c>Retry-After</c> says in seconds, up to a day; null for a date, which can't be read without a clock.</summary>
    public TimeSpan? RetryAfter => Wait("Retry-After", TimeSpan.TicksPerSecond);

    /// <summary>A wait that a header tells as a number, up to a day.</summary>
    internal TimeSpan? Wait(string header, long ticksPerUnit) =>
        Headers.TryGetValue(header, out var text)
        && double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var units)
        && units * ticksPerUnit <= TimeSpan.TicksPerDay
            ? TimeSpan.FromTicks((long)(units * ticksPerUnit))
            : null;
}
