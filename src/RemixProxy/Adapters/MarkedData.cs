using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace RemixProxy.Adapters;

/// <summary>
/// The bytes of a request's data URLs. In the request's texts a mark stands in place of the base64, <c>data:image/png;base64,~{mark}</c>, so that nothing that
/// reads, hashes or writes a text copies a clip. The base64 is streamed when a body with a mark is sent.
/// </summary>
internal sealed class MarkedData
{
    private const int HashLength = 2 * SHA256.HashSizeInBytes;

    // No caller can write a mark, because nobody can guess its beginning. Base64 has no tilde.
    private readonly string _beginning = "~" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));
    private readonly Dictionary<string, ReadOnlyMemory<byte>> _bytes = new(StringComparer.Ordinal);

    private int MarkLength => _beginning.Length + HashLength;

    /// <summary>Whether a text begins like a data URL.</summary>
    public static bool IsUrl(ReadOnlySpan<byte> utf8) => utf8.Length > 5 && Ascii.EqualsIgnoreCase(utf8[..5], "data:"u8);

    /// <summary>Takes the bytes of a data URL, which are decoded where they stand.</summary>
    /// <param name="url">The URL in UTF-8; overwritten if it is taken.</param>
    /// <returns>The URL with a mark for its bytes; equal URLs have equal marks. Null if the text is no base64 data URL.</returns>
    public string? Take(Memory<byte> url)
    {
        var comma = url.Span.IndexOf((byte)',');
        if (!IsUrl(url.Span) || comma < 0) return null;
        var head = url.Span[..comma];
        if (head.Length < 12 || !Ascii.EqualsIgnoreCase(head[^7..], ";base64"u8) || !Ascii.IsValid(head)) return null;
        var encoded = url[(comma + 1)..];
        if (!Base64.IsValid(encoded.Span) || Base64.DecodeFromUtf8InPlace(encoded.Span, out var length) != OperationStatus.Done) return null;
        var mark = _beginning + Convert.ToHexStringLower(SHA256.HashData(encoded.Span[..length]));
        _bytes[mark] = encoded[..length];
        return string.Concat(Encoding.ASCII.GetString(url.Span[..(comma + 1)]), mark);
    }

    /// <summary>Reads a URL that has a mark.</summary>
    public bool TryRead(string url, out string mediaType, out ReadOnlyMemory<byte> bytes)
    {
        (mediaType, bytes) = ("", default);
        if (url.Length <= MarkLength || !_bytes.TryGetValue(url[^MarkLength..], out bytes)) return false;
        mediaType = DataUrl.MediaTypeOf(url);
        return true;
    }

    /// <summary>The body with the base64 in place of the marks.</summary>
    public NativeBody? Into(NativeBody? body) => _bytes.Count == 0 ? body : body switch
    {
        JsonBody json => Into(json),
        MultipartBody form => new MultipartBody([.. form.Parts.Select(Into)]),
        _ => body,
    };

    private JsonBody Into(JsonBody json)
    {
        var text = new ArrayBufferWriter<byte>(json.Utf8.Length + 1);
        var media = new List<JsonMedia>();
        var beginning = Encoding.ASCII.GetBytes(_beginning);
        var (from, removed, next) = (0, 0, 0);
        while (true)
        {
            var at = json.Utf8.Span[from..].IndexOf(beginning);
            var end = at < 0 ? json.Utf8.Length : from + at;
            for (; next < json.Media.Count && json.Media[next].Offset <= end; next++) media.Add(new(json.Media[next].Offset - removed, json.Media[next].File));
            text.Write(json.Utf8.Span[from..end]);
            if (at < 0) return new JsonBody(text.WrittenMemory) { Media = media };
            media.Add(new(end - removed, FileOf(Encoding.ASCII.GetString(json.Utf8.Span.Slice(end, MarkLength)))));
            removed += MarkLength;
            from = end + MarkLength;
        }
    }

    private MultipartPart Into(MultipartPart part)
    {
        if (part.Text?.IndexOf(_beginning, StringComparison.Ordinal) is not (>= 0 and var at)) return part;
        var mark = part.Text.Substring(at, MarkLength);
        if (at + MarkLength == part.Text.Length) return part with { Text = part.Text[..at], File = FileOf(mark) };
        // A text around a URL is as short as its template, but there is no form for a file in the middle of a text.
        return Into(part with { Text = part.Text.Replace(mark, Convert.ToBase64String(_bytes[mark].Span), StringComparison.Ordinal) });
    }

    private MediaFile FileOf(string mark) => MediaFile.From("data", "application/octet-stream", _bytes[mark]);
}
